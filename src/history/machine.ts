import { Column } from './columns.js';
import type { EventOf } from './event.js';

/** What the machine, and the harness on it, did to the times in a span. */
export interface Strain {
  /** By how much everything was slower than on an idle machine: tasks that wanted to run for each core, at least 1. */
  readonly slowdown: number;
  /** The harness's own timers were late by up to this much. */
  readonly lateMs: number;
  /** The harness had failed then: its log streams, through which services write, may have stood still with it. */
  readonly broken: boolean;
}

/** A sample tells of the time since the one before it. */
const SAMPLE_MS = 1_000;

/**
 * How well the machine kept up with a run, by the harness's own samples; runs before 0.2 have none, and count as runs
 * on an idle machine. The stack's own work is part of what keeps the machine busy: nothing here tells them apart.
 */
export class Machine {
  readonly #at = Column.time();
  readonly #slowdown = Column.time();
  readonly #lateMs = Column.time();
  #samples = 0;
  #firstFailureAt = Infinity;
  #longestDeadlineMs = 0;

  sample({ t, lateMs, tasksPerCore }: EventOf<'machine.sampled'>): void {
    this.#at.set(this.#samples, t);
    this.#slowdown.set(this.#samples, Math.max(1, tasksPerCore ?? 1));
    this.#lateMs.set(this.#samples, lateMs);
    this.#samples += 1;
  }

  /** A source is called dead only when its deadline is over. */
  watched({ deadlineMs }: EventOf<'source.started'>): void {
    this.#longestDeadlineMs = Math.max(this.#longestDeadlineMs, deadlineMs);
  }

  harnessFailed({ t }: EventOf<'harness.failed'>): void {
    this.#firstFailureAt = Math.min(this.#firstFailureAt, t);
  }

  /** Times are `t`, in ms. */
  strainIn(fromAt: number, toAt: number): Strain {
    return this.strainDuring([{ from: fromAt, to: toAt }]);
  }

  /** Of several spans together; times are `t`, in ms. */
  strainDuring(spans: readonly { readonly from: number; readonly to: number }[]): Strain {
    let count = 0;
    let sum = 0;
    let lateMs = 0;
    for (let index = 0; index < this.#samples; index += 1) {
      const at = this.#at.get(index);
      const late = this.#lateMs.get(index);
      const since = at - late - SAMPLE_MS;
      if (!spans.some(({ from, to }) => since < to && at >= from)) continue;
      count += 1;
      sum += this.#slowdown.get(index);
      lateMs = Math.max(lateMs, late);
    }
    const doubtfulFrom = this.#firstFailureAt - this.#longestDeadlineMs;
    const broken = spans.some(({ to }) => to > doubtfulFrom);
    return { slowdown: count === 0 ? 1 : sum / count, lateMs, broken };
  }
}
