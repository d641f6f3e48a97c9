import type { NewEvent } from '../history/event.js';
import type { HistoryWriter } from '../history/writer.js';

type Writable = Pick<HistoryWriter, 'append' | 'advanceSim' | 'close'>;

/**
 * The history as those see it who take part in a run: writing never fails for them, and is over when the run is. A disk
 * that is full is told once, to the run.
 */
export class Journal {
  readonly #writer: Writable;
  readonly #unwritable: (error: unknown) => void;
  #state: 'open' | 'unwritable' | 'closed' = 'open';
  /** Failures that the history still has to tell. */
  readonly #untold: NewEvent[] = [];

  /** @param unwritable called once, when the history cannot be written any more. */
  constructor(writer: Writable, unwritable: (error: unknown) => void) {
    this.#writer = writer;
    this.#unwritable = unwritable;
  }

  readonly record = (event: NewEvent): void => {
    const told = this.#attempt(() => this.#writer.append(event));
    if (!told && event.type === 'harness.failed') this.#untold.push(event);
  };

  readonly advanceSim = (byMs: number): void => {
    this.#attempt(() => this.#writer.advanceSim(byMs));
  };

  /**
   * Writes the last event and closes the file; what comes later is not written. A disk that was full may have room
   * again: what failed meanwhile is told then.
   */
  close(last: NewEvent): void {
    if (this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    try {
      for (const event of [...this.#untold, last]) this.#writer.append(event);
    } catch (error) {
      if (wasOpen) this.#unwritable(error);
    }
    try {
      this.#writer.close();
    } catch (error) {
      this.#unwritable(error);
    }
  }

  /** Gives whether it was written. */
  #attempt(write: () => void): boolean {
    if (this.#state !== 'open') return false;
    try {
      write();
      return true;
    } catch (error) {
      this.#state = 'unwritable';
      this.#unwritable(error);
      return false;
    }
  }
}
