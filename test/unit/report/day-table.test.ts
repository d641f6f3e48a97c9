import { describe, expect, it } from 'vitest';
import type { MailboxDay } from '../../../src/check/mailbox-days.js';
import { dayTable } from '../../../src/report/day-table.js';

const HOUR = 3_600_000;
const row = (mailbox: string, day: number, more: Partial<MailboxDay> = {}): MailboxDay => ({
  mailbox,
  volume: 'gold',
  day,
  sent: 2,
  delivered: 2,
  waiting: 0,
  bounced: 0,
  lost: 0,
  refused: 0,
  unaccounted: 0,
  delayedByMs: 900,
  ...more,
});

describe('the table of mailboxes and days', () => {
  it('says nothing of a run of one day', () => {
    expect(dayTable([row('a@b.test', 1)])).toEqual([]);
    expect(dayTable([])).toEqual([]);
  });

  it('has a line a mailbox and a column a day', () => {
    const table = dayTable([
      row('a@b.test', 1, { delayedByMs: 104.5 * HOUR }),
      row('a@b.test', 2, { delivered: 1, bounced: 1, delayedByMs: 24 * HOUR }),
      row('c@b.test', 2, { delivered: 0, waiting: 2, delayedByMs: null }),
    ]);
    expect(table).toEqual([
      'mail by day: delivered/sent  day 1      day 2',
      'a@b.test (gold)              2/2 +4d8h  1/2 +1d !1',
      'c@b.test (gold)              –          0/2',
    ]);
  });

  it('ends where it would be longer than a screen', () => {
    const days = Array.from({ length: 25 }, (_, n) => row(`u${n}@b.test`, 2));
    expect(dayTable(days).at(-1)).toBe('and 5 mailboxes more in mailboxes.csv');
  });
});
