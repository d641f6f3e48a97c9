import { SOURCE_KINDS, type HistoryEvent, type SourceKind } from '../../../src/history/event.js';
import { NotHere, sourceOf, type Base } from './base.js';
import { wrong, type Change } from './changes.js';
import { change, deaf, drop, unsent, type Edit } from './edit.js';

type Span = readonly [from: (base: Base) => number, until: (base: Base) => number];

const SPANS: Readonly<Record<string, Span>> = {
  'from the start': [() => 0, () => Infinity],
  'from the middle on': [({ healedAt }) => healedAt, () => Infinity],
  'in the outage': [({ injectAt }) => injectAt, ({ allHealedAt }) => allHealedAt],
  'before the first fault': [() => 0, ({ injectAt }) => injectAt],
};

const WATCHERS: readonly (readonly [string, SourceKind, 'broken' | 'spared' | null])[] = [
  ['the watch of the queue', 'queue', null],
  ['the log', 'log', null],
  ['the outside', 'outside', null],
  ['the storage probe of a broken volume', 'probe', 'broken'],
  ['the storage probe of a spared volume', 'probe', 'spared'],
  ['the watch of the mailboxes', 'mailboxes', null],
  ['the readers', 'readers', null],
];

const middle = ({ feltAt, healedAt }: Base): number => (feltAt + healedAt) / 2;

/** Messages that were created in a span. */
const written =
  ([from, until]: Span) =>
  (base: Base): ReadonlySet<string> =>
    new Set(
      base
        .all('message.created')
        .filter(({ t, kind }) => kind !== 'canary' && t >= from(base) && t <= until(base))
        .map(({ id }) => id),
    );

function dead(kind: SourceKind, which: 'broken' | 'spared' | null, [from, until]: Span): Edit {
  return deaf(
    (source, base) => source.kind === kind && (which === null || base[which].has(source.subject)),
    from,
    until,
  );
}

const deaths: readonly Change[] = Object.entries(SPANS).flatMap(([when, span]) => [
  ...WATCHERS.map(([what, kind, which]) => wrong(`${what} dead ${when}`, dead(kind, which, span))),
]);

const sendersDead: readonly Change[] = [
  ...Object.entries(SPANS).filter(([when]) => when !== 'from the middle on'),
  // They stop by themselves when the run settles.
  ['from the middle of the outage on', [middle, () => Infinity]] as const,
].map(([when, span]) => wrong(`the senders dead ${when}`, unsent(written(span))));

/** What a source recorded stops in the middle, and it says all the same that it lives and counts on. */
const living: readonly Change[] = WATCHERS.filter(([, kind]) => !['log', 'mailboxes'].includes(kind)).map(
  ([what, kind, which]) =>
    wrong(
      `${what} says that it lives and records nothing from the middle on`,
      dead(kind, which, SPANS['from the middle on'] ?? [() => 0, () => 0]),
    ),
);

const isOf = (kind: SourceKind) => (event: HistoryEvent) =>
  'source' in event && (event.source === kind || event.source.startsWith(`${kind}:`));

const silent: readonly Change[] = SOURCE_KINDS.flatMap((kind) => [
  wrong(
    `no ${kind} source was ever started`,
    drop((event) => isOf(kind)(event) || sourceOf(event)?.kind === kind),
  ),
  wrong(
    `the ${kind} source falls silent in the middle`,
    drop(
      (event, { healedAt }) => event.t > healedAt && (isOf(kind)(event) || sourceOf(event)?.kind === kind),
    ),
  ),
  wrong(
    `the ${kind} source ends in the middle`,
    (base, history) =>
      history
        .filter((event) => event.t <= base.healedAt || (!isOf(kind)(event) && sourceOf(event)?.kind !== kind))
        .map((event, index, all): HistoryEvent => {
          const isLast =
            event.type === 'source.alive' &&
            isOf(kind)(event) &&
            !all
              .slice(index + 1)
              .some((later) => later.type === 'source.alive' && later.source === event.source);
          return isLast ? { ...event, type: 'source.ended' } : event;
        }),
    'sound-history',
  ),
]);

