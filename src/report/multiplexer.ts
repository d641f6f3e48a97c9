import { describeError } from '../errors/errors.js';
import type { Reporter } from './reporter.js';

/** Calls a hook of every reporter; one that breaks is named and never breaks the run. */
export async function tell(
  reporters: readonly Reporter[],
  hook: (reporter: Reporter) => void | Promise<void>,
): Promise<void> {
  for (const reporter of reporters) {
    try {
      await hook(reporter);
    } catch (error) {
      process.stderr.write(`reporter ${reporter.name} failed: ${describeError(error)}\n`);
    }
  }
}

/** The same for hooks that are called while a run goes on and cannot be waited for. */
export function tellNow(reporters: readonly Reporter[], hook: (reporter: Reporter) => void): void {
  for (const reporter of reporters) {
    try {
      hook(reporter);
    } catch (error) {
      process.stderr.write(`reporter ${reporter.name} failed: ${describeError(error)}\n`);
    }
  }
}
