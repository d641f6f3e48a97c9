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
  #firstAt: number | null = null;
  #lastAt = -Infinity;
  #count = 0;
  /** Those that may turn out too wide, in order. */
  readonly #gaps: Gap[] = [];

  /** @param shortestMs a gap that is shorter is none. */
  constructor(shortestMs: number) {
    this.#shortestMs = shortestMs;
  }

  get count(): number {
    return this.#count;
  }

  /** The mean time from one sign to the next in milliseconds; 0 where there are no two. */
  get cadenceMs(): number {
    return this.#firstAt === null || this.#count < 2 ? 0 : (this.#lastAt - this.#firstAt) / (this.#count - 1);
  }

  /** A sign at `t`; what gave it was at work for `busyMs` before, as a visit that hung was. */
  hear(t: number, busyMs = 0): void {
    const from = t - busyMs;
    this.#count += 1;
    if (this.#firstAt === null) this.#firstAt = from;
    else {
      if (busyMs > 0) this.#fill(from);
      this.#note(from);
    }
    if (t > this.#lastAt) this.#lastAt = t;
  }

  /** It had to hold still from `from` to `to`, which is no silence. */
  excuse(from: number, to: number): void {
    if (this.#firstAt === null) return;
    this.#note(from);
    this.#lastAt = Math.max(this.#lastAt, to);
  }

  /** The widest gap between `from` and `until` that is wider than allowed. */
  silence(from: number, until: number, { edgeMs, gapMs }: Allowance): Gap | null {
    const edges =
      this.#firstAt === null
        ? [{ from, to: until }]
        : [
            { from, to: this.#firstAt },
            { from: this.#lastAt, to: until },
          ];
    let widest: Gap | null = null;
    for (const [gaps, allowedMs] of [
      [edges, edgeMs],
      [this.#gaps, gapMs],
    ] as const) {
      for (const gap of gaps) {
        const within = { from: Math.max(from, gap.from), to: Math.min(until, gap.to) };
        const ms = within.to - within.from;
        if (ms > allowedMs && (widest === null || ms > widest.to - widest.from)) widest = within;
      }
    }
    return widest;
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

/**
 * What one source must show since another one told of it: a delivery that a mailbox shows must stand in the log. Held
 * against what the source itself recorded, not against its word that it lives.
 */
export class Debt {
  #owedSince: number | null = null;
  #lastAt: number | null = null;
  #widest: Gap | null = null;

  /** When the source recorded something last. */
  get lastAt(): number {
    return this.#lastAt ?? -Infinity;
  }

  /** Another source told at `t` of something that this one must show as well. */
  owe(t: number): void {
    this.#owedSince ??= t;
  }

  /** The source recorded something at `t`; it may be `graceMs` late. */
  pay(t: number, graceMs: number): void {
    this.#widest = this.silence(t, graceMs);
    this.#owedSince = null;
    this.#lastAt = t;
  }

  /** What it owed until now is no longer asked for. */
  forgive(): void {
    this.#owedSince = null;
  }

  /** The widest time in which it showed nothing although it owed something, until `until`. */
  silence(until: number, graceMs: number): Gap | null {
    const since = this.#owedSince;
    if (since === null || until - since <= graceMs) return this.#widest;
    const gap = { from: this.#lastAt ?? since, to: until };
    const widest = this.#widest;
    return widest !== null && widest.to - widest.from >= gap.to - gap.from ? widest : gap;
  }
}
