import type { HistoryEvent } from '../../../src/history/event.js';
import { type Base, type Delivered } from './base.js';
import { broken, wrong, type Change } from './changes.js';
import { both, change, copied, drop, insert, some, unlisted, vanished, type Edit } from './edit.js';

type Wish = Parameters<Base['delivered']>[0];

const one =
  (wish: Wish) =>
  (base: Base): readonly Delivered[] => [base.victim(wish)];
const many =
  (wish: Wish) =>
  (base: Base): readonly Delivered[] =>
    base.delivered(wish);

const WHERE: readonly (readonly [string, NonNullable<Wish>])[] = [
  ['inbound mail for a broken volume', { kind: 'inbound', on: 'broken', during: 'outage' }],
  ['inbound mail for a spared volume', { kind: 'inbound', on: 'spared', during: 'outage' }],
  ['outbound mail', { kind: 'outbound', during: 'outage' }],
  ['internal mail', { kind: 'internal', during: 'outage' }],
  ['inbound mail of the steady phase', { kind: 'inbound', during: 'steady' }],
  ['outbound mail of the steady phase', { kind: 'outbound', during: 'steady' }],
  ['mail behind the heal', { during: 'settle' }],
];

/** Accepted, listed in the queue, and there for ever. */
function stuck(victims: (base: Base) => readonly Delivered[], depth: 'empty' | 'agrees'): Edit {
  return (base, history) => {
    const messages = some(victims(base));
    const service = base.all('queue.sampled')[0]?.service ?? 'mta';
    const reason = 'delivery temporarily suspended: Input/output error';
    const seen = messages.map(({ id, acceptedAt }) =>
      base.at(acceptedAt + 20, {
        type: 'queue.seen',
        service,
        id,
        queueId: `STUCK${id}`,
        queue: 'deferred',
        reason,
        enhanced: '4.3.0',
      }),
    );
    const listed = insert(() => seen)(base, vanished(() => messages)(base, history));
    if (depth === 'empty') return listed;
    const at = messages.map(({ acceptedAt }) => acceptedAt);
    return change('queue.sampled', (event) => ({
      ...event,
      depth: event.depth + at.filter((t) => t < event.t).length,
    }))(base, listed);
  };
}

const fates: readonly Change[] = WHERE.flatMap(([what, wish]) => [
  wrong(`${what} lost without a trace`, vanished(one(wish)), 'no-loss'),
  wrong(`${what} lost, delivered by the log`, vanished(one(wish), 'mta.logged', 'queue.seen', 'queue.left')),
  wrong(`${what} stuck in a queue whose depth says nothing of it`, stuck(one(wish), 'empty')),
  wrong(`all ${what} stuck in a queue whose depth says nothing of it`, stuck(many(wish), 'empty')),
  wrong(`${what} stuck in a queue at the end`, stuck(one(wish), 'agrees')),
]);

const arrived: Wish = { kind: 'inbound', during: 'outage' };

/** In the mailbox once and not at the end. */
const gone =
  (wish: Wish): Edit =>
  (base, history) =>
    unlisted(new Set([base.victim(wish).id]), history);

function seededOf(base: Base): { readonly mailbox: string; readonly id: string } {
  for (const { mailbox, stage, messages } of base.all('mailbox.listed')) {
    const id = stage === 'before' ? messages[0]?.id : null;
    if (id !== null && id !== undefined) return { mailbox, id };
  }
  throw new Error('no mailbox held anything');
}

type Listed = (HistoryEvent & { type: 'mailbox.listed' })['messages'][number];

/** Changes the first message that a mailbox held before the first fault, as it is listed at the end. */
const seeded =
  (edit: (message: Listed) => readonly Listed[]): Edit =>
  (base, history) => {
    const { mailbox, id } = seededOf(base);
    return change(
      'mailbox.listed',
      (event) => ({
        ...event,
        messages: event.messages.flatMap((message) => (message.id === id ? edit(message) : [message])),
      }),
      (event) => event.stage === 'after' && event.mailbox === mailbox,
    )(base, history);
  };

