import { withDeadline } from '../../errors/deadline.js';
import { NobounceError } from '../../errors/errors.js';

/** Of one call to the engine; on a busy machine most take a tenth of a second, and an engine that is gone answers never. */
const ENGINE_TIMEOUT_MS = 30_000;

/** Waits for an answer of the engine. Throws an environment error that says what was asked for, at the latest after 30 s. */
export async function engineCall<T>(call: Promise<T>, what: string): Promise<T> {
  try {
    return await withDeadline(call, ENGINE_TIMEOUT_MS, what);
  } catch (cause) {
    throw new NobounceError('environment', `the Docker engine does not give ${what}`, { cause });
  }
}
