import { z } from 'zod';
import { bytesPerSecond, durationMs, name } from './fields.js';

/** The errno values that the array can be made to answer (DESIGN facts; errno(3)). */
const ERRNO = ['EIO', 'ENOSPC', 'EDQUOT', 'ESTALE', 'EROFS', 'EACCES', 'ENXIO', 'ETIMEDOUT'] as const;
/** The operations that can be made to fail on the array; `create` and `link` cannot (libfiu's POSIX preload). */
const OPERATIONS = ['write', 'fsync', 'read', 'rename', 'open', 'unlink', 'truncate'] as const;

const operations = z.array(z.enum(OPERATIONS)).min(1);
const probability = z.number().gt(0).max(1);
/** Which volumes: one, several, or `all`. */
const volume = z.union([name, z.array(name).min(1)]);

function fault<const N extends string, S extends z.ZodRawShape>(faultName: N, parameters: S) {
  return z.strictObject({ fault: z.literal(faultName), volume, ...parameters });
}

/** Stands where a volume's name stands, for the link between correspondents with MTAs of their own and the MX. */
export const MX_LINK = 'mx';

/**
 * Every fault a scenario can inject, with its parameters. What each one does to the storage, and what
 * the storage probe must feel, is in src/fault, one file each.
 */
const FAULT_SCHEMAS = [
  fault('latency', { latency: durationMs, jitter: durationMs.default(0) }),
  fault('bandwidth', { rate: bytesPerSecond }),
  fault('stall', {}),
  fault('blackhole', {}),
  fault('refuse', {}),
  fault('reset', {}),
  fault('flap', { down: durationMs.default(1_000), up: durationMs.default(4_000) }),
  fault('read-only', {}),
  fault('vendor-os-bug', {
    errno: z.enum(ERRNO).default('EIO'),
    operations: operations.default(['write', 'fsync']),
    probability: probability.default(1),
  }),
  fault('disk-full', { probability: probability.default(1) }),
  fault('quota-exceeded', { probability: probability.default(1) }),
  fault('stale-handle', {
    operations: operations.default(['rename', 'write']),
    probability: probability.default(1),
  }),
  fault('slow-disk', { delay: durationMs.default(500), share: probability.default(1) }),
  fault('array-crash', {}),
  fault('mount-lost', {}),
  /** No volume's: nobody outside can reach the MX. `4xx`: it answers, and takes no mail (421 4.3.2). */
  z.strictObject({ fault: z.literal('mx-closed'), answer: z.enum(['refuse', '4xx']).default('refuse') }),
] as const;

export const faultSchema = z.discriminatedUnion('fault', FAULT_SCHEMAS);
export type Fault = z.output<typeof faultSchema>;
export type FaultName = Fault['fault'];
export const FAULT_NAMES: readonly FaultName[] = FAULT_SCHEMAS.map((schema) => schema.shape.fault.value);
/** A fault of a volume's storage. */
export type StorageFault = Extract<Fault, { volume: unknown }>;
/** The parameters of one fault by its name. */
export type FaultOf<N extends FaultName> = Extract<Fault, { fault: N }>;

/** Under these some mail gets through, or goes where it should not. */
const LETS_MAIL_THROUGH: ReadonlySet<FaultName> = new Set([
  'latency',
  'bandwidth',
  'slow-disk',
  'flap',
  'mount-lost',
]);

/** Whether nothing can be delivered to a volume while the fault lasts. */
export function stopsMail(fault: Fault): boolean {
  if (LETS_MAIL_THROUGH.has(fault.fault)) return false;
  return !('probability' in fault) || fault.probability === 1;
}
