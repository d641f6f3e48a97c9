import { after } from '../units/timer.js';

/** Something was not done in time. What it was doing may still be going on. */
export class DeadlineError extends Error {
  readonly timeoutMs: number;

  constructor(what: string, timeoutMs: number) {
    super(`${what}: deadline of ${String(Math.round(timeoutMs))} ms passed`);
    this.name = 'DeadlineError';
    this.timeoutMs = timeoutMs;
  }
}

/** Settles as `work` does, or rejects with a `DeadlineError` after `timeoutMs`; the work is left to its own end. */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let callOff: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    callOff = after(timeoutMs, () => {
      reject(new DeadlineError(what, timeoutMs));
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    callOff?.();
  }
}
