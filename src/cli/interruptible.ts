import { EXIT_CODE } from '../errors/errors.js';
import { complain } from './output.js';

/** What ends a run in good order: Ctrl-C, `kill`, a terminal that closes, Ctrl-\. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * The first signal: heal and tear down; the second: end at once. A terminal that closes may say so more than once, and is
 * never in a hurry.
 */
export function interruptible(): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      complain(`\ninterrupted by ${name}: healing and tearing down (once more to kill)`);
      controller.abort();
    } else if (name !== 'SIGHUP') {
      complain('\nkilled; `nobounce clean` removes what is left');
      process.exit(EXIT_CODE.interrupted);
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
