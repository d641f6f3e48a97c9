import type { FaultTraits } from '../fault/kind.js';
import { describeFault } from '../fault/registry.js';
import type { FaultRecord, OutageWindow } from '../history/outages.js';
import { placeOf } from '../fault/place.js';
import { without, type Evidence, type NothingToSay } from './check.js';

/**
 * Why there is no outage to judge: the opinion of every check that needs one, or null where there is.
 * A run without a fault is skipped over only where the scenario says that it wants none.
 */
export function withoutOutage(evidence: Evidence, limit: string): NothingToSay | null {
  const { outages } = evidence.fold;
  if (outages.faults.length === 0) {
    return evidence.scenario?.baseline === true
      ? without('skipped', 'the scenario is a baseline and injects no fault', limit)
      : without('inconclusive', 'no fault was injected', limit);
  }
  if (outages.windows.length === 0) return without('inconclusive', 'no fault was ever felt', limit);
  if (!outages.windows.some(({ volume }) => isUsed(evidence, volume))) {
    return without('inconclusive', 'no mailbox lies on a volume that was broken', limit);
  }
  return null;
}

/** Whether a fault there can be felt by anyone's mail: every mailbox is behind the MX. */
export function isUsed({ fold }: Evidence, volume: string): boolean {
  return placeOf(volume).kind !== 'volume' || fold.mailboxes.volumes.has(volume);
}

/** What a recorded fault does to mail; of one that this version does not know, nothing is demanded. */
function traitsOf({ name, parameters }: FaultRecord): FaultTraits {
  const known = describeFault(name, parameters);
  return known?.traits ?? { storing: 'possible', showing: 'possible', hangs: false };
}

/** Whether mail cannot be stored where it belongs while the fault lasts; if not, some or all of it may get through. */
function stopsWrites(fault: FaultRecord): boolean {
  const { storing } = traitsOf(fault);
  return storing === 'stopped' || storing === 'astray';
}

/** It is asked for each message, and to read a fault's traits takes a schema: a window is a snapshot, and answers once. */
const answers = new WeakMap<OutageWindow, boolean>();

/** Whether nothing could be stored in at least one part of the window. */
export function windowStopsWrites(window: OutageWindow): boolean {
  let answer = answers.get(window);
  if (answer === undefined) answers.set(window, (answer = window.faults.some(stopsWrites)));
  return answer;
}
