import type { NewEvent } from '../history/event.js';
import type { Plan } from '../scenario/plan.js';
import type { RunningStack } from '../stack/stack.js';

/** What every kind of traffic needs: the plan it carries out, the stack it talks to, the history it writes. */
export interface TrafficContext {
  readonly run: string;
  readonly seed: number;
  readonly plan: Plan;
  readonly stack: RunningStack;
  /** Writes to the history; synchronous, so that the order of lines is the order of what happened. */
  readonly record: (event: NewEvent) => void;
  /** Epoch milliseconds of the stack's simulated clock. */
  readonly simNowMs: () => number;
}
