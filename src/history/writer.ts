import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HistoryEvent, NewEvent } from './event.js';

/** The two clocks that stamp an event. Tests bring their own. */
export interface HistoryClock {
  /** Milliseconds since any fixed point; never goes back. */
  monotonicMs(): number;
  /** Epoch milliseconds of the machine's clock; may be set back by its administrator. */
  wallMs(): number;
}

export const systemClock: HistoryClock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

export type HistoryListener = (event: HistoryEvent) => void;

/** Microseconds are enough, and keep the lines short. */
const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000;

/**
 * The append-only history of one run. Every event is one line of JSON and one write(2): it is with the
 * kernel when `append` returns, so a SIGKILL of the harness loses nothing and at most the machine's own
 * death can cut the last line.
 */
export class HistoryWriter implements Disposable {
  readonly path: string;
  readonly #clock: HistoryClock;
  readonly #startMs: number;
  readonly #listeners = new Set<HistoryListener>();
  #descriptor: number | undefined;
  #simOffsetMs = 0;
  /** Of whole lines. */
  #bytes = 0;

  private constructor(path: string, descriptor: number, clock: HistoryClock) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  /**
   * Creates the file and its folder. A history that exists already is never written over.
   * @throws the file system's error (EEXIST, ENOSPC, EACCES).
   */
  static open(path: string, clock: HistoryClock = systemClock): HistoryWriter {
    mkdirSync(dirname(path), { recursive: true });
    return new HistoryWriter(path, openSync(path, 'ax'), clock);
  }

  /**
   * Stamps the event, writes it, tells the listeners, and returns it as written.
   * @throws the file system's error, and then nothing of the event is left in the file, where the file system lets it be
   * taken back; also when the history is closed already.
   */
  append(event: NewEvent): HistoryEvent {
    if (this.#descriptor === undefined) throw new Error(`the history ${this.path} is closed`);
    const wall = this.#clock.wallMs();
    const stamped: HistoryEvent = {
      ...event,
      t: rounded(this.#clock.monotonicMs() - this.#startMs),
      wall,
      sim: wall + this.#simOffsetMs,
    };
    this.#write(this.#descriptor, Buffer.from(`${JSON.stringify(stamped)}\n`));
    for (const listener of this.#listeners) listener(stamped);
    return stamped;
  }

  /**
   * Moves the simulated clock forward by `byMs` and writes `clock.advanced`, which carries the new time.
   * @throws RangeError for a step back: no mail stack survives one.
   */
  advanceSim(byMs: number): HistoryEvent {
    if (!(byMs >= 0)) throw new RangeError(`the simulated clock only goes forward, not by ${byMs} ms`);
    this.#simOffsetMs += byMs;
    return this.append({ type: 'clock.advanced', byMs });
  }

  /** Calls `listener` after each event is written, until the returned function is called. */
  subscribe(listener: HistoryListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #write(descriptor: number, line: Buffer): void {
    try {
      for (let written = 0; written < line.length;) written += writeSync(descriptor, line, written);
      this.#bytes += line.length;
    } catch (error) {
      try {
        ftruncateSync(descriptor, this.#bytes);
      } catch {
        // Half a line at the end is what a reader expects of a history that was cut off.
      }
      throw error;
    }
  }

  /**
   * Closes the file; a second call does nothing.
   * @throws the file system's error: some tell only now that what was written has no room.
   */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    this.#listeners.clear();
    closeSync(descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
