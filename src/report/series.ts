import type { EventOf, HistoryEvent, Outcome } from '../history/event.js';

/**
 * How a reader's visit went: everything read; shown an empty mailbox that was filled; shown another one, by its
 * UIDVALIDITY, its number of messages or the known message; logged in but the mail could not be read; not let in.
 */
type VisitResult = 'read' | 'empty' | 'another' | 'unreadable' | 'no login';

/** What a storage probe saw of a volume in one span of time. */
interface ProbeSpan {
  readonly operations: number;
  readonly errors: number;
  readonly blocked: number;
  /** The slowest operation that succeeded or was blocked; null where there was none: a failure takes no time. */
  readonly worstMs: number | null;
}

/** A run's course in equal spans of time, each `spanMs` long; every list has `spans` entries. */
export interface Series {
  readonly spanMs: number;
  readonly spans: number;
  /** The scenario's volumes, and those that were probed, by name. */
  readonly volumes: readonly string[];
  /** Attempts of senders by outcome, canaries left out. */
  readonly attempts: Readonly<Record<Outcome, readonly number[]>>;
  /** Deepest queue by service; null in a span without a sample. */
  readonly queues: ReadonlyMap<string, readonly (number | null)[]>;
  readonly probes: ReadonlyMap<string, readonly ProbeSpan[]>;
  /** How often each errno came, by volume. */
  readonly errnos: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly visits: Readonly<Record<VisitResult, readonly number[]>>;
  /** First and further copies by the volume they lie on, and `outside`. */
  readonly deliveries: ReadonlyMap<string, readonly number[]>;
}

const SECOND_MS = 1_000;
/** A chart has some 1100 pixels: more spans than this nobody can tell apart, and they cost bytes. */
const MAX_SPANS = 240;
const SPAN_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600] as const;
/** What is counted apart while a history is read: finer than a chart of so long a run, and never more than so many. */
const SLOT_SECONDS = [1, 60, 3_600, 86_400] as const;
const MAX_SLOTS = 14_400;

type Span = { -readonly [K in keyof ProbeSpan]: ProbeSpan[K] };

const noProbe = (): Span => ({ operations: 0, errors: 0, blocked: 0, worstMs: null });
const sum = (one: number, other: number): number => one + other;

/** What was counted in each slot of time. How many there are depends on how long the run was, up to a bound. */
class Lane<T> {
  readonly #merge: (one: T, other: T) => T;
  #slots: (T | undefined)[] = [];

  constructor(merge: (one: T, other: T) => T) {
    this.#merge = merge;
  }

  /** What is in a slot so far; undefined where nothing is. */
  get(slot: number): T | undefined {
    return this.#slots[slot];
  }

  set(slot: number, value: T): void {
    // Slots that were passed over are there, so that the list is never one with holes.
    while (this.#slots.length < slot) this.#slots.push(undefined);
    this.#slots[slot] = value;
  }

  /** Makes one slot of every `ratio`. */
  coarsen(ratio: number): void {
    const fine = this.#slots;
    this.#slots = [];
    for (let from = 0; from < fine.length; from += ratio)
      this.#slots.push(this.#over(fine, from, from + ratio));
  }

  /** All from one slot up to, and without, another. */
  over(from: number, to: number): T | undefined {
    return this.#over(this.#slots, from, to);
  }

  #over(slots: readonly (T | undefined)[], from: number, to: number): T | undefined {
    let all: T | undefined;
    for (const value of slots.slice(from, to))
      if (value !== undefined) all = all === undefined ? value : this.#merge(all, value);
    return all;
  }
}

function laneOf<T>(lanes: Map<string, Lane<T>>, key: string, merge: (one: T, other: T) => T): Lane<T> {
  const known = lanes.get(key);
  if (known !== undefined) return known;
  const lane = new Lane(merge);
  lanes.set(key, lane);
  return lane;
}

