import type { EventOf, EventType, HistoryEvent } from '../../../src/history/event.js';
import { is, NotHere, sorted, sourceOf, type Base, type Delivered, type History } from './base.js';

/** What a change makes of a base: the events, and what a reader of the file would have found wrong with it. */
export type Edit = (base: Base, history: History) => History;

/** One after the other. */
export const both =
  (...edits: readonly Edit[]): Edit =>
  (base, history) =>
    edits.reduce((changed, edit) => edit(base, changed), history);

export function drop(wanted: (event: HistoryEvent, base: Base) => boolean): Edit {
  return (base, history) => history.filter((event) => !wanted(event, base));
}

/** Changes the events of one type that `only` picks; keeps their order by time. */
export function change<T extends EventType>(
  type: T,
  edit: (event: EventOf<T>, base: Base) => HistoryEvent,
  only: (event: EventOf<T>, base: Base) => boolean = () => true,
): Edit {
  const wanted = is(type);
  return (base, history) =>
    sorted(history.map((event) => (wanted(event) && only(event, base) ? edit(event, base) : event)));
}

export function insert(make: (base: Base) => readonly HistoryEvent[]): Edit {
  return (base, history) => sorted([...history, ...make(base)]);
}

/** What a source recorded between two times. */
export function deaf(
  matches: (source: NonNullable<ReturnType<typeof sourceOf>>, base: Base) => boolean,
  from: (base: Base) => number,
  until: (base: Base) => number,
): Edit {
  return (base, history) => {
    const [start, end] = [from(base), until(base)];
    return history.filter((event) => {
      if (event.t < start || event.t > end) return true;
      const source = sourceOf(event);
      return source === null || !matches(source, base);
    });
  };
}

/** No trace is left of these messages, as if nobody had sent them. */
export function unsent(ids: (base: Base) => ReadonlySet<string>): Edit {
  return (base, history) => {
    const gone = ids(base);
    return unlisted(
      gone,
      history.filter((event) => !('id' in event && event.id !== null && gone.has(event.id))),
    );
  };
}

/** Takes messages out of the listings at the end. */
export function unlisted(ids: ReadonlySet<string>, history: History): History {
  return history.map((event) =>
    event.type === 'mailbox.listed' && event.stage === 'after'
      ? { ...event, messages: event.messages.filter(({ id }) => id === null || !ids.has(id)) }
      : event,
  );
}

const TRACES = is('copy.found', 'outside.received', 'queue.seen', 'queue.left', 'mta.logged', 'dsn.received');

/** Accepted, and of what came after that only the events of these types are left. */
export function vanished(victims: (base: Base) => readonly Delivered[], ...kept: readonly EventType[]): Edit {
  return (base, history) => {
    const ids = new Set(some(victims(base)).map(({ id }) => id));
    const without = history.filter(
      (event) => !TRACES(event) || event.id === null || !ids.has(event.id) || kept.includes(event.type),
    );
    return unlisted(ids, without);
  };
}

/** Changes without a victim change nothing. */
export function some<T>(victims: readonly T[]): readonly T[] {
  if (victims.length === 0) throw new NotHere('no victim');
  return victims;
}

/** Another copy of a message, under a UID of its own, in a mailbox of its recipient or of another; listed at the end. */
export function copied(
  victim: Delivered,
  { mailbox, uid = 90_001 }: { readonly mailbox?: string; readonly uid?: number } = {},
): Edit {
  return (base, history) => {
    const copy = history.find((event) => event.type === 'copy.found' && event.id === victim.id);
    if (copy?.type !== 'copy.found') throw new NotHere(`${victim.id} has no copy`);
    const place = mailbox ?? copy.mailbox;
    const uidValidity =
      base.all('mailbox.listed').find((event) => event.mailbox === place)?.uidValidity ?? copy.uidValidity;
    const more = sorted([...history, base.at(copy.t + 40, { ...copy, uid, mailbox: place, uidValidity })]);
    return more.map((event) =>
      event.type === 'mailbox.listed' && event.stage === 'after' && event.mailbox === place
        ? {
            ...event,
            messages: [...event.messages, { uid, id: victim.id, flags: [], bodySha256: copy.bodySha256 }],
          }
        : event,
    );
  };
}
