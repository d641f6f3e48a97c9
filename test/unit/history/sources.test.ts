import { describe, expect, it } from 'vitest';
import {
  SOURCE_KINDS,
  type EventType,
  type HistoryEvent,
  type SourceKind,
} from '../../../src/history/event.js';
import { sourceDoubts } from '../../../src/check/source-doubts.js';
import { Fold } from '../../../src/history/fold.js';
import type { Silence } from '../../../src/history/source.js';
import { at, goodHistory, TIMES, TYPICAL } from '../../support/good-history.js';
import { Tale } from '../../support/tale.js';

function silencesOf(events: Iterable<HistoryEvent>): readonly Silence[] {
  const fold = new Fold();
  for (const event of events) fold.see(event);
  fold.close();
  return SOURCE_KINDS.flatMap((kind) => fold.sources.silences(kind));
}

/** The kinds that are silent, each once. */
const silentKinds = (events: Iterable<HistoryEvent>): readonly SourceKind[] => [
  ...new Set(silencesOf(events).map(({ kind }) => kind)),
];

/** The kinds that are no evidence, silent or contradicted by others. */
function doubtedKinds(events: Iterable<HistoryEvent>): readonly SourceKind[] {
  const fold = new Fold();
  for (const event of events) fold.see(event);
  fold.close();
  return SOURCE_KINDS.filter((kind) => sourceDoubts(fold, [kind]).length > 0);
}

const good = goodHistory();
const MIDDLE_MS = 18_000;
const dropped = (types: readonly EventType[], from = MIDDLE_MS, until = Infinity) =>
  good.filter(({ type, t }) => !types.includes(type) || t < from || t > until);

