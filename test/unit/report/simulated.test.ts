import { expect, it } from 'vitest';
import { daysSection } from '../../../src/report/html/days.js';
import { simulatedTime } from '../../../src/report/simulated.js';

const HOUR = 3_600_000;

it('simulated time is told to the minute from the first jump on, and not at all where clocks never moved', () => {
  expect(simulatedTime([])(90_000)).toBeNull();
  const simulatedAt = simulatedTime([
    { at: 10_000, aheadMs: 6 * HOUR },
    { at: 20_000, aheadMs: 54 * HOUR },
  ]);
  expect([9_999, 10_000, 70_000].map(simulatedAt)).toEqual(['0 min', '6 h', '2 d 6 h']);
});

it("the page has each mailbox's mail by day, and nothing of it for a run of one day", () => {
  const day = (number: number, sent: number, delivered: number) => ({
    mailbox: 'u1@libero.test',
    volume: 'gold',
    day: number,
    sent,
    delivered,
    waiting: 0,
    bounced: sent - delivered,
    lost: 0,
    refused: 0,
    unaccounted: 0,
    delayedByMs: delivered === 0 ? null : 30 * HOUR,
  });
  expect(daysSection([day(1, 2, 2)])).toBeNull();
  const page = (daysSection([day(1, 2, 2), day(3, 4, 1)])?.text ?? '').replaceAll(/\s+/g, ' ');
  for (const cell of ['u1@libero.test', '2/2 +1d6h', '–', '1/4 +1d6h !3', 'day 3'])
    expect(page).toContain(cell);
});
