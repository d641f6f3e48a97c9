import { describe, expect, it } from 'vitest';
import { mailboxDays, mailboxDaysCsv } from '../../../src/check/mailbox-days.js';
import { Fold } from '../../../src/history/fold.js';
import { goodHistory, TYPICAL } from '../../support/good-history.js';

const DAY = 86_400_000;

/** A good history with a day and a half between two of its events, when `t` is `jumpAt`. */
function fold(jumpAt: number): Fold {
  const fold = new Fold();
  let jumped = false;
  for (const event of goodHistory(TYPICAL)) {
    if (!jumped && event.t > jumpAt) {
      jumped = true;
      const { t, wall } = event;
      fold.see({ type: 'clock.advanced', byMs: 1.5 * DAY, t, wall, sim: wall + 1.5 * DAY });
    }
    fold.see(jumped ? { ...event, sim: event.sim + 1.5 * DAY } : event);
  }
  fold.close();
  return fold;
}

describe('what happened to the mail sent to me', () => {
  it('is told for each mailbox and each simulated day, and adds up', () => {
    const days = mailboxDays(fold(15_000));
    expect(new Set(days.map(({ day }) => day))).toEqual(new Set([1, 2]));
    for (const { sent, delivered, waiting, bounced, lost, refused, unaccounted } of days) {
      expect(delivered + waiting + bounced + lost + refused + unaccounted).toBe(sent);
      expect(delivered).toBe(sent);
    }
    const gold = days.find(({ volume, day }) => volume === 'gold' && day === 1);
    expect(gold?.delayedByMs).toBeGreaterThan(1.5 * DAY);
    const after = days.find(({ volume, day }) => volume === 'gold' && day === 2);
    expect(after?.delayedByMs).toBeLessThan(DAY);
  });

  it('is a CSV with a header and one line a row', () => {
    const days = mailboxDays(fold(15_000));
    const [header, first, ...rest] = mailboxDaysCsv(days).trimEnd().split('\r\n');
    expect(header).toMatch(/^mailbox,volume,day,sent,delivered,delayed_by,delayed_by_seconds,/);
    expect(first).toMatch(/^u1@libero\.test,gold,1,\d+,\d+,1 d 12 h,\d+,0,0,0,0,0$/);
    expect(rest).toHaveLength(days.length - 1);
  });
});
