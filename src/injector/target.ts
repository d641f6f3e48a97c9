import type { MxLink, Volume } from '../stack/stack.js';
import type { Undo } from '../stack/undo.js';
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

/** How one act is done and undone. */
export interface Undoable {
  readonly inject: () => Promise<void>;
  readonly undo: Undo;
  /** Where the injection goes on after it is done: ends that, before the undo. */
  readonly callOff?: () => Promise<void>;
}