describe('the sources of a run without heartbeats', () => {
  it('live all through in a good run, whatever its fault', () => {
    for (const fault of ['vendor-os-bug', 'stall', 'latency', 'none'] as const) {
      expect(silencesOf(goodHistory({ ...TYPICAL, fault }))).toEqual([]);
    }
  });

  it('need nothing before the first phase, and nothing of a history that has just begun', () => {
    expect(silencesOf([])).toEqual([]);
    for (const length of [1, 2, 5, 10, 20]) expect(silencesOf(good.slice(0, length))).toEqual([]);
  });

  it.each<[string, readonly EventType[], SourceKind]>([
    ['queue listings', ['queue.sampled'], 'queue'],
    ['samples of the storage probe', ['probe.sampled'], 'probe'],
    ['log lines', ['mta.logged'], 'log'],
    ['what the outside receives', ['outside.received'], 'outside'],
    ['copies', ['copy.found'], 'mailboxes'],
    ['visits and logins', ['reader.visited', 'login.tried'], 'readers'],
    ['attempts', ['message.created', 'attempt.started', 'attempt.ended'], 'senders'],
  ])('are silent without %s, from the middle on and all through', (_what, types, kind) => {
    // Senders are needed only until the run settles.
    const from = kind === 'senders' ? TIMES.inject : MIDDLE_MS;
    expect(doubtedKinds(dropped(types, from))).toContain(kind);
    expect(doubtedKinds(dropped(types, 0))).toContain(kind);
  });

  it('say from when to when, and of whom', () => {
    const queue = silencesOf(dropped(['queue.sampled']));
    expect(queue).toEqual([
      { kind: 'queue', subject: 'mta', from: MIDDLE_MS - 500, to: TIMES.listed, how: 'silent' },
    ]);
    expect(silencesOf(dropped(['queue.sampled'], MIDDLE_MS, MIDDLE_MS + 10_000))).toMatchObject([
      { kind: 'queue', from: MIDDLE_MS - 500, to: MIDDLE_MS + 10_500 },
    ]);
    expect(silencesOf(dropped(['queue.sampled'], MIDDLE_MS, MIDDLE_MS + 9_000))).toEqual([]);
    expect(silencesOf(dropped(['probe.sampled'], 0))).toEqual([
      { kind: 'probe', subject: 'gold', from: TIMES.ready, to: TIMES.listed, how: 'never' },
      { kind: 'probe', subject: 'silver', from: TIMES.ready, to: TIMES.listed, how: 'never' },
    ]);
    const onlyGold = good.filter((event) => event.type !== 'probe.sampled' || event.volume === 'gold');
    expect(silencesOf(onlyGold)).toMatchObject([{ kind: 'probe', subject: 'silver', how: 'never' }]);
  });

  it('need a probe of the volume that a fault was aimed at, mailboxes or not', () => {
    const ref = { fault: 'f', name: 'stall', volume: 'bronze' };
    const elsewhere = [...good, at(TIMES.listed, { type: 'fault.injecting', ...ref, parameters: {} })];
    expect(silencesOf(elsewhere)).toMatchObject([{ kind: 'probe', subject: 'bronze', how: 'never' }]);
  });

  it('need no senders once the run settles, and no readers before the mailboxes are filled', () => {
    const senders = ['message.created', 'attempt.started', 'attempt.ended'] as const;
    expect(silentKinds(dropped(senders, TIMES.settle))).toEqual([]);
    const filledAt = 12_000;
    const late = good
      .filter((event) =>
        event.type !== 'reader.visited' && event.type !== 'login.tried' ? true : event.t > filledAt,
      )
      .map((event) =>
        event.type === 'mailbox.listed' && event.stage === 'before' ? at(filledAt, { ...event }) : event,
      )
      .toSorted((a, b) => a.t - b.t);
    expect(silentKinds(late)).toEqual([]);
  });

  it('are given time while the clocks are moved and faults are healed', () => {
    const readers = ['reader.visited', 'login.tried'] as const;
    const gap = dropped(readers, 9_000, 21_500);
    expect(silentKinds(gap)).toEqual(['readers']);
    const during = (phase: 'advance' | 'heal', ...more: readonly HistoryEvent[]) =>
      [
        ...gap,
        at(9_500, { type: 'phase.started', phase, step: 9 }),
        at(21_400, { type: 'phase.ended', phase, step: 9 }),
        ...more,
      ].toSorted((a, b) => a.t - b.t);
    expect(silentKinds(during('heal'))).toEqual([]);
    // Between two jumps readers go on.
    const jumps = [11_000, 14_000, 17_000, 20_000].map((t) => at(t, { type: 'clock.advanced', byMs: 0 }));
    expect(silentKinds(during('advance', ...jumps))).toEqual([]);
    expect(silentKinds(during('advance'))).toEqual(['readers']);
    const unsent = dropped(['attempt.started', 'attempt.ended', 'message.created'], 9_000, 21_500);
    expect(silentKinds(unsent)).toEqual(['senders']);
    const bursts = [
      ...unsent,
      at(9_500, { type: 'phase.started', phase: 'advance', step: 9 }),
      at(21_400, { type: 'phase.ended', phase: 'advance', step: 9 }),
    ].toSorted((a, b) => a.t - b.t);
    expect(silentKinds(bursts)).toEqual([]);
  });

  it('take a visit or an attempt that hung for a sign of life', () => {
    const hung = { step: 'login', outcome: 'timeout', code: null, text: '', ms: 15_000 } as const;
    const visit = new Tale().visit(21_000, { steps: [hung] }).events.at(-1);
    if (visit === undefined) throw new Error('no visit');
    const readers = dropped(['reader.visited', 'login.tried'], 6_000, 20_999);
    expect(silentKinds(readers)).toEqual(['readers']);
    expect(silentKinds([...readers, visit].toSorted((a, b) => a.t - b.t))).toEqual([]);
  });

  it('are heard of in logins and in attempts that only began', () => {
    const logins = good.filter(({ type }) => type !== 'reader.visited');
    expect(silentKinds(logins)).toEqual([]);
    const begun = good.filter(({ type }) => type !== 'attempt.ended');
    expect(silentKinds(begun)).toEqual([]);
  });

  it('are given no time for a hold that never began', () => {
    const gap = dropped(['reader.visited', 'login.tried'], 9_000, 21_500);
    const ended = [...gap, at(21_400, { type: 'phase.ended', phase: 'advance', step: 9 })];
    expect(silentKinds(ended.toSorted((a, b) => a.t - b.t))).toEqual(['readers']);
  });

  /** The same run, as another scenario asked for it. */
  const asked = (traffic: object, events: readonly HistoryEvent[]) =>
    events.map((event) => (event.type === 'run.started' ? { ...event, scenario: { traffic } } : event));

  it('come as often as the scenario says: readers every so often, senders at their rates, or in bursts', () => {
    const readers = dropped(['reader.visited', 'login.tried'], 9_000, 24_000);
    const rate = { inbound: { rate: 2 } };
    expect(silentKinds(asked({ ...rate, readers: { every: 1_000 } }, readers))).toEqual(['readers']);
    expect(silentKinds(asked({ ...rate, readers: { every: 3_000 } }, readers))).toEqual([]);
    const senders = dropped(['attempt.started', 'attempt.ended'], 9_000);
    const sent = (traffic: object) => silentKinds(asked({ readers: { every: 1_000 }, ...traffic }, senders));
    expect(sent(rate)).toEqual(['senders']);
    expect(sent({ inbound: { rate: 0.1 }, outbound: { rate: 0.4 } })).toEqual([]);
    expect(sent({ inbound: { at: 3_600_000, messages: 5 } })).toEqual([]);
    expect(silentKinds(asked({ readers: 7 }, readers))).toEqual(['readers']);
  });

  it('must live from the first phase on, all but the readers', () => {
    const late = good
      .filter(({ type, t }) => type !== 'queue.sampled' || t > 6_500)
      .map((event) =>
        event.type === 'mailbox.listed' && event.stage === 'before' ? at(6_500, { ...event }) : event,
      );
    expect(silencesOf(late.toSorted((a, b) => a.t - b.t))).toMatchObject([
      { kind: 'queue', from: TIMES.ready },
    ]);
  });

  it('need a probe of the link to the MX, and none of a service or its queue', () => {
    const faultOn = (volume: string) => [
      ...good,
      at(TIMES.listed, { type: 'fault.injecting', fault: 'f', name: 'stall', volume, parameters: {} }),
    ];
    expect(silencesOf(faultOn('mx'))).toMatchObject([{ kind: 'probe', subject: 'mx', how: 'never' }]);
    expect(silencesOf(faultOn('service:store'))).toEqual([]);
    expect(silencesOf(faultOn('queue:mta'))).toEqual([]);
  });

  it('that were silent for a while and came back are alive at the end', () => {
    const of = (events: Iterable<HistoryEvent>) => {
      const fold = new Fold();
      for (const event of events) fold.see(event);
      return [fold.sources.silences('queue').length, fold.sources.isAliveAtEnd('queue')];
    };
    expect(of(dropped(['queue.sampled'], 9_000, 24_000))).toEqual([1, true]);
    expect(of(dropped(['queue.sampled'], 9_000))).toEqual([1, false]);
    expect(of(good)).toEqual([0, true]);
  });
});

