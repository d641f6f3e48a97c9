import type { EventOf, HistoryEvent, Outcome } from '../history/event.js';

/** How a reader's visit went: everything read, logged in but the mail could not be read, not let in. */
export type VisitResult = 'read' | 'unreadable' | 'no login';

/** What a storage probe saw of a volume in one span of time. */
interface ProbeSpan {
  readonly operations: number;
  readonly errors: number;
  readonly blocked: number;
  /** The slowest operation; null where there was none. */
  readonly worstMs: number | null;
}

/** A run's course in equal spans of time, each `spanMs` long; every list has `spans` entries. */
export interface Series {
  readonly spanMs: number;
  readonly spans: number;
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

type Second = { -readonly [K in keyof ProbeSpan]: ProbeSpan[K] };

const noProbe = (): Second => ({ operations: 0, errors: 0, blocked: 0, worstMs: null });

function bump(list: number[], t: number): void {
  const second = Math.max(0, Math.floor(t / SECOND_MS));
  list[second] = (list[second] ?? 0) + 1;
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const known = map.get(key);
  if (known !== undefined) return known;
  const list: T[] = [];
  map.set(key, list);
  return list;
}

/** Folds a history into counts per second, so that a page's size depends on the run's length, not on its mail. */
export class SeriesFold {
  readonly #attempts: Readonly<Record<Outcome, number[]>> = {
    accepted: [],
    deferred: [],
    rejected: [],
    ambiguous: [],
    unsent: [],
  };
  readonly #queues = new Map<string, number[]>();
  readonly #probes = new Map<string, Second[]>();
  readonly #errnos = new Map<string, Map<string, number>>();
  readonly #visits: Readonly<Record<VisitResult, number[]>> = { read: [], unreadable: [], 'no login': [] };
  readonly #deliveries = new Map<string, number[]>();
  readonly #canaries = new Set<string>();
  readonly #volumes = new Map<string, string>();
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
        if (!this.#canaries.has(event.id)) bump(this.#attempts[event.outcome], event.t);
        break;
      case 'queue.sampled': {
        const depths = listOf(this.#queues, event.service);
        const second = Math.floor(event.t / SECOND_MS);
        depths[second] = Math.max(depths[second] ?? 0, event.depth);
        break;
      }
      case 'probe.sampled':
        this.#probe(event);
        break;
      case 'reader.visited':
        bump(this.#visits[visitResult(event)], event.t);
        break;
      case 'login.tried':
        if (event.credentials === 'correct')
          bump(this.#visits[event.outcome === 'ok' ? 'read' : 'no login'], event.t);
        break;
      case 'copy.found':
        bump(
          listOf(this.#deliveries, this.#volumes.get(event.mailbox.toLowerCase()) ?? event.mailbox),
          event.t,
        );
        break;
      case 'outside.received':
        bump(listOf(this.#deliveries, 'outside'), event.t);
        break;
      default:
        break;
    }
  }

  /** The series so far. */
  series(): Series {
    const seconds = Math.max(1, Math.ceil((this.#lastMs + 1) / SECOND_MS));
    const width = SPAN_SECONDS.find((span) => seconds / span <= MAX_SPANS) ?? Math.ceil(seconds / MAX_SPANS);
    const spans = Math.ceil(seconds / width);
    const each = <T>(fold: (from: number, to: number) => T): T[] =>
      Array.from({ length: spans }, (_, span) => fold(span * width, (span + 1) * width));
    const sums = (list: readonly number[]): number[] =>
      each((from, to) => list.slice(from, to).reduce((sum, count) => sum + count, 0));
    const deepest = (list: readonly number[]): (number | null)[] =>
      each((from, to) =>
        list.slice(from, to).reduce<number | null>((most, depth) => Math.max(most ?? 0, depth), null),
      );
    const probes = (list: readonly Second[]): ProbeSpan[] =>
      each((from, to) => list.slice(from, to).reduce<ProbeSpan>(addProbe, noProbe()));
    return {
      spanMs: width * SECOND_MS,
      spans,
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
        unreadable: sums(this.#visits.unreadable),
        'no login': sums(this.#visits['no login']),
      },
      deliveries: mapValues(this.#deliveries, sums),
    };
  }

  #probe({ t, volume, outcome, errno, ms }: EventOf<'probe.sampled'>): void {
    const seconds = listOf(this.#probes, volume);
    const second = (seconds[Math.max(0, Math.floor(t / SECOND_MS))] ??= noProbe());
    second.operations += 1;
    if (outcome === 'error') second.errors += 1;
    if (outcome === 'blocked') second.blocked += 1;
    second.worstMs = Math.max(second.worstMs ?? 0, ms);
    if (errno === null) return;
    const counts = this.#errnos.get(volume) ?? new Map<string, number>();
    counts.set(errno, (counts.get(errno) ?? 0) + 1);
    this.#errnos.set(volume, counts);
  }
}

function visitResult({ steps }: EventOf<'reader.visited'>): VisitResult {
  if (steps.every(({ outcome }) => outcome === 'ok')) return 'read';
  return steps.some(({ step, outcome }) => step === 'login' && outcome === 'ok') ? 'unreadable' : 'no login';
}

function addProbe(sum: ProbeSpan, next: ProbeSpan): ProbeSpan {
  const worst = [sum.worstMs, next.worstMs].filter((ms) => ms !== null);
  return {
    operations: sum.operations + next.operations,
    errors: sum.errors + next.errors,
    blocked: sum.blocked + next.blocked,
    worstMs: worst.length === 0 ? null : Math.max(...worst),
  };
}

function mapValues<T, U>(map: ReadonlyMap<string, T[]>, change: (list: readonly T[]) => U): Map<string, U> {
  return new Map(
    [...map].sort(([a], [b]) => a.localeCompare(b)).map(([key, list]) => [key, change(list)] as const),
  );
}
