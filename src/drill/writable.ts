import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { NobounceError } from '../errors/errors.js';
import { shortageError } from '../errors/shortage.js';

/** The folder itself, or the nearest above it that is there. */
function nearestExisting(dir: string): string {
  return existsSync(dir) || dirname(dir) === dir ? dir : nearestExisting(dirname(dir));
}

/**
 * Sees that files can be made in a folder, or in the one that it will be made in, so that nothing is started whose
 * report would be lost.
 * @throws NobounceError `usage`, with what stands in the way; `harness` where the disk is full.
 */
export function requireWritable(dir: string): void {
  const trial = join(nearestExisting(resolve(dir)), `.nobounce-${randomUUID()}`);
  try {
    closeSync(openSync(trial, 'wx'));
    rmSync(trial);
  } catch (error) {
    throw (
      shortageError(`reports in ${dir}`, error) ??
      new NobounceError('usage', `nothing can be written to ${dir}`, {
        cause: error,
        advice: 'name another folder with --report-dir, or give this user the right to write there',
      })
    );
  }
}
