import type { Judgement } from '../check/judgement.js';
import { formatMinutesMs } from '../units/duration.js';

/** The simulated time since the run began, to the minute, at a time of the run; null where the clocks never moved. */
export type SimulatedAt = (atMs: number) => string | null;

/** How a run's simulated time is told beside the real one. */
export function simulatedTime(jumps: Judgement['timings']['jumps']): SimulatedAt {
  return (atMs) => {
    if (jumps.length === 0) return null;
    const aheadMs = jumps.findLast(({ at }) => at <= atMs)?.aheadMs ?? 0;
    return formatMinutesMs(atMs + aheadMs);
  };
}
