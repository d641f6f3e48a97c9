import type { FaultOf, StorageFault } from '../scenario/faults.js';
import type { Volume } from '../stack/stack.js';
import type { Feeling } from '../storage/sense.js';
import type { Toxiproxy } from '../toxiproxy/adapter.js';

/** What a fault acts on: one volume's array and mount, and the Toxiproxy in front of it. */
export interface FaultTarget {
  readonly volume: Volume;
  readonly toxiproxy: Toxiproxy;
}

/**
 * One kind of fault. `heal` is registered before `inject` is called: it must be right after a whole injection, after
 * half of one, after none, and when called twice.
 */
export interface FaultKind<N extends StorageFault['fault']> {
  readonly name: N;
  inject(fault: FaultOf<N>, target: FaultTarget): Promise<void>;
  heal(fault: FaultOf<N>, target: FaultTarget): Promise<void>;
  /** What the storage probe must see before the fault counts as felt. */
  feeling(fault: FaultOf<N>): Feeling;
}

/** A fault bound to its parameters and its target. */
export interface BoundFault {
  inject(): Promise<void>;
  heal(): Promise<void>;
  readonly feeling: Feeling;
}

/** Binds a kind to parameters that are its own by type. */
export function bind<N extends StorageFault['fault']>(
  kind: FaultKind<N>,
  fault: FaultOf<N>,
  target: FaultTarget,
): BoundFault {
  return {
    inject: () => kind.inject(fault, target),
    heal: () => kind.heal(fault, target),
    feeling: kind.feeling(fault),
  };
}
