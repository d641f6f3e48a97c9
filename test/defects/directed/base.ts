import { join } from 'node:path';
import type { EventOf, EventType, HistoryEvent, NewEvent, SourceKind } from '../../../src/history/event.js';
import { readHistory } from '../../../src/history/reader.js';

export type History = readonly HistoryEvent[];

/** A delivered message of a good run, with what a change needs to know of it. Times are `t`. */
export interface Delivered {
  readonly created: EventOf<'message.created'>;
  readonly id: string;
  readonly acceptedAt: number;
  /** Of the recipient's mailbox; null for mail to the outside. */
  readonly volume: string | null;
}

type Wish = {
  readonly kind?: 'inbound' | 'outbound' | 'internal';
  readonly on?: 'broken' | 'spared';
  readonly during?: 'steady' | 'outage' | 'settle';
};

export const is =
  <T extends EventType>(...types: readonly T[]) =>
  (event: HistoryEvent): event is EventOf<T> =>
    types.some((type) => type === event.type);

/** A good run, and where its turning points lie. Times are `t`. */
export class Base {
  readonly name: string;
  readonly history: History;
  readonly started: EventOf<'run.started'>;
  readonly broken: ReadonlySet<string>;
  readonly spared: ReadonlySet<string>;
  readonly steadyAt: number;
  readonly injectAt: number;
  readonly feltAt: number;
  readonly healedAt: number;
  /** The last heal, where the faults are healed one after the other. */
  readonly allHealedAt: number;
  readonly goneAt: number;
  readonly settleAt: number;
  readonly listedAt: number;
  readonly endAt: number;
  readonly #delivered: readonly Delivered[];
  readonly #filledAt: number;

  constructor(name: string, history: History) {
    this.name = name;
    this.history = history;
    const [started] = this.all('run.started');
    if (started === undefined) throw new Error(`${name} has no start`);
    this.started = started;
    this.broken = new Set(this.all('fault.felt').map(({ volume }) => volume));
    this.spared = new Set(
      started.mailboxes.map(({ volume }) => volume).filter((volume) => !this.broken.has(volume)),
    );
    const phaseAt = (phase: string) =>
      this.all('phase.started').find((event) => event.phase === phase)?.t ?? NaN;
    this.steadyAt = phaseAt('steady');
    this.injectAt = this.all('fault.injecting')[0]?.t ?? NaN;
    this.feltAt = this.all('fault.felt').at(-1)?.t ?? NaN;
    this.healedAt = this.all('fault.healed')[0]?.t ?? NaN;
    this.allHealedAt = this.all('fault.healed').at(-1)?.t ?? NaN;
    this.goneAt = this.all('fault.gone').at(-1)?.t ?? NaN;
    this.settleAt = phaseAt('settle');
    const listings = this.all('mailbox.listed');
    this.listedAt = listings.find(({ stage }) => stage === 'after')?.t ?? NaN;
    this.#filledAt = listings.findLast(({ stage }) => stage === 'before')?.t ?? NaN;
    this.endAt = history.at(-1)?.t ?? NaN;
    this.#delivered = this.#findDelivered();
  }

  all<T extends EventType>(type: T): EventOf<T>[] {
    return this.history.filter(is(type));
  }

  /** Of the mailbox with this address; null where there is none. */
  volumeOf(address: string): string | null {
    return this.started.mailboxes.find((mailbox) => mailbox.address === address)?.volume ?? null;
  }

  /**
   * Mail accepted at the first attempt that arrived once. `steady`: behind the filling of the mailboxes and before the
   * first fault; `settle`: behind the last heal.
   */
  delivered({ kind, on, during }: Wish = {}): readonly Delivered[] {
    const found = this.#delivered.filter(({ created, acceptedAt, volume }) => {
      if (kind !== undefined && created.kind !== kind) return false;
      if (on !== undefined && (volume === null || !this[on].has(volume))) return false;
      if (during === 'steady') return acceptedAt < this.injectAt && acceptedAt > this.#filledAt;
      if (during === 'outage') return acceptedAt > this.feltAt + 500 && acceptedAt < this.healedAt - 500;
      if (during === 'settle') return acceptedAt > this.allHealedAt + 100;
      return acceptedAt > this.#filledAt;
    });
    return found;
  }

  /** The first of them; throws where there is none, since a change without a victim changes nothing. */
  victim(wish: Wish = {}): Delivered {
    const [first] = this.delivered(wish);
    if (first === undefined) throw new NotHere(`${this.name} has no victim ${JSON.stringify(wish)}`);
    return first;
  }

  /** Stamps an event as the run's own clocks would have at `t`. */
  at(t: number, event: NewEvent): HistoryEvent {
    const before = this.history.findLast((other) => other.t <= t) ?? this.started;
    const passed = t - before.t;
    return { ...event, t, wall: before.wall + passed, sim: before.sim + passed };
  }

  #findDelivered(): readonly Delivered[] {
    const ends = new Map<string, EventOf<'attempt.ended'>[]>();
    for (const end of this.all('attempt.ended')) ends.set(end.id, [...(ends.get(end.id) ?? []), end]);
    const copies = new Map<string | null, number>();
    for (const { id } of this.history.filter(is('copy.found', 'outside.received'))) {
      copies.set(id, (copies.get(id) ?? 0) + 1);
    }
    return this.all('message.created').flatMap((created) => {
      const { id, kind } = created;
      const [end, second] = ends.get(id) ?? [];
      if (kind === 'canary' || end?.outcome !== 'accepted' || second !== undefined) return [];
      if (copies.get(id) !== 1) return [];
      return [{ created, id, acceptedAt: end.t, volume: this.volumeOf(created.to) }];
    });
  }
}

