import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { after, LONGEST_TIMER_MS } from '../../../src/units/timer.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('after', () => {
  it.each([0, 1, 1_500, LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, 3 * LONGEST_TIMER_MS + 7])(
    'calls once after %i ms, and not a millisecond before',
    (ms) => {
      const act = vi.fn();
      after(ms, act);
      // Node.js turns a longer timer into one of a millisecond: the fake clock does not, so the length is looked at.
      vi.advanceTimersByTime(Math.max(0, ms - 1));
      expect(act).toHaveBeenCalledTimes(ms === 0 ? 1 : 0);
      vi.advanceTimersByTime(1);
      expect(act).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(10 * LONGEST_TIMER_MS);
      expect(act).toHaveBeenCalledTimes(1);
    },
  );

  it('asks Node.js for no timer that it cannot hold', () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    after(30 * 86_400_000, () => undefined);
    vi.advanceTimersByTime(30 * 86_400_000);
    expect(Math.max(...timers.mock.calls.map(([, ms]) => ms ?? 0))).toBe(LONGEST_TIMER_MS);
    timers.mockRestore();
  });

  it('never calls where the time is endless', () => {
    const act = vi.fn();
    after(Infinity, act);
    vi.advanceTimersByTime(20 * LONGEST_TIMER_MS);
    expect(act).not.toHaveBeenCalled();
  });

  it.each([10, 2 * LONGEST_TIMER_MS])('can be called off, also in its last part (%i ms)', (ms) => {
    const act = vi.fn();
    const callOff = after(ms, act);
    vi.advanceTimersByTime(ms - 1);
    callOff();
    vi.advanceTimersByTime(10 * LONGEST_TIMER_MS);
    expect(act).not.toHaveBeenCalled();
  });
});
