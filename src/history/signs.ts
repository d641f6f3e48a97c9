import type { SourceKind } from './event.js';

/** A time between two signs of life. Times are `t`. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/**
 * How long a source that says nothing of its own deadline may be silent at least, whatever its cadence. Queues are
 * listed and volumes probed several times a second: this is ten listings and more on a busy machine.
 */
const SHORTEST_MS: Readonly<Record<SourceKind, number>> = {
  queue: 5_000,
  probe: 5_000,
  log: 5_000,
  outside: 5_000,
  mailboxes: 5_000,
  readers: 10_000,
  senders: 10_000,
};
/** So many times its usual cadence it may be silent. */
const CADENCES = 10;

/** The signs of life of one source, and the gaps between them. */
export class Signs {
  readonly kind: SourceKind;
  /** The service or volume that it watches; empty where there is only one of the kind. */
  readonly subject: string;
  /** How long it may be silent, as it said itself; null where it never did. */
  deadlineMs: number | null = null;
  /** When it was stopped on purpose. */
  endedAt: number | null = null;
  #firstAt: number | null = null;
  #lastAt = -Infinity;
  #count = 0;
  /** Those that may turn out too wide, in order. */
  readonly #gaps: Gap[] = [];

  constructor(kind: SourceKind, subject: string) {
    this.kind = kind;
    this.subject = subject;
  }

  /** When it was heard of first; null while it never was. */
  get firstAt(): number | null {
    return this.#firstAt;
  }

  /** A sign of life at `t`; it was at work for `busyMs` before, as a visit that hung was. */
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

  /** How long it may be silent: its own deadline, else some cadences; `cadenceMs` where it is not the usual one. */
  allowedMs(cadenceMs: number | null = null): number {
    if (this.deadlineMs !== null) return this.deadlineMs;
    const usualMs = this.#count > 1 ? (this.#lastAt - (this.#firstAt ?? 0)) / (this.#count - 1) : 0;
    return Math.max(SHORTEST_MS[this.kind], CADENCES * (cadenceMs ?? usualMs));
  }

  /** The widest gap between `from` and `until`, where it is wider than `allowedMs`. */
  silence(from: number, until: number, allowedMs: number): Gap | null {
    const gaps =
      this.#firstAt === null
        ? [{ from, to: until }]
        : [{ from, to: this.#firstAt }, ...this.#gaps, { from: this.#lastAt, to: until }];
    let widest: Gap | null = null;
    for (const gap of gaps) {
      const within = { from: Math.max(from, gap.from), to: Math.min(until, gap.to) };
      const ms = within.to - within.from;
      if (ms > allowedMs && (widest === null || ms > widest.to - widest.from)) widest = within;
    }
    return widest;
  }

  #note(to: number): void {
    const from = this.#lastAt;
    if (to - from >= (this.deadlineMs ?? SHORTEST_MS[this.kind])) this.#gaps.push({ from, to });
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
