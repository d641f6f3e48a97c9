import { describe, expect, it } from 'vitest';
import { Bursts } from '../../../src/history/bursts.js';
import { SimulatedTime } from '../../../src/history/simulated.js';

const HOUR = 3_600_000;
const EVERY_12_H = new Map([['inbound', 12 * HOUR] as const]);

/** A jump of twelve hours at each of these times; a burst of three behind each that writes. */
function told(jumps: readonly number[], writes: (t: number) => boolean): Bursts {
  const time = new SimulatedTime();
  const bursts = new Bursts(time);
  for (const t of jumps) {
    time.advanced({ type: 'clock.advanced', byMs: 12 * HOUR, t, wall: t, sim: t });
    if (writes(t)) for (let message = 0; message < 3; message += 1) bursts.wrote('inbound', t + 10 + message);
  }
  return bursts;
}

describe('a stream that writes at simulated times', () => {
  const jumps = [1_000, 2_000, 3_000, 4_000];

  it('is silent nowhere where each of its bursts was written', () => {
    expect(told(jumps, () => true).silence(EVERY_12_H, 0, 5_000)).toBeNull();
  });

  it.each([
    ['in the middle', 3_000, { from: 2_012, to: 4_010 }],
    ['at its beginning', 1_000, { from: 0, to: 2_010 }],
  ])('is silent %s', (_, missing, gap) => {
    expect(told(jumps, (t) => t !== missing).silence(EVERY_12_H, 0, 5_000)).toEqual(gap);
  });

  it('is silent at its end when two bursts are missing: the last one may be under way', () => {
    expect(told(jumps, (t) => t < 4_000).silence(EVERY_12_H, 0, 5_000)).toBeNull();
    expect(told(jumps, (t) => t < 3_000).silence(EVERY_12_H, 0, 5_000)).toEqual({ from: 2_012, to: 5_000 });
  });

  it('owes nothing before or behind the time that is asked for, and nothing where it writes by a rate', () => {
    const bursts = told(jumps, (t) => t === 2_000 || t === 3_000);
    expect(bursts.silence(EVERY_12_H, 1_500, 3_500)).toBeNull();
    expect(bursts.silence(new Map(), 0, 5_000)).toBeNull();
  });
});
