import type { Plan } from '../scenario/plan.js';
import type { RunningStack, StartRequest } from '../stack/stack.js';

/** Starts stacks of one kind: in containers, or in processes of this machine. */
export interface Driver {
  readonly name: 'docker' | 'embedded';
  /** What a report calls the stack before it runs. */
  readonly stackName: string;
  readonly stackTitle: string;
  /**
   * Refuses, before anything starts, what this driver or stack cannot do: throws an environment error (exit 4) that
   * names the fault and the driver.
   */
  require(plan: Plan): void;
  /** Throws an environment error where the stack cannot start; everything started is in the request's teardown. */
  start(request: StartRequest): Promise<RunningStack>;
}
