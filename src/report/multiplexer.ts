import { describeError } from '../errors/errors.js';
import { visible } from './safe-text.js';
import type { Reporter } from './reporter.js';

/** Tells all reporters of a run; one that breaks is named once, and breaks neither the run nor the others. */
export class Reporters {
  readonly #reporters: readonly Reporter[];
  readonly #broken = new Set<string>();

  constructor(reporters: readonly Reporter[]) {
    this.#reporters = reporters;
  }

  /** Whether one broke: what it was to show or to write is not there, or not whole. */
  get haveFailed(): boolean {
    return this.#broken.size > 0;
  }

  /** Calls a hook of every reporter. */
  async tell(hook: (reporter: Reporter) => void | Promise<void>): Promise<void> {
    for (const reporter of this.#reporters) {
      try {
        await hook(reporter);
      } catch (error) {
        this.#broke(reporter, error);
      }
    }
  }

  /** The same for hooks that are called while a run goes on and cannot be waited for. */
  tellNow(hook: (reporter: Reporter) => void): void {
    for (const reporter of this.#reporters) {
      try {
        hook(reporter);
      } catch (error) {
        this.#broke(reporter, error);
      }
    }
  }

  #broke({ name }: Reporter, error: unknown): void {
    if (this.#broken.has(name)) return;
    this.#broken.add(name);
    process.stderr.write(`reporter ${name} failed: ${visible(describeError(error))}\n`);
  }
}