/** A change that needs what a base does not have. */
export class NotHere extends Error {}

/** Which source an event comes from; null: from none that can die. */
export function sourceOf(
  event: HistoryEvent,
): { readonly kind: SourceKind; readonly subject: string } | null {
  switch (event.type) {
    case 'queue.sampled':
    case 'queue.seen':
    case 'queue.left':
      return { kind: 'queue', subject: event.service };
    case 'mta.logged':
      return { kind: 'log', subject: event.service };
    case 'outside.received':
      return { kind: 'outside', subject: '' };
    case 'dsn.received':
      return { kind: event.place === 'outside' ? 'outside' : 'mailboxes', subject: '' };
    case 'probe.sampled':
      return { kind: 'probe', subject: event.volume };
    case 'copy.found':
      return { kind: 'mailboxes', subject: '' };
    case 'reader.visited':
    case 'login.tried':
      return { kind: 'readers', subject: '' };
    case 'attempt.ended':
    case 'attempt.started':
      return { kind: 'senders', subject: '' };
    default:
      return null;
  }
}

const RUNS = join(import.meta.dirname, '..', 'good-runs');

async function read(file: string): Promise<History> {
  const history: HistoryEvent[] = [];
  for await (const event of readHistory(join(RUNS, file))) history.push(event);
  return history;
}

const isOfHarness = is('source.started', 'source.alive', 'source.ended');

/** A good run of version 0.1: its sources do not say that they live. */
export async function baseOf(name: string, file: string): Promise<Base> {
  const history = (await read(file)).filter((event) => !isOfHarness(event));
  const quiet = history.map((event): HistoryEvent => {
    if (event.type !== 'run.started') return event;
    return { ...event, heartbeats: undefined };
  });
  return new Base(name, quiet);
}

const BEAT_EVERY_MS = 1_000;
const DEADLINE_MS = 10_000;
const COUNTED: ReadonlySet<string> = new Set([
  'queue.sampled',
  'probe.sampled',
  'outside.received',
  'dsn.received',
  'reader.visited',
  'attempt.ended',
  'mta.logged',
  'copy.found',
]);

/** The same run as a later version would have told it: every source says once a second that it lives, and what it counted. */
export function withHeartbeats(base: Base): Base {
  const sources = new Map<string, { kind: SourceKind; subject: string; times: number[] }>();
  // These watch in every run, whether or not there is anything to see.
  for (const kind of ['outside', 'mailboxes', 'readers', 'senders'] as const)
    sources.set(kind, { kind, subject: '', times: [] });
  for (const event of sorted([...base.history, ...visitedBefore(base)])) {
    const source = sourceOf(event);
    if (source === null) continue;
    const name = source.subject === '' ? source.kind : `${source.kind}:${source.subject}`;
    const known = sources.get(name) ?? { ...source, times: [] };
    sources.set(name, known);
    if (COUNTED.has(event.type)) known.times.push(event.t);
  }
  const told: HistoryEvent[] = [];
  for (const [source, { kind, subject, times }] of sources) {
    let seen = 0;
    told.push(
      base.at(base.steadyAt, { type: 'source.started', source, kind, subject, deadlineMs: DEADLINE_MS }),
    );
    for (let t = base.steadyAt + BEAT_EVERY_MS; t < base.endAt - 1; t += BEAT_EVERY_MS) {
      while ((times[seen] ?? Infinity) <= t) seen += 1;
      told.push(base.at(t, { type: 'source.alive', source, seen }));
    }
    told.push(base.at(base.endAt - 1, { type: 'source.ended', source, seen: times.length }));
  }
  const [first, ...rest] = [...base.history, ...visitedBefore(base)].map((event): HistoryEvent =>
    event.type === 'run.started' ? { ...event, heartbeats: true } : event,
  );
  if (first === undefined) throw new Error('nothing to tell');
  return new Base(`${base.name}, with heartbeats`, [first, ...sorted([...rest, ...told])]);
}

const VISITS_BEFORE = 3;

/** Visits to the spared volumes in steady state: readers of a later version go from volume to volume from the start. */
function visitedBefore(base: Base): readonly HistoryEvent[] {
  const befores = base.all('mailbox.listed').filter(({ stage }) => stage === 'before');
  const filledAt = befores.at(-1)?.t ?? base.steadyAt;
  return [...base.spared].flatMap((volume) => {
    const visit = base.all('reader.visited').find((event) => event.volume === volume);
    const exists = befores.find(({ mailbox }) => mailbox === visit?.mailbox)?.messages.length;
    if (visit === undefined || exists === undefined) return [];
    return Array.from({ length: VISITS_BEFORE }, (_, index) => {
      const share = (index + 1) / (VISITS_BEFORE + 1);
      return base.at(filledAt + share * (base.injectAt - filledAt), { ...visit, exists });
    });
  });
}

export function sorted(events: readonly HistoryEvent[]): History {
  return events.toSorted((a, b) => a.t - b.t);
}
