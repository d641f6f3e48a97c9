import type { FailingOperation } from '../fault/operations.js';
import type { RunningStack, StartRequest } from './stack.js';

/** What not every driver and stack can do; what all of them can needs no name. */
export type Capability =
  | 'movable-clocks'
  | 'outside-mtas'
  | 'toxiproxy-images'
  /** The array can answer this operation with an error. */
  | `failing-${FailingOperation}`;

/** Why a capability is not there, and who has it. */
export interface Lack {
  readonly why: string;
  /** What to do to have it, in the imperative. */
  readonly instead: string;
}

/** Starts stacks of one kind: in containers, or in processes of this machine. */
export interface Driver {
  readonly name: 'docker' | 'embedded';
  /** What a report calls the stack before it runs. */
  readonly stackName: string;
  readonly stackTitle: string;
  /** Null: this driver and its stack have the capability. */
  lack(capability: Capability): Lack | null;
  /** Throws an environment error where the stack cannot start; everything started is in the request's teardown. */
  start(request: StartRequest): Promise<RunningStack>;
}
