import { describe, expect, it } from 'vitest';
import { mailboxDays, mailboxDaysCsv } from '../../../src/check/mailbox-days.js';
import { Fold } from '../../../src/history/fold.js';
import { goodHistory, TYPICAL } from '../../support/good-history.js';
import { FRIEND, GOLD, SILVER, Tale } from '../../support/tale.js';

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

  it('counts each message once, by its fate, and how long the slowest delivered one waited', () => {
    const tale = new Tale()
      .accepted('in-time', 1_000)
      .copy('in-time', 2_000)
      .accepted('slow', 1_000)
      .copy('slow', 91_000)
      .accepted('quick', 1_000)
      .copy('quick', 1_500)
      .accepted('gone', 1_000)
      .copy('gone', 99_000)
      .accepted('waiting', 1_000)
      .queued('waiting', 1_001)
      .created('refused', 1_000)
      .attempt('refused', 1_000, 'rejected')
      .copy('refused', 2_000)
      .accepted('bounced', 1_000)
      .dsn('bounced', 2_000)
      .created('untried', 1_000)
      .accepted('nobody', 1_000, { kind: 'canary', to: 'nobody@libero.test' })
      .accepted('out', 1_000, { kind: 'outbound', from: GOLD, to: FRIEND })
      .accepted('other', 1_000, { to: SILVER })
      .listed(100_000, 'after', ['in-time', 'slow', 'quick'])
      .ended(101_000);
    const fold = new Fold();
    for (const event of tale.events) fold.see(event);
    fold.close();
    const days = mailboxDays(fold);
    const none = { delivered: 0, waiting: 0, bounced: 0, lost: 0, refused: 0, unaccounted: 0, day: 1 };
    expect(days).toEqual([
      {
        ...none,
        mailbox: GOLD,
        volume: 'gold',
        sent: 7,
        delivered: 3,
        waiting: 1,
        bounced: 1,
        lost: 1,
        refused: 1,
        delayedByMs: 90_000,
      },
      { ...none, mailbox: SILVER, volume: 'silver', sent: 1, unaccounted: 1, delayedByMs: null },
    ]);
    expect(mailboxDaysCsv(days).split('\r\n').slice(1)).toEqual([
      `${GOLD},gold,1,7,3,1 min 30 s,90,1,1,1,1,0`,
      `${SILVER},silver,1,1,0,,,0,0,0,0,1`,
      '',
    ]);
  });

  it('is sorted by mailbox, their numbers as numbers, and by day', () => {
    const tale = new Tale();
    for (const [n, to] of ['u10@a.test', 'u2@a.test', 'u1@b.test', 'u2@a.test'].entries()) {
      tale.add(n, { type: 'clock.advanced', byMs: DAY });
      tale.listed(n, 'before', [], { mailbox: to }).accepted(`m${n}`, n, { to });
    }
    // Written first, tried last.
    tale.created('late', 0, { to: 'u2@a.test' }).add(9, { type: 'clock.advanced', byMs: DAY });
    tale.attempt('late', 9, 'accepted');
    const fold = new Fold();
    for (const event of tale.events) fold.see(event);
    expect(mailboxDays(fold).map(({ mailbox, day }) => `${mailbox} ${day}`)).toEqual([
      'u1@b.test 4',
      'u2@a.test 3',
      'u2@a.test 5',
      'u2@a.test 6',
      'u10@a.test 2',
    ]);
  });

  it('is a CSV with a header and one line a row', () => {
    const days = mailboxDays(fold(15_000));
    const [header, first, ...rest] = mailboxDaysCsv(days).trimEnd().split('\r\n');
    expect(header).toMatch(/^mailbox,volume,day,sent,delivered,delayed_by,delayed_by_seconds,/);
    expect(first).toMatch(/^u1@libero\.test,gold,1,\d+,\d+,1 d 12 h,\d+,0,0,0,0,0$/);
    expect(rest).toHaveLength(days.length - 1);
  });
});
