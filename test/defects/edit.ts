import type { EventOf, EventType, HistoryEvent } from '../../src/history/event.js';
import { at, MAILBOXES, RUN, TIMES } from '../support/good-history.js';

export type History = readonly HistoryEvent[];

/** A message of a good history to do something to. */
export interface Victim {
  readonly created: EventOf<'message.created'>;
  readonly id: string;
  readonly acceptedAt: number;
}

type VictimWish = {
  readonly kind?: 'inbound' | 'outbound' | 'internal';
  readonly volume?: 'gold' | 'silver';
  readonly during?: 'steady' | 'outage';
};

const is =
  <T extends EventType>(...types: readonly T[]) =>
  (event: HistoryEvent): event is EventOf<T> =>
    types.some((type) => type === event.type);

/** All events of a type. */
export function all<T extends EventType>(history: History, type: T): EventOf<T>[] {
  return history.filter(is(type));
}

/** Messages that were accepted at the first attempt and arrived once: what happens to them is plain. */
export function victims(history: History, { kind = 'inbound', volume, during }: VictimWish): Victim[] {
  const volumeOf = (address: string) => MAILBOXES.find((mailbox) => mailbox.address === address)?.volume;
  return all(history, 'message.created').flatMap((created) => {
    const { id, to } = created;
    if (created.kind !== kind || (volume !== undefined && volumeOf(to) !== volume)) return [];
    const own = history.filter((event) => 'id' in event && event.id === id);
    const ends = own.filter(is('attempt.ended'));
    const [end] = ends;
    if (end === undefined || ends.length !== 1) return [];
    if (own.filter(is('copy.found', 'outside.received')).length !== 1) return [];
    const inOutage = created.t > TIMES.felt && end.t < TIMES.heal - 1_000;
    const steady = end.t < TIMES.inject - 1_000;
    if ((during === 'outage' && !inOutage) || (during === 'steady' && !steady)) return [];
    return [{ created, id, acceptedAt: end.t }];
  });
}

export function victim(history: History, wish: VictimWish = {}): Victim {
  const [first] = victims(history, wish);
  if (first === undefined) throw new Error(`the history has no victim ${JSON.stringify(wish)}`);
  return first;
}

export function without(history: History, drop: (event: HistoryEvent) => boolean): History {
  return history.filter((event) => !drop(event));
}

/** Changes the events of one type that `only` picks. */
export function change<T extends EventType>(
  history: History,
  type: T,
  edit: (event: EventOf<T>) => HistoryEvent,
  only: (event: EventOf<T>) => boolean = () => true,
): History {
  const wanted = is(type);
  return sorted(history.map((event) => (wanted(event) && only(event) ? edit(event) : event)));
}

/** Adds events where their times say. */
export function insert(history: History, ...events: readonly HistoryEvent[]): History {
  return sorted([...history, ...events]);
}

function sorted(history: History): History {
  return history.toSorted((a, b) => a.t - b.t);
}

/** Every trace of the message behind its acceptance: copies, queue, log, its place in the last listing. */
export function vanish(history: History, id: string, from = -Infinity): History {
  const traces = is(
    'copy.found',
    'outside.received',
    'queue.seen',
    'queue.left',
    'mta.logged',
    'dsn.received',
  );
  return unlist(
    without(history, (event) => traces(event) && event.id === id && event.t >= from),
    id,
  );
}

/** Takes a message out of the listings at the end. */
export function unlist(history: History, id: string): History {
  return change(history, 'mailbox.listed', (event) => ({
    ...event,
    messages: event.messages.filter((message) => event.stage === 'before' || message.id !== id),
  }));
}

/** Another copy of a message that arrived, under a UID of its own; in the listing at the end as well. */
export function anotherCopy(history: History, id: string, uid: number, mailbox?: string): History {
  const copy = all(history, 'copy.found').find((event) => event.id === id);
  if (copy === undefined) throw new Error(`${id} has no copy`);
  const place = mailbox ?? copy.mailbox;
  const listed = { uid, id, flags: [], bodySha256: copy.bodySha256 };
  return change(
    insert(history, at(copy.t + 40, { ...copy, uid, mailbox: place })),
    'mailbox.listed',
    (event) => ({ ...event, messages: [...event.messages, listed] }),
    (event) => event.stage === 'after' && event.mailbox === place,
  );
}

/** The mail of a message's recipient bounced: `action: failed` to its sender. */
export function dsn(
  { created }: Victim,
  t: number,
  fields: Partial<EventOf<'dsn.received'>> = {},
): HistoryEvent {
  return at(t, {
    type: 'dsn.received',
    id: created.id,
    action: 'failed',
    status: '5.3.0',
    recipient: created.to,
    diagnostic: 'x-unix; error writing message: Input/output error',
    place: 'outside',
    to: created.from,
    ...fields,
  });
}

/** Moves the end of the run, from the listings on, by `ms`; whoever watches goes on seeing what was seen last. */
export function extend(history: History, ms: number): History {
  const moved = history.map((event) =>
    event.t >= TIMES.listed - 1
      ? { ...event, t: event.t + ms, wall: event.wall + ms, sim: event.sim + ms }
      : event,
  );
  const last = new Map<string, EventOf<Watched>>();
  for (const event of history.filter(is(...WATCHED))) last.set(watchedBy(event), event);
  const more = [...last.values()].flatMap((event) =>
    Array.from({ length: Math.ceil(ms / WATCH_EVERY_MS) }, (_, turn) =>
      at(TIMES.listed + turn * WATCH_EVERY_MS, { ...event }),
    ),
  );
  return sorted([...moved, ...more]);
}

const WATCHED = ['queue.sampled', 'probe.sampled', 'reader.visited'] as const;
type Watched = (typeof WATCHED)[number];
const WATCH_EVERY_MS = 1_000;

function watchedBy(event: EventOf<Watched>): string {
  if (event.type === 'queue.sampled') return event.service;
  return `${event.type} ${event.volume}`;
}

/** A message of another run. */
export const FOREIGN_ID = `${RUN.replace('abc', 'xyz')}-i000001`;
