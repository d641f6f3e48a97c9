import { EXIT_CODE } from '../errors/errors.js';

/** Ctrl-C once: heal and tear down; twice: end at once. */
export function interruptible(): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      process.stderr.write('\nkilled; `nobounce clean` removes what is left\n');
      process.exit(EXIT_CODE.interrupted);
    }
    process.stderr.write('\ninterrupted: healing and tearing down (once more to kill)\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
