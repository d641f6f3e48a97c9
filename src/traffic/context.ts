import type { NewEvent, SourceKind } from '../history/event.js';
import type { Plan } from '../scenario/plan.js';
import type { RunningStack } from '../stack/stack.js';

/** What watches a run and must say that it lives. */
export interface Source {
  /** It was heard of, and has seen so many things more. */
  readonly alive: (seen?: number) => void;
  /** It is stopped on purpose. */
  readonly ended: () => void;
}

export interface SourceStart {
  readonly kind: SourceKind;
  /** The service or volume that it watches; empty where there is only one of the kind. */
  readonly subject: string;
  /** How long it may be silent. */
  readonly deadlineMs: number;
}

/** What every kind of traffic needs: the plan it carries out, the stack it talks to, the history it writes. */
export interface TrafficContext {
  readonly run: string;
  readonly seed: number;
  readonly plan: Plan;
  readonly stack: RunningStack;
  /** Writes to the history; synchronous, so that the order of lines is the order of what happened. */
  readonly record: (event: NewEvent) => void;
  /** Begins a source; it is waited for until it ends. */
  readonly source: (start: SourceStart) => Source;
  /** Something of the harness broke that the run needs; it is over then. */
  readonly broke: (what: string, error: Error) => void;
  /** Epoch milliseconds of the stack's simulated clock. */
  readonly simNowMs: () => number;
}
