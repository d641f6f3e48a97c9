import { z } from 'zod';
import type { FaultDescription } from './kind.js';
import { arrayCrash } from './kinds/array-crash.js';
import { bandwidth } from './kinds/bandwidth.js';
import { blackhole } from './kinds/blackhole.js';
import { diskFull } from './kinds/disk-full.js';
import { flap } from './kinds/flap.js';
import { inodesGone } from './kinds/inodes-gone.js';
import { latency } from './kinds/latency.js';
import { mountLost } from './kinds/mount-lost.js';
import { mxClosed } from './kinds/mx-closed.js';
import { quotaExceeded } from './kinds/quota-exceeded.js';
import { readOnly } from './kinds/read-only.js';
import { refuse } from './kinds/refuse.js';
import { reset } from './kinds/reset.js';
import { slowDisk } from './kinds/slow-disk.js';
import { staleHandle } from './kinds/stale-handle.js';
import { stall } from './kinds/stall.js';
import { vendorOsBug } from './kinds/vendor-os-bug.js';

/** Every kind of fault that a scenario can inject, one file each in kinds/. */
const FAULT_KINDS = [
  latency,
  bandwidth,
  stall,
  blackhole,
  refuse,
  reset,
  flap,
  readOnly,
  vendorOsBug,
  diskFull,
  inodesGone,
  quotaExceeded,
  staleHandle,
  slowDisk,
  arrayCrash,
  mountLost,
  mxClosed,
] as const;

/** A fault as a scenario writes it; its output has every unit resolved to a number. */
export const faultSchema = z.discriminatedUnion('fault', [
  FAULT_KINDS[0].schema,
  ...FAULT_KINDS.slice(1).map(({ schema }) => schema),
]);
export type Fault = z.output<typeof faultSchema>;
export type FaultName = Fault['fault'];
/** Each fault as a scenario may write it. */
export const FAULT_EXAMPLES: readonly Readonly<Record<string, unknown>>[] = FAULT_KINDS.map(
  ({ example }) => example,
);
export const FAULT_NAMES: readonly FaultName[] = FAULT_KINDS.map(({ name }) => name);

/**
 * What a fault is, by its name and its parameters with every unit resolved, from a plan or from a history. Undefined
 * where this version does not know such a fault, or not with such parameters.
 */
export function describeFault(
  name: string,
  resolved: Readonly<Record<string, unknown>>,
): FaultDescription | undefined {
  return FAULT_KINDS.find((kind) => kind.name === name)?.describe(resolved);
}

/**
 * A fault whose every unit is resolved, as a scenario writes it; what this version does not know stays as it is, and a
 * scenario that names it is refused by name.
 */
export function writeFault(resolved: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const known = FAULT_KINDS.find(({ name }) => name === resolved['fault']);
  return { ...resolved, ...known?.write(resolved) };
}

/** What a mail stack goes through: "a full disk"; a name that is not known here, in plain words. */
export function titleOfFault(name: string): string {
  return FAULT_KINDS.find((kind) => kind.name === name)?.title ?? name.replaceAll('-', ' ');
}
