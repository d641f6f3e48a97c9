import type { FaultRecord, OutageWindow } from '../history/outages.js';
import { MX_LINK } from '../scenario/faults.js';
import { without, type Evidence, type Opinion } from './check.js';

/**
 * Why there is no outage to judge: the opinion of every check that needs one, or null where there is.
 * A run without a fault is skipped over only where the scenario says that it wants none.
 */
export function withoutOutage(evidence: Evidence, limit: string): Opinion | null {
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
  return volume === MX_LINK || fold.mailboxes.volumes.has(volume);
}

/** Faults under which the storage still writes, only later: mail need not wait in a queue. */
const SLOWING: ReadonlySet<string> = new Set(['latency', 'bandwidth', 'slow-disk']);
/** Operations without which nothing can be stored. */
const STORING: ReadonlySet<unknown> = new Set(['write', 'fsync', 'rename', 'open']);

/** Whether mail cannot be stored while the fault lasts; if not, some or all of it may get through. */
export function stopsWrites({ name, parameters }: FaultRecord): boolean {
  if (SLOWING.has(name) || name === 'flap') return false;
  const { probability, operations } = parameters;
  if (Number(probability) < 1) return false;
  return !Array.isArray(operations) || operations.some((operation) => STORING.has(operation));
}

/** Faults under which operations hang: on a hard mount until the heal, so that no failure can be given as a reason. */
const HANGING: ReadonlySet<string> = new Set(['stall', 'blackhole']);

/** Whether operations failed in at least one part of the window, so that mail waits with a reason. */
export function windowGivesReasons(window: OutageWindow): boolean {
  return window.faults.some((fault) => stopsWrites(fault) && !HANGING.has(fault.name));
}

/** Whether nothing could be stored in at least one part of the window. */
export function windowStopsWrites(window: OutageWindow): boolean {
  return window.faults.some(stopsWrites);
}
