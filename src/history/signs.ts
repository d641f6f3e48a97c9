/** A time between two signs of life. Times are `t`. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** How long nothing may be heard, in milliseconds. */
export interface Allowance {
  /** Before the first sign and behind the last one: nothing shows that it lived then. */
  readonly edgeMs: number;
  /** Between two signs: it lives still, and was only late. */
  readonly gapMs: number;
}

/** Signs of life, and the gaps between them. */
export class Signs {
  readonly #shortestMs: number;
  #firstAt = Infinity;
  #lastAt = -Infinity;
  #count = 0;
  /** Those that may turn out too wide, in order. */
  readonly #gaps: Gap[] = [];
  /** When nothing was asked of it. */
  readonly #holds: Gap[] = [];

  /** @param shortestMs a gap that is shorter is none. */
  constructor(shortestMs: number) {
    this.#shortestMs = shortestMs;
  }

  get count(): number {
    return this.#count;
  }

  /** The mean time from one sign to the next in milliseconds; 0 where there are no two. */
  get cadenceMs(): number {
    return this.#count < 2 ? 0 : (this.#lastAt - this.#firstAt) / (this.#count - 1);
  }

  /** A sign at `t`; what gave it was at work for `busyMs` before, as a visit that hung was. */
  hear(t: number, busyMs = 0): void {
    const from = t - busyMs;
    this.#count += 1;
    if (this.#count === 1) this.#firstAt = from;
    else {
      this.#fill(from);
      this.#note(from);
    }
    this.#lastAt = Math.max(this.#lastAt, t);
  }

  /** It had to hold still from `from` to `to`, which is no silence. */
  excuse(from: number, to: number): void {
    this.#holds.push({ from, to });
  }

  /** The widest gap between `from` and `until` that is wider than allowed. */
  silence(from: number, until: number, { edgeMs, gapMs }: Allowance): Gap | null {
    const edges = [
      { from, to: this.#firstAt },
      { from: this.#lastAt, to: until },
    ];
    let widest: Gap | null = null;
    let widestMs = 0;
    for (const [gaps, allowedMs] of [
      [edges, edgeMs],
      [this.#gaps, gapMs],
    ] as const) {
      for (const gap of gaps) {
        const within = { from: Math.max(from, gap.from), to: Math.min(until, gap.to) };
        const ms = this.#silentMs(within);
        if (ms <= allowedMs || ms <= widestMs) continue;
        widest = within;
        widestMs = ms;
      }
    }
    return widest;
  }

  /** The time in a gap in which something was asked of it. */
  #silentMs({ from, to }: Gap): number {
    const heldMs = this.#holds.map((hold) => Math.max(0, Math.min(to, hold.to) - Math.max(from, hold.from)));
    return heldMs.reduce((rest, held) => rest - held, to - from);
  }

  #note(to: number): void {
    const from = this.#lastAt;
    if (to - from >= this.#shortestMs) this.#gaps.push({ from, to });
  }

  /** What was under way since `from` fills what looked like a gap until now. */
  #fill(from: number): void {
    for (let last = this.#gaps.at(-1); last !== undefined && last.to > from; last = this.#gaps.at(-1)) {
      this.#gaps.pop();
      if (last.from < from) this.#gaps.push({ from: last.from, to: from });
    }
  }
}