const copies: readonly Change[] = [
  wrong('a message seen in its mailbox and gone at the end', gone(arrived)),
  wrong(
    'a message of the steady phase seen in its mailbox and gone at the end',
    gone({ kind: 'inbound', during: 'steady' }),
  ),
  wrong('internal mail seen in its mailbox and gone at the end', gone({ kind: 'internal' })),
  wrong('a delivered message that nobody created', (base, history) => {
    const { id } = base.victim(arrived);
    return history.filter((event) => !(event.type === 'message.created' && event.id === id));
  }),
  wrong('outbound mail that the outside received without a sender', (base, history) => {
    const { id } = base.victim({ kind: 'outbound' });
    return history.filter(
      (event) => event.type === 'outside.received' || !('id' in event) || event.id !== id,
    );
  }),
  broken(
    'a message twice in its mailbox',
    (base, history) => copied(base.victim(arrived))(base, history),
    'no-duplicates',
  ),
  wrong('a message twice in its mailbox, excused by an attempt behind its acceptance', (base, history) => {
    const victim = base.victim(arrived);
    return strayAttempt(victim)(base, copied(victim)(base, history));
  }),
  wrong(
    'a message twice in its mailbox, excused by an attempt without an end behind its acceptance',
    (base, history) => {
      const victim = base.victim(arrived);
      return insert(() => [
        base.at(victim.acceptedAt + 30, { type: 'attempt.started', id: victim.id, attempt: 2 }),
      ])(base, copied(victim)(base, history));
    },
  ),
  broken(
    'a message in another mailbox as well',
    (base, history) => {
      const victim = base.victim(arrived);
      const other = base.started.mailboxes.find(({ address }) => address !== victim.created.to);
      return copied(victim, { mailbox: other?.address ?? '' })(base, history);
    },
    'no-ghosts',
  ),
  wrong(
    'a message in another mailbox instead',
    (base, history) => {
      const victim = base.victim(arrived);
      const other =
        base.started.mailboxes.find(({ address }) => address !== victim.created.to)?.address ?? '';
      const moved = copied(victim, { mailbox: other })(base, history);
      return moved.flatMap((event): readonly HistoryEvent[] => {
        if (event.type === 'copy.found' && event.id === victim.id && event.mailbox !== other) return [];
        if (event.type !== 'mailbox.listed' || event.stage !== 'after' || event.mailbox === other)
          return [event];
        return [{ ...event, messages: event.messages.filter(({ id }) => id !== victim.id) }];
      });
    },
    'no-ghosts',
  ),
  wrong(
    'a prefilled message gone',
    seeded(() => []),
    'mailbox-intact',
  ),
  wrong(
    'the flags of a prefilled message gone',
    seeded((message) => [{ ...message, flags: [] }]),
    'mailbox-intact',
  ),
  wrong(
    'a flag more on a prefilled message',
    seeded((message) => [{ ...message, flags: [...message.flags, '\\Deleted'] }]),
    'mailbox-intact',
  ),
  wrong(
    'a prefilled message under another UID',
    seeded((message) => [{ ...message, uid: message.uid + 5_000 }]),
    'mailbox-intact',
  ),
  wrong(
    'the body of a prefilled message changed',
    seeded((message) => [{ ...message, bodySha256: 'f'.repeat(64) }]),
    'mailbox-intact',
  ),
  wrong(
    'a prefilled message without its id',
    seeded((message) => [{ ...message, id: null }]),
  ),
  wrong(
    'a prefilled message twice',
    seeded((message) => [message, { ...message, uid: message.uid + 5_000 }]),
  ),
  wrong(
    'another UIDVALIDITY at the end',
    change(
      'mailbox.listed',
      (event) => ({ ...event, uidValidity: '1' }),
      ({ stage }) => stage === 'after',
    ),
    'mailbox-intact',
  ),
  wrong(
    'no mailbox listed at the end',
    drop((event) => event.type === 'mailbox.listed' && event.stage === 'after'),
  ),
  wrong(
    'no mailbox listed before the first fault',
    drop((event) => event.type === 'mailbox.listed' && event.stage === 'before'),
  ),
  wrong('one mailbox not listed at the end', (base, history) => {
    const { mailbox } = seededOf(base);
    return history.filter(
      (event) => event.type !== 'mailbox.listed' || event.stage === 'before' || event.mailbox !== mailbox,
    );
  }),
  wrong('a mailbox listed at the end before all its mail can have come', (base, history) =>
    change(
      'mailbox.listed',
      (event) => base.at(base.allHealedAt, event),
      ({ stage }) => stage === 'after',
    )(base, history),
  ),
  wrong(
    'a mailbox listed empty at the end',
    change(
      'mailbox.listed',
      (event) => ({ ...event, messages: [] }),
      ({ stage }) => stage === 'after',
    ),
  ),
];

