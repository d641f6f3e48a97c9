import { formatDurationMs } from '../units/duration.js';
import type { Scenario } from './scenario.js';

/** How long a scenario takes by its timeline, the stack's start and the faults' coming and going aside. */
export interface ScenarioLength {
  readonly steadyAndHoldMs: number;
  /** At most: a run settles when its mail is accounted for. */
  readonly settleMs: number;
  /** Simulated time that is jumped over, and in how many steps: each takes some seconds. */
  readonly advanceMs: number;
  readonly advances: number;
}

export function lengthOf({ timeline }: Pick<Scenario, 'timeline'>): ScenarioLength {
  const length = { steadyAndHoldMs: 0, settleMs: 0, advanceMs: 0, advances: 0 };
  for (const step of timeline) {
    if ('steady' in step) length.steadyAndHoldMs += step.steady;
    else if ('hold' in step) length.steadyAndHoldMs += step.hold;
    else if ('settle' in step) length.settleMs += step.settle;
    else if ('advance' in step) {
      length.advanceMs += step.advance;
      length.advances += 1;
    }
  }
  return length;
}

/** `4 s, 7 times some seconds for the clocks, up to 1 min to settle; stands for 4 d 12 h`. */
export function lengthText({ steadyAndHoldMs, settleMs, advanceMs, advances }: ScenarioLength): string {
  const parts = [
    formatDurationMs(steadyAndHoldMs),
    ...(advances === 0
      ? []
      : [`${advances === 1 ? 'once' : `${advances} times`} some seconds for the clocks`]),
    ...(settleMs === 0 ? [] : [`up to ${formatDurationMs(settleMs)} to settle`]),
  ];
  return `${parts.join(', ')}${advances === 0 ? '' : `; stands for ${formatDurationMs(advanceMs)}`}`;
}