/** Folds a history into counts per slot of time, so that a page's size depends on the run's length, not on its mail. */
export class SeriesFold {
  readonly #attempts: Readonly<Record<Outcome, Lane<number>>> = {
    accepted: new Lane(sum),
    deferred: new Lane(sum),
    rejected: new Lane(sum),
    ambiguous: new Lane(sum),
    unsent: new Lane(sum),
  };
  readonly #queues = new Map<string, Lane<number>>();
  readonly #probes = new Map<string, Lane<Span>>();
  readonly #errnos = new Map<string, Map<string, number>>();
  readonly #visits: Readonly<Record<VisitResult, Lane<number>>> = {
    read: new Lane(sum),
    empty: new Lane(sum),
    another: new Lane(sum),
    unreadable: new Lane(sum),
    'no login': new Lane(sum),
  };
  /** What each mailbox held before anything was broken. */
  readonly #held = new Map<string, { readonly messages: number; readonly uidValidity: string }>();
  readonly #deliveries = new Map<string, Lane<number>>();
  readonly #canaries = new Set<string>();
  readonly #volumes = new Map<string, string>();
  #slotSeconds = 1;
  #lastMs = 0;

  see(event: HistoryEvent): void {
    this.#lastMs = Math.max(this.#lastMs, event.t);
    switch (event.type) {
      case 'run.started':
        for (const { address, volume } of event.mailboxes) this.#volumes.set(address.toLowerCase(), volume);
        break;
      case 'message.created':
        if (event.kind === 'canary') this.#canaries.add(event.id);
        break;
      case 'attempt.ended':
        if (!this.#canaries.has(event.id)) this.#bump(this.#attempts[event.outcome], event.t);
        break;
      case 'queue.sampled': {
        const depths = laneOf(this.#queues, event.service, Math.max);
        const slot = this.#slotAt(event.t);
        depths.set(slot, Math.max(depths.get(slot) ?? 0, event.depth));
        break;
      }
      case 'probe.sampled':
        this.#probe(event);
        break;
      case 'mailbox.listed': {
        const { stage, mailbox, messages, uidValidity } = event;
        if (stage === 'before')
          this.#held.set(mailbox.toLowerCase(), { messages: messages.length, uidValidity });
        break;
      }
      case 'reader.visited':
        this.#bump(this.#visits[visitResult(event, this.#held.get(event.mailbox.toLowerCase()))], event.t);
        break;
      case 'login.tried':
        if (event.credentials === 'correct')
          this.#bump(this.#visits[event.outcome === 'ok' ? 'read' : 'no login'], event.t);
        break;
      case 'copy.found': {
        const volume = this.#volumes.get(event.mailbox.toLowerCase()) ?? event.mailbox;
        this.#bump(laneOf(this.#deliveries, volume, sum), event.t);
        break;
      }
      case 'outside.received':
        this.#bump(laneOf(this.#deliveries, 'outside', sum), event.t);
        break;
      default:
        break;
    }
  }

  /** The series so far. */
  series(): Series {
    const seconds = Math.max(1, Math.ceil((this.#lastMs + 1) / SECOND_MS));
    const slot = this.#slotSeconds;
    const width =
      SPAN_SECONDS.find((span) => span % slot === 0 && seconds / span <= MAX_SPANS) ??
      Math.ceil(seconds / MAX_SPANS / slot) * slot;
    const spans = Math.ceil(seconds / width);
    const slots = width / slot;
    const each = <T, U>(lane: Lane<T>, of: (all: T | undefined) => U): U[] =>
      Array.from({ length: spans }, (_, span) => of(lane.over(span * slots, (span + 1) * slots)));
    const sums = (lane: Lane<number>): number[] => each(lane, (all) => all ?? 0);
    const deepest = (lane: Lane<number>): (number | null)[] => each(lane, (all) => all ?? null);
    const probes = (lane: Lane<Span>): ProbeSpan[] => each(lane, (all) => all ?? noProbe());
    return {
      spanMs: width * SECOND_MS,
      spans,
      volumes: [...new Set([...this.#volumes.values(), ...this.#probes.keys()])].sort(),
      attempts: {
        accepted: sums(this.#attempts.accepted),
        deferred: sums(this.#attempts.deferred),
        rejected: sums(this.#attempts.rejected),
        ambiguous: sums(this.#attempts.ambiguous),
        unsent: sums(this.#attempts.unsent),
      },
      queues: mapValues(this.#queues, deepest),
      probes: mapValues(this.#probes, probes),
      errnos: this.#errnos,
      visits: {
        read: sums(this.#visits.read),
        empty: sums(this.#visits.empty),
        another: sums(this.#visits.another),
        unreadable: sums(this.#visits.unreadable),
        'no login': sums(this.#visits['no login']),
      },
      deliveries: mapValues(this.#deliveries, sums),
    };
  }

  #bump(lane: Lane<number>, t: number): void {
    const slot = this.#slotAt(t);
    lane.set(slot, (lane.get(slot) ?? 0) + 1);
  }

  /** The slot of a time. Where it would be one too many, all slots become longer. */
  #slotAt(t: number): number {
    const second = Math.max(0, Math.floor(t / SECOND_MS));
    if (second / this.#slotSeconds >= MAX_SLOTS) {
      const longer =
        SLOT_SECONDS.find((each) => second / each < MAX_SLOTS) ?? Math.ceil(second / MAX_SLOTS + 1);
      const ratio = Math.ceil(longer / this.#slotSeconds);
      const lanes = [this.#attempts, this.#visits].flatMap((record) => Object.values(record));
      for (const lane of [...lanes, ...this.#queues.values(), ...this.#deliveries.values()])
        lane.coarsen(ratio);
      for (const lane of this.#probes.values()) lane.coarsen(ratio);
      this.#slotSeconds *= ratio;
    }
    return Math.floor(second / this.#slotSeconds);
  }

  #probe({ t, volume, outcome, errno, ms }: EventOf<'probe.sampled'>): void {
    const lane = laneOf(this.#probes, volume, addProbe);
    const slot = this.#slotAt(t);
    const span = lane.get(slot) ?? noProbe();
    lane.set(slot, span);
    span.operations += 1;
    if (outcome === 'error') span.errors += 1;
    if (outcome === 'blocked') span.blocked += 1;
    if (outcome !== 'error') span.worstMs = Math.max(span.worstMs ?? 0, ms);
    if (errno === null) return;
    const counts = this.#errnos.get(volume) ?? new Map<string, number>();
    counts.set(errno, (counts.get(errno) ?? 0) + 1);
    this.#errnos.set(volume, counts);
  }
}

function visitResult(
  { steps, exists, uidValidity, known }: EventOf<'reader.visited'>,
  held: { readonly messages: number; readonly uidValidity: string } | undefined,
): VisitResult {
  const before = held?.messages ?? 0;
  if (exists === 0 && before > 0) return 'empty';
  const isOther = held !== undefined && uidValidity !== null && uidValidity !== held.uidValidity;
  if (isOther || (exists !== null && exists < before) || known === 'missing' || known === 'changed')
    return 'another';
  if (steps.every(({ outcome }) => outcome === 'ok')) return 'read';
  return steps.some(({ step, outcome }) => step === 'login' && outcome === 'ok') ? 'unreadable' : 'no login';
}

function addProbe(one: Span, other: Span): Span {
  const worst = [one.worstMs, other.worstMs].filter((ms) => ms !== null);
  return {
    operations: one.operations + other.operations,
    errors: one.errors + other.errors,
    blocked: one.blocked + other.blocked,
    worstMs: worst.length === 0 ? null : Math.max(...worst),
  };
}

function mapValues<T, U>(lanes: ReadonlyMap<string, Lane<T>>, of: (lane: Lane<T>) => U): Map<string, U> {
  return new Map(
    [...lanes].sort(([a], [b]) => a.localeCompare(b)).map(([key, lane]) => [key, of(lane)] as const),
  );
}
