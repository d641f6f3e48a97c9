import type { MessageKind } from './event.js';
import type { Gap } from './signs.js';
import type { SimulatedTime } from './simulated.js';

/** A burst may come so much later than its time, as a share of the time from one to the next. */
const LATE = 1.5;

/** Streams of mail that write at simulated times: whether each wrote when it should have. Times are `t`. */
export class Bursts {
  readonly #time: SimulatedTime;
  readonly #wrote = new Map<MessageKind, number[]>();

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  /** A message of a stream was written. */
  wrote(stream: MessageKind, t: number): void {
    const times = this.#wrote.get(stream);
    if (times === undefined) this.#wrote.set(stream, [t]);
    // Of a burst only its first and its last message matter: between them no clock moves.
    else if (times.length > 1 && this.#time.between(times.at(-2) ?? t, t) < 1_000)
      times[times.length - 1] = t;
    else times.push(t);
  }

  /** A time in which a stream wrote nothing though it was to write every so often; null: there is none. */
  silence(everyMs: ReadonlyMap<MessageKind, number>, from: number, until: number): Gap | null {
    for (const [stream, each] of everyMs) {
      let last = from;
      const times = (this.#wrote.get(stream) ?? []).filter((t) => t > from && t < until);
      for (const t of [...times, until]) {
        if (this.#time.between(last, t) > LATE * each) return { from: last, to: t };
        last = t;
      }
    }
    return null;
  }
}
