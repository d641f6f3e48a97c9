import { withDeadline } from '../errors/deadline.js';
import { describeError } from '../errors/errors.js';

interface Undo {
  readonly name: string;
  readonly timeoutMs: number;
  readonly run: () => Promise<void>;
}

/**
 * What must be undone, whatever happens. An undo is registered before the act it undoes; `close` runs all of them,
 * newest first, each with its own deadline, and goes on when one fails.
 */
export class Scope {
  readonly #undos: Undo[] = [];
  #closing: Promise<readonly string[]> | undefined;

  add(name: string, timeoutMs: number, run: () => Promise<void>): void {
    this.#undos.push({ name, timeoutMs, run });
  }

  /** Undoes everything once; gives what failed, one sentence each. Never throws. */
  close(): Promise<readonly string[]> {
    this.#closing ??= this.#undoAll();
    return this.#closing;
  }

  async #undoAll(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) {
      const { name, timeoutMs, run } = undo;
      try {
        await withDeadline(run(), timeoutMs, 'undo');
      } catch (error) {
        failures.push(`${name}: ${describeError(error)}`);
      }
    }
    return failures;
  }
}