const frozen: readonly Change[] = [
  wrong(
    'the depth of the queue frozen at 0',
    change('queue.sampled', (event) => ({ ...event, depth: 0 })),
  ),
  wrong('the depth of the queue frozen at its greatest', (base, history) => {
    const samples = base.all('queue.sampled');
    const peak = samples.reduce((most, sample) => (sample.depth > most.depth ? sample : most));
    return change(
      'queue.sampled',
      (event) => ({ ...event, depth: peak.depth }),
      ({ t }) => t > peak.t,
    )(base, history);
  }),
  wrong('the depth of the queue 0 in the outage, and its listings empty', (base, history) =>
    change('queue.sampled', (event) => ({ ...event, depth: 0 }))(
      base,
      history.filter(({ type }) => type !== 'queue.seen' && type !== 'queue.left'),
    ),
  ),
  wrong(
    'the probe of a broken volume frozen at what it saw before the fault',
    change(
      'probe.sampled',
      (event) => ({ ...event, outcome: 'ok', errno: null, ms: 1 }),
      ({ volume }, base) => base.broken.has(volume),
    ),
    'fault-felt',
  ),
  wrong(
    'the probe of a broken volume frozen at what it saw in the outage',
    change(
      'probe.sampled',
      (event) => ({ ...event, outcome: 'error', errno: 'EIO' }),
      ({ volume, t }, base) => base.broken.has(volume) && t > base.feltAt,
    ),
    'fault-gone',
  ),
  wrong(
    'no listing of the queue but its depth',
    drop(({ type }) => type === 'queue.seen' || type === 'queue.left'),
  ),
  wrong(
    'no depth of the queue but its listings',
    drop(({ type }) => type === 'queue.sampled'),
  ),
  wrong(
    'the log has deliveries and no delays',
    drop((event) => event.type === 'mta.logged' && event.status === 'deferred'),
  ),
  wrong(
    'the log has deliveries and the delays of the first seconds',
    drop(
      (event, { feltAt }) =>
        event.type === 'mta.logged' && event.status === 'deferred' && event.t > feltAt + 3_000,
    ),
  ),
  wrong('the log has deliveries and no delays of every other message', (base, history) => {
    const all = base.all('mta.logged').filter(({ status }) => status === 'deferred');
    const ids = [...new Set(all.map(({ id }) => id))].filter((_, index) => index % 2 === 0);
    return history.filter(
      (event) => event.type !== 'mta.logged' || event.status !== 'deferred' || !ids.includes(event.id),
    );
  }),
  wrong('a burst of mail that was never written', (base, history) => {
    const jumps = base.all('clock.advanced');
    const from = jumps[4]?.t ?? NaN;
    const until = jumps[6]?.t ?? NaN;
    if (Number.isNaN(until)) throw new NotHere('no bursts');
    return unsent(written([() => from, () => until]))(base, history);
  }),
  wrong(
    'the log has delays and no deliveries',
    drop((event) => event.type === 'mta.logged' && event.status === 'sent'),
  ),
  wrong(
    'the log is silent of one kind of mail',
    drop((event) => event.type === 'mta.logged' && /-o\d+$/.test(event.id ?? '')),
  ),
  wrong(
    'the watch of the mailboxes blind for one mailbox',
    drop(
      (event, { started }) => event.type === 'copy.found' && event.mailbox === started.mailboxes[0]?.address,
    ),
  ),
  wrong(
    'the watch of the mailboxes blind for the broken volumes',
    drop((event, base) => event.type === 'copy.found' && base.broken.has(base.volumeOf(event.mailbox) ?? '')),
  ),
  wrong(
    'the watch of the mailboxes blind for the spared volumes',
    drop((event, base) => event.type === 'copy.found' && base.spared.has(base.volumeOf(event.mailbox) ?? '')),
  ),
];

/** For runs of any version. */
export const SOURCE_CHANGES: readonly Change[] = [...deaths, ...sendersDead, ...frozen];
/** For runs whose sources say that they live. */
export const HEARTBEAT_CHANGES: readonly Change[] = [...living, ...silent];