const strayAttempt = ({ id, acceptedAt }: Delivered): Edit =>
  insert((base) => [
    base.at(acceptedAt + 30, { type: 'attempt.started', id, attempt: 2 }),
    base.at(acceptedAt + 35, {
      type: 'attempt.ended',
      id,
      attempt: 2,
      outcome: 'ambiguous',
      code: null,
      enhanced: null,
      reply: '',
      at: 'dot',
      ms: 5,
    }),
  ]);

type Copy = HistoryEvent & { type: 'copy.found' };

/** Changes the copy of a message, and what the listing at the end has of it. */
const damaged =
  (edit: (copy: Copy) => Copy): Edit =>
  (base, history) => {
    const victim = base.victim(arrived);
    const copy = history.find(
      (event): event is Copy => event.type === 'copy.found' && event.id === victim.id,
    );
    if (copy === undefined) throw new Error('no copy');
    const { id, bodySha256 } = edit(copy);
    return history.map((event): HistoryEvent => {
      if (event === copy) return edit(copy);
      if (event.type !== 'mailbox.listed' || event.mailbox !== copy.mailbox) return event;
      return {
        ...event,
        messages: event.messages.map((message) =>
          message.uid === copy.uid && message.id === victim.id ? { ...message, id, bodySha256 } : message,
        ),
      };
    });
  };

/** Changes a message that arrived whole, as the listing at the end shows it. */
const atTheEnd =
  (edit: (message: Listed) => Listed): Edit =>
  (base, history) => {
    const { id } = base.victim(arrived);
    return change(
      'mailbox.listed',
      (event) => ({
        ...event,
        messages: event.messages.map((message) => (message.id === id ? edit(message) : message)),
      }),
      ({ stage }) => stage === 'after',
    )(base, history);
  };