describe('the sources of a run with heartbeats', () => {
  const KINDS: readonly SourceKind[] = ['outside', 'mailboxes', 'readers', 'senders'];
  /** Every source of a run of a minute, alive each second; `edit` may leave some out. */
  const living = (edit: (event: HistoryEvent) => boolean = () => true) => {
    const names = ['queue:mta', 'log:mta', 'probe:gold', 'probe:silver', ...KINDS];
    const events: HistoryEvent[] = [];
    for (const source of names) {
      const [kind = '', subject = ''] = source.split(':');
      const known = SOURCE_KINDS.find((one) => one === kind) ?? 'queue';
      events.push(at(1, { type: 'source.started', source, kind: known, subject, deadlineMs: 2_000 }));
      for (let t = 1_000; t < 60_000; t += 1_000)
        events.push(at(t, { type: 'source.alive', source, seen: t / 1_000 }));
      events.push(at(60_000, { type: 'source.ended', source, seen: 60 }));
    }
    const start = new Tale().events[0];
    if (start === undefined) throw new Error('no start');
    const frame = new Tale({ heartbeats: false })
      .add(2, { type: 'phase.started', phase: 'steady', step: 0 })
      .add(10_000, { type: 'phase.ended', phase: 'steady', step: 0 })
      .add(50_000, { type: 'phase.started', phase: 'settle', step: 1 })
      .add(58_000, { type: 'phase.ended', phase: 'settle', step: 1 })
      .listed(59_000, 'after', [])
      .ended(60_500).events;
    return [start, ...frame.slice(1), ...events.filter(edit)].toSorted((a, b) => a.t - b.t);
  };

  it('live all through', () => {
    expect(silencesOf(living())).toEqual([]);
  });

  it('must all have begun', () => {
    expect(silentKinds(living(() => false))).toEqual([...SOURCE_KINDS]);
    expect(silencesOf(living((event) => !('source' in event) || event.source !== 'log:mta'))).toEqual([
      { kind: 'log', subject: 'mta', from: 10_000, to: 59_000, how: 'never' },
    ]);
  });

  it('are silent where nothing is heard for longer than they said', () => {
    const gap = living(
      (event) =>
        !('source' in event) || event.source !== 'probe:gold' || event.t <= 20_000 || event.t > 23_000,
    );
    expect(silencesOf(gap)).toEqual([
      { kind: 'probe', subject: 'gold', from: 20_000, to: 24_000, how: 'silent' },
    ]);
    const short = living(
      (event) =>
        !('source' in event) || event.source !== 'probe:gold' || event.t <= 20_000 || event.t > 21_000,
    );
    expect(silencesOf(short)).toEqual([]);
  });

  it('live by what they record as well', () => {
    const quiet = living(
      (event) => !('source' in event) || event.source !== 'queue:mta' || event.type !== 'source.alive',
    );
    expect(silentKinds(quiet)).toEqual(['queue']);
    const listings = Array.from({ length: 60 }, (_, n) =>
      at(n * 1_000, { type: 'queue.sampled', service: 'mta', depth: 0 } as const),
    );
    expect(silentKinds([...quiet, ...listings].toSorted((a, b) => a.t - b.t))).toEqual([]);
  });

  it('must not end before the run takes stock; senders may when it settles, readers when that is over', () => {
    const endedAt = (t: number, source: string) =>
      living((event) => !('source' in event) || event.source !== source || event.type !== 'source.ended')
        .concat(at(t, { type: 'source.ended', source, seen: 1 }))
        .filter((event) => !('source' in event) || event.source !== source || event.t <= t);
    const told = (t: number, source: string) => silencesOf(endedAt(t, source).toSorted((a, b) => a.t - b.t));
    expect(told(58_999, 'queue:mta')).toEqual([
      { kind: 'queue', subject: 'mta', from: 58_999, to: 59_000, how: 'ended' },
    ]);
    expect(told(59_000, 'queue:mta')).toEqual([]);
    expect(told(50_000, 'senders')).toEqual([]);
    expect(told(49_000, 'senders')).toMatchObject([{ how: 'ended', from: 49_000, to: 50_000 }]);
    expect(told(58_000, 'readers')).toEqual([]);
    expect(told(57_000, 'mailboxes')).toMatchObject([{ how: 'ended', to: 58_000 }]);
  });

  it('may begin again', () => {
    const again = living().concat(
      at(20_000, { type: 'source.ended', source: 'outside', seen: 1 }),
      at(20_500, {
        type: 'source.started',
        source: 'outside',
        kind: 'outside',
        subject: '',
        deadlineMs: 2_000,
      }),
    );
    expect(silencesOf(again.toSorted((a, b) => a.t - b.t))).toEqual([]);
  });

  it('of a kind that this version does not know are left alone', () => {
    const more = living().concat(at(5, { type: 'source.alive', source: 'weather:mars', seen: 1 }));
    expect(silencesOf(more.concat(at(6, { type: 'source.ended', source: 'weather', seen: 1 })))).toEqual([]);
  });

  it('must live by their cadence as well, where they have one, however long they said that they may be silent', () => {
    const patient = living().map((event) =>
      event.type === 'source.started' ? { ...event, deadlineMs: 90_000 } : event,
    );
    const sampled = (until: number) =>
      Array.from({ length: until / 400 }, (_, n) =>
        at(n * 400, { type: 'queue.sampled', service: 'mta', depth: 0 } as const),
      );
    const told = (until: number) => silencesOf([...patient, ...sampled(until)].toSorted((a, b) => a.t - b.t));
    expect(told(55_600)).toEqual([]);
    expect(told(40_000)).toMatchObject([{ kind: 'queue', from: 39_600, to: 59_000, how: 'silent' }]);
    expect(told(3_600)).toEqual([]);
  });

  it('have heartbeats where one of them began, whatever the start of the run says', () => {
    const headless = living((event) => !('source' in event) || event.source !== 'log:mta').filter(
      ({ type }) => type !== 'run.started',
    );
    expect(silencesOf(headless)).toMatchObject([{ kind: 'log', how: 'never' }]);
  });

  it('have recorded what they counted', () => {
    const fold = new Fold();
    const listings = Array.from({ length: 58 }, (_, n) =>
      at(1_000 * n + 500, { type: 'queue.sampled', service: 'mta', depth: 0 } as const),
    );
    for (const event of [...living(), ...listings].toSorted((a, b) => a.t - b.t)) fold.see(event);
    fold.close();
    expect(fold.sources.shortfalls('queue')).toEqual([]);
    expect(fold.sources.isAliveAtEnd('queue')).toBe(true);
    expect(fold.sources.shortfalls('probe')).toEqual([
      { kind: 'probe', subject: 'gold', claimed: 60, recorded: 0 },
      { kind: 'probe', subject: 'silver', claimed: 60, recorded: 0 },
    ]);
    expect(fold.sources.isAliveAtEnd('outside')).toBe(false);
    expect(fold.sources.shortfalls('log')).toEqual([]);
  });
});
