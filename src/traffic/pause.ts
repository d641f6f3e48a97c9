import { setMaxListeners } from 'node:events';
import { after } from '../units/timer.js';

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  // Each message that waits for its next attempt listens to one signal: that is no leak to warn of.
  setMaxListeners(0, signal);
  return new Promise((resolve) => {
    const done = (): void => {
      callOff();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const callOff = after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** How a condition is waited for. */
interface Patience {
  /** How often it is looked at. */
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** Waits until the condition holds, for so long at most; gives whether it does. */
export async function until(
  condition: () => boolean,
  { everyMs, timeoutMs, signal }: Patience,
): Promise<boolean> {
  const endsAtMs = performance.now() + timeoutMs;
  while (!condition() && performance.now() < endsAtMs && !signal.aborted) await pause(everyMs, signal);
  return condition();
}
