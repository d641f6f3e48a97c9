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
