import type { EventOf } from './event.js';
import type { Outages } from './outages.js';

/** Readers' visits to one volume in one part of a run. */
export class VisitCount {
  visits = 0;
  /** Those in which every step was OK. */
  good = 0;
  /** How long each of the good ones took, in milliseconds, in the order of time. */
  readonly goodMs: number[] = [];

  add(isGood: boolean, ms: number): void {
    this.visits += 1;
    if (!isGood) return;
    this.good += 1;
    this.goodMs.push(ms);
  }

  /** All of these together. */
  static sum(counts: readonly VisitCount[]): VisitCount {
    const sum = new VisitCount();
    for (const { visits, good, goodMs } of counts) {
      sum.visits += visits;
      sum.good += good;
      for (const ms of goodMs) sum.goodMs.push(ms);
    }
    return sum;
  }
}

/** Readers' visits to one volume. */
export interface VolumeVisits {
  /** Before the first fault. */
  readonly steady: VisitCount;
  /** While another volume was broken, and this one was not. */
  readonly outage: VisitCount;
  /** Begun when every fault that there had been was gone. */
  readonly recovered: VisitCount;
}

/** The last visit before the first fault, and what was visited until then. Times are `t`. */
interface SteadyRound {
  readonly mailboxes: Set<string>;
  lastAt: number;
  slowestMs: number;
}

/** Readers' visits to every volume, by what was broken meanwhile. */
export class Visits {
  readonly #outages: Outages;
  readonly #byVolume = new Map<string, VolumeVisits>();
  readonly steadyRound: SteadyRound = { mailboxes: new Set(), lastAt: -Infinity, slowestMs: 0 };

  constructor(outages: Outages) {
    this.#outages = outages;
  }

  /** Every volume that was visited. */
  get volumes(): readonly string[] {
    return [...this.#byVolume.keys()];
  }

  /** Of a volume that nobody visited, nothing. */
  on(volume: string): VolumeVisits {
    return this.#byVolume.get(volume) ?? none();
  }

  see({ volume, mailbox, steps, t }: EventOf<'reader.visited'>): void {
    let counts = this.#byVolume.get(volume);
    if (counts === undefined) this.#byVolume.set(volume, (counts = none()));
    const isGood = steps.every(({ outcome }) => outcome === 'ok');
    const ms = steps.reduce((sum, step) => sum + step.ms, 0);
    if (this.#outages.firstInjectingAt === null) {
      counts.steady.add(isGood, ms);
      this.steadyRound.mailboxes.add(mailbox);
      this.steadyRound.lastAt = t;
      this.steadyRound.slowestMs = Math.max(this.steadyRound.slowestMs, ms);
    } else if (this.#outages.isFelt) {
      if (!this.#outages.isFeltOn(volume)) counts.outage.add(isGood, ms);
    } else if (t - ms > (this.#outages.allGoneAt ?? Infinity)) counts.recovered.add(isGood, ms);
  }
}

function none(): VolumeVisits {
  return { steady: new VisitCount(), outage: new VisitCount(), recovered: new VisitCount() };
}
