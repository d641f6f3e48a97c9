import { z } from 'zod';
import type { FaultTraits } from './kind.js';

/** The errno values that the array can be made to answer (errno(3)). */
const ERRNO = [
  'EIO',
  'ENOSPC',
  'EDQUOT',
  'ESTALE',
  'EROFS',
  'EACCES',
  'ENXIO',
  'ETIMEDOUT',
  'EOPNOTSUPP',
  'ENOLCK',
  'EINTR',
  'EAGAIN',
] as const;

/** The operations that can be made to fail on the array (images/array/brick-faults.c). */
const OPERATIONS = [
  'write',
  'fsync',
  'read',
  'rename',
  'open',
  'unlink',
  'truncate',
  'create',
  'link',
  'mkdir',
] as const;
export type FailingOperation = (typeof OPERATIONS)[number];

export const errno = z.enum(ERRNO);
export const operations = z.array(z.enum(OPERATIONS)).min(1);
/** Of each operation failing. */
export const probability = z.number().gt(0).max(1);

/** Without these no mail store keeps a new message. */
const STORING: ReadonlySet<FailingOperation> = new Set(['write', 'fsync', 'rename', 'open', 'create']);
/** Without these nobody sees what is there. */
const SHOWING: ReadonlySet<FailingOperation> = new Set(['read', 'open']);

/** What it does to mail that these operations fail, each with this probability. */
export function traitsOfFailing(failing: readonly FailingOperation[], chance: number): FaultTraits {
  const stops = (needed: ReadonlySet<FailingOperation>): boolean =>
    chance === 1 && failing.some((operation) => needed.has(operation));
  // Some stores give a message its name by link(2), others by rename(2).
  const touches = failing.some((operation) => STORING.has(operation) || operation === 'link');
  return {
    storing: stops(STORING) ? 'stopped' : touches ? 'partly' : 'possible',
    showing: stops(SHOWING) ? 'stopped' : 'possible',
    hangs: false,
  };
}
