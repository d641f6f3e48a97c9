import type { MxLink, Volume } from '../stack/stack.js';
import type { Toxiproxy } from '../toxiproxy/adapter.js';

/** What a fault of storage acts on: one volume's array and mount, and the Toxiproxy in front of it. */
export interface VolumeTarget {
  readonly volume: Volume;
  readonly toxiproxy: Toxiproxy;
}

/** What a fault of the link to the MX acts on. */
export interface LinkTarget {
  readonly mxLink: MxLink;
  readonly toxiproxy: Toxiproxy;
}

/**
 * How one act is done and undone. `heal` is registered before `inject` is called: it must be right after a whole
 * injection, after half of one, after none, and when called twice.
 */
export interface Undoable {
  readonly inject: () => Promise<void>;
  readonly heal: () => Promise<void>;
}
