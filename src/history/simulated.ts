import type { EventOf } from './event.js';

const DAY_MS = 86_400_000;

/**
 * The stack's simulated time beside the history's `t`. A jump takes no time at all by `t`, so a limit in real time is
 * never used up by it; what mail waited by its recipient's calendar is asked for here.
 */
export class SimulatedTime {
  /** Each jump: when, and how far ahead of `t` the simulated time is from then on. */
  readonly #jumps: { readonly at: number; readonly aheadMs: number }[] = [];

  advanced({ t, byMs }: EventOf<'clock.advanced'>): void {
    this.#jumps.push({ at: t, aheadMs: this.totalMs + byMs });
  }

  /** By how much the clocks were moved in all; 0 in a run that only knows real time. */
  get totalMs(): number {
    return this.#jumps.at(-1)?.aheadMs ?? 0;
  }

  /** Every jump: when, and how far ahead the simulated time is from then on. */
  get jumps(): readonly { readonly at: number; readonly aheadMs: number }[] {
    return this.#jumps;
  }

  /** The simulated milliseconds since the run's start at `t`. */
  at(t: number): number {
    return t + (this.#jumps.findLast(({ at }) => at <= t)?.aheadMs ?? 0);
  }

  /** How long it was from one `t` to another by the stack's own clocks. */
  between(from: number, to: number): number {
    return this.at(to) - this.at(from);
  }

  /** The simulated day of the run that `t` lies in; the first is 1. */
  dayOf(t: number): number {
    return 1 + Math.floor(this.at(t) / DAY_MS);
  }
}