const OTHER = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const damage: readonly Change[] = [
  broken(
    'a blank copy',
    damaged((copy) => ({ ...copy, id: null, bytes: 0, bodySha256: OTHER, headersSha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a copy that lost its headers and its end',
    damaged((copy) => ({ ...copy, id: null, bytes: 40, bodySha256: OTHER, headersSha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a copy of zeros, as long as it was',
    damaged((copy) => ({ ...copy, id: null, bodySha256: OTHER, headersSha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a message replaced by an empty one in the store, by the end',
    atTheEnd((message) => ({ ...message, id: null, bodySha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a message without its headers, by the end',
    atTheEnd((message) => ({ ...message, id: null })),
    'no-corruption',
  ),
  broken(
    'a message replaced by an empty one of another UID, by the end',
    atTheEnd((message) => ({ ...message, id: null, uid: message.uid + 5_000, bodySha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a message replaced by an empty one under another UIDVALIDITY, by the end',
    both(
      atTheEnd((message) => ({ ...message, id: null, bodySha256: OTHER })),
      change(
        'mailbox.listed',
        (event) => ({ ...event, uidValidity: '7' }),
        ({ stage }) => stage === 'after',
      ),
    ),
    'no-corruption',
  ),
  broken(
    'a blank copy beside the whole one',
    (base, history) => {
      const victim = base.victim(arrived);
      return copied(victim)(base, history).map((event): HistoryEvent =>
        event.type === 'copy.found' && event.id === victim.id && event.uid === 90_001
          ? { ...event, id: null, headersSha256: OTHER }
          : event,
      );
    },
    'no-corruption',
  ),
  broken(
    'outbound mail that lost its headers on its way',
    (base, history) => {
      const { id } = base.victim({ kind: 'outbound' });
      return change(
        'outside.received',
        (event) => ({ ...event, id: null, headersSha256: OTHER }),
        (event) => event.id === id,
      )(base, history);
    },
    'no-corruption',
  ),
  broken(
    'every copy in a mailbox blank',
    (base, history) => {
      const { mailbox } = seededOf(base);
      return history.map((event): HistoryEvent => {
        if (event.type === 'copy.found' && event.mailbox === mailbox)
          return { ...event, id: null, bytes: 0, bodySha256: OTHER, headersSha256: OTHER };
        if (event.type !== 'mailbox.listed' || event.mailbox !== mailbox || event.stage === 'before')
          return event;
        return {
          ...event,
          messages: event.messages.map((message) => ({ ...message, id: null, bodySha256: OTHER })),
        };
      });
    },
    'no-corruption',
  ),
  wrong(
    'a message that no one sent, in the listing at the end alone',
    change(
      'mailbox.listed',
      (event) => ({
        ...event,
        messages: [...event.messages, { uid: 90_002, id: null, flags: [], bodySha256: OTHER }],
      }),
      ({ stage }) => stage === 'after',
    ),
    'no-ghosts',
  ),
  broken(
    'a message of an id that no one sent, in the listing at the end alone',
    (base, history) => {
      const id = base.victim(arrived).id.replace(/\d{6}$/, '987654');
      return change(
        'mailbox.listed',
        (event) => ({
          ...event,
          messages: [...event.messages, { uid: 90_003, id, flags: [], bodySha256: OTHER }],
        }),
        ({ stage }) => stage === 'after',
      )(base, history);
    },
    'no-ghosts',
  ),
  broken(
    'a copy that lost its headers',
    damaged((copy) => ({ ...copy, id: null, headersSha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a copy whose body was cut short',
    damaged((copy) => ({ ...copy, bytes: copy.bytes - 100, bodySha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a copy whose body is zeros of the same length',
    damaged((copy) => ({ ...copy, bodySha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a copy with a header more',
    damaged((copy) => ({ ...copy, headersSha256: OTHER })),
    'no-corruption',
  ),
  broken(
    'a copy of another length with the same hashes',
    damaged((copy) => ({ ...copy, bytes: copy.bytes + 1 })),
    'no-corruption',
  ),
  wrong(
    'a body that changed between its first sight and the end',
    (base, history) => {
      const { id } = base.victim(arrived);
      return change(
        'mailbox.listed',
        (event) => ({
          ...event,
          messages: event.messages.map((message) =>
            message.id === id ? { ...message, bodySha256: OTHER } : message,
          ),
        }),
        ({ stage }) => stage === 'after',
      )(base, history);
    },
    'no-corruption',
  ),
  wrong(
    'outbound mail cut short on its way',
    change('outside.received', (event) => ({ ...event, bytes: 10, bodySha256: OTHER })),
    'no-corruption',
  ),
  wrong(
    'a message that no one sent',
    insert((base) => {
      const copy = base.all('copy.found').at(-1);
      return copy === undefined ? [] : [base.at(copy.t + 1, { ...copy, id: null, uid: 90_000 })];
    }),
  ),
  wrong(
    'a canary accepted',
    change(
      'attempt.ended',
      (event) => ({ ...event, outcome: 'accepted', code: 250, enhanced: '2.0.0', reply: '250 2.0.0 Ok' }),
      ({ id }) => /-c\d+$/.test(id),
    ),
    'self-check',
  ),
  wrong(
    'no canary',
    drop((event) => 'id' in event && /-c\d+$/.test(event.id ?? '')),
    'self-check',
  ),
];

export const ACCOUNT_CHANGES: readonly Change[] = [
  ...fates,
  ...copies,
  ...damage,
  wrong(
    'lost mail, and the queue not watched at the end',
    both(
      vanished(one({ kind: 'inbound', during: 'outage' })),
      drop((event, { healedAt }) => event.type.startsWith('queue.') && event.t > healedAt),
    ),
  ),
  wrong('all outbound mail handed over and never received', (base, history) =>
    history.filter((event) => event.type !== 'outside.received'),
  ),
  wrong('outbound mail of the outage handed over and never received', (base, history) => {
    const ids = new Set(base.delivered({ kind: 'outbound', during: 'outage' }).map(({ id }) => id));
    return history.filter((event) => event.type !== 'outside.received' || !ids.has(event.id ?? ''));
  }),
];
