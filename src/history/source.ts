import type { SourceKind } from './event.js';
import { Signs, type Allowance, type Gap } from './signs.js';

/** A time in which nothing was heard of a source although it was needed. Times are `t`. */
export interface Silence extends Gap {
  readonly kind: SourceKind;
  /** The service or volume that it watches; empty where there is only one of the kind. */
  readonly subject: string;
  /** `never`: not heard of at all. `ended`: it was stopped before the run took stock. */
  readonly how: 'never' | 'silent' | 'ended';
}

/** A source says that it saw more than the history has of it. */
export interface Shortfall {
  readonly kind: SourceKind;
  readonly subject: string;
  readonly claimed: number;
  readonly recorded: number;
}

/** How long a source may be silent: so long at least, and so many of its cadences. */
interface Patience extends Allowance {
  readonly cadences: number;
}

/**
 * What comes several times a second may stay away for ten listings and more, as on a busy machine. Readers and senders
 * come by the scenario's own rates, and what hangs of theirs counts as at work.
 */
const WATCHES: Patience = { edgeMs: 3_000, gapMs: 10_000, cadences: 10 };
const TRAFFIC: Patience = { edgeMs: 6_000, gapMs: 10_000, cadences: 6 };
const PATIENCE: Readonly<Record<SourceKind, Patience>> = {
  queue: WATCHES,
  probe: WATCHES,
  log: WATCHES,
  outside: WATCHES,
  mailboxes: WATCHES,
  readers: TRAFFIC,
  senders: TRAFFIC,
};
/** From so many signs on a source with heartbeats has a cadence of its own. */
const ESTABLISHED = 10;
/** Sources that record one event for each thing that they count; the last one or two may still be on their way. */
const COUNTED: ReadonlySet<SourceKind> = new Set(['queue', 'probe', 'outside', 'readers', 'senders']);
const UNDER_WAY = 2;

/** One source: what it says of itself, and what it recorded. */
export class Source {
  readonly kind: SourceKind;
  readonly subject: string;
  /** How long it may be silent, as it said itself; null where it never did. */
  #deadlineMs: number | null = null;
  #endedAt: number | null = null;
  #claimed = 0;
  #recorded = 0;
  /** Whatever was heard of it. */
  #signs: Signs;
  /** What it recorded alone. */
  readonly #work: Signs;

  constructor(kind: SourceKind, subject: string) {
    this.kind = kind;
    this.subject = subject;
    this.#signs = new Signs(PATIENCE[kind].edgeMs);
    this.#work = new Signs(PATIENCE[kind].edgeMs);
  }

  /** It says more than the history has; null: it does not. */
  get shortfall(): Shortfall | null {
    const { kind, subject } = this;
    if (!COUNTED.has(kind) || this.#claimed - this.#recorded <= UNDER_WAY) return null;
    return { kind, subject, claimed: this.#claimed, recorded: this.#recorded };
  }

  start(t: number, deadlineMs: number): void {
    if (this.#deadlineMs === null) this.#signs = new Signs(Math.min(deadlineMs, PATIENCE[this.kind].edgeMs));
    this.#deadlineMs = deadlineMs;
    this.#endedAt = null;
    this.#signs.hear(t);
  }

  /** It lives, and saw `seen` things so far. */
  live(t: number, seen: number): void {
    this.#signs.hear(t);
    this.#claimed = Math.max(this.#claimed, seen);
  }

  end(t: number, seen: number): void {
    this.live(t, seen);
    this.#endedAt = t;
  }

  /** It recorded one of the things that it counts; it was at work on it for `busyMs`. */
  record(t: number, busyMs: number): void {
    this.#recorded += 1;
    this.stir(t, busyMs);
  }

  /** It recorded one of the things that it counts, which says nothing of its cadence. */
  recordAside(t: number): void {
    this.#recorded += 1;
    this.#signs.hear(t);
  }

  /** It recorded something else. */
  stir(t: number, busyMs: number): void {
    this.#signs.hear(t, busyMs);
    this.#work.hear(t, busyMs);
  }

  /** It had to hold still. */
  excuse(from: number, to: number): void {
    this.#signs.excuse(from, to);
    this.#work.excuse(from, to);
  }

  /** How it broke off or was silent, in a run with heartbeats, by its own deadline. */
  silenceBySaying(from: number, until: number): Silence | null {
    const { kind, subject } = this;
    if (this.#endedAt !== null && this.#endedAt < until) {
      return { kind, subject, from: this.#endedAt, to: until, how: 'ended' };
    }
    // Nobody has given a source that never began any time to be silent.
    const allowedMs = this.#deadlineMs ?? 0;
    return this.#told(this.#signs, this.#signs.silence(from, until, { edgeMs: allowedMs, gapMs: allowedMs }));
  }

  /**
   * How it was silent by its cadence: the one given in milliseconds, or the one that it had.
   * @param established only where it recorded enough to have one.
   */
  silenceByCadence(
    from: number,
    until: number,
    cadenceMs: number | null,
    established: boolean,
  ): Silence | null {
    if (established && this.#work.count < ESTABLISHED) return null;
    const { edgeMs, gapMs, cadences } = PATIENCE[this.kind];
    const usualMs = cadences * (cadenceMs ?? this.#work.cadenceMs);
    const allowance = { edgeMs: Math.max(edgeMs, usualMs), gapMs: Math.max(gapMs, usualMs) };
    return this.#told(this.#work, this.#work.silence(from, until, allowance));
  }

  #told({ count }: Signs, gap: Gap | null): Silence | null {
    const { kind, subject } = this;
    return gap === null ? null : { kind, subject, ...gap, how: count === 0 ? 'never' : 'silent' };
  }
}
