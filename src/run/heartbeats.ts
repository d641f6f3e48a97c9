import { NobounceError } from '../errors/errors.js';
import type { NewEvent } from '../history/event.js';
import type { Source, SourceStart } from '../traffic/context.js';
import { formatDurationMs } from '../units/duration.js';

const LOOK_EVERY_MS = 500;
/** Signs of life are recorded no more often than this: what matters is that none is missing for a whole deadline. */
const RECORD_EVERY_MS = 2_000;
/** A look that comes later than this says that the harness itself stood still, and nothing of its sources. */
const OWN_LATENESS_MS = 1_000;

interface Watched {
  readonly name: string;
  readonly deadlineMs: number;
  seen: number;
  lastMs: number;
  recordedMs: number;
}

/**
 * Makes every source of a run say that it lives, and tells, once for each, when nothing was heard of one for longer
 * than its deadline. What is late because the harness itself was is not held against a source.
 */
export class Heartbeats {
  readonly #record: (event: NewEvent) => void;
  readonly #silent: (source: string, error: Error) => void;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #lookedMs = 0;

  constructor(record: (event: NewEvent) => void, silent: (source: string, error: Error) => void) {
    this.#record = record;
    this.#silent = silent;
  }

  readonly start = ({ kind, subject, deadlineMs }: SourceStart): Source => {
    const nowMs = performance.now();
    const name = subject === '' ? kind : `${kind}:${subject}`;
    const watched: Watched = { name, deadlineMs, seen: 0, lastMs: nowMs, recordedMs: nowMs };
    this.#record({ type: 'source.started', source: name, kind, subject, deadlineMs });
    this.#watched.add(watched);
    this.#lookedMs = this.#timer === undefined ? nowMs : this.#lookedMs;
    this.#timer ??= setInterval(this.#look, LOOK_EVERY_MS).unref();
    return {
      alive: (seen = 0) => {
        this.#hear(watched, seen);
      },
      ended: () => {
        if (!this.#watched.delete(watched)) return;
        this.#record({ type: 'source.ended', source: name, seen: watched.seen });
      },
    };
  };

  /** No source is waited for any more. */
  close(): void {
    clearInterval(this.#timer);
  }

  #hear(watched: Watched, seen: number): void {
    if (!this.#watched.has(watched)) return;
    const nowMs = performance.now();
    watched.seen += seen;
    watched.lastMs = nowMs;
    if (nowMs - watched.recordedMs < RECORD_EVERY_MS) return;
    watched.recordedMs = nowMs;
    this.#record({ type: 'source.alive', source: watched.name, seen: watched.seen });
  }

  readonly #look = (): void => {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#lookedMs - LOOK_EVERY_MS;
    this.#lookedMs = nowMs;
    for (const watched of this.#watched) {
      if (lateMs > OWN_LATENESS_MS) watched.lastMs += lateMs;
      const silentMs = nowMs - watched.lastMs;
      if (silentMs <= watched.deadlineMs) continue;
      this.#watched.delete(watched);
      const what = `nothing was heard of it for ${formatDurationMs(silentMs)}`;
      this.#silent(watched.name, new NobounceError('harness', what));
    }
  };
}
