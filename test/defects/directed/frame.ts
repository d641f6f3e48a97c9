import type { EventOf, HistoryEvent } from '../../../src/history/event.js';
import { is, NotHere, sorted, type Base, type History } from './base.js';
import { wrong, type Change } from './changes.js';
import { both, change, drop, insert, unsent, vanished, type Edit } from './edit.js';

const FAULT = is(
  'fault.injecting',
  'fault.injected',
  'fault.felt',
  'fault.healing',
  'fault.healed',
  'fault.gone',
);

const faults =
  (
    edit: (
      event: EventOf<
        'fault.injecting' | 'fault.injected' | 'fault.felt' | 'fault.healing' | 'fault.healed' | 'fault.gone'
      >,
      base: Base,
    ) => HistoryEvent,
  ): Edit =>
  (base, history) =>
    history.map((event) => (FAULT(event) ? edit(event, base) : event));

const firstOf = (set: ReadonlySet<string>): string => {
  for (const one of set) return one;
  throw new NotHere('no such volume');
};

const samples = (
  edit: (event: EventOf<'probe.sampled'>) => HistoryEvent,
  only: (event: EventOf<'probe.sampled'>, base: Base) => boolean,
): Edit => change('probe.sampled', edit, only);
const well = (event: EventOf<'probe.sampled'>): HistoryEvent => ({
  ...event,
  outcome: 'ok',
  errno: null,
  ms: 1,
});
const ill = (event: EventOf<'probe.sampled'>): HistoryEvent => ({ ...event, outcome: 'error', errno: 'EIO' });
const isHeld = ({ t }: HistoryEvent, base: Base) => t > base.injectAt && t < base.allHealedAt;

const evidence: readonly Change[] = [
  wrong(
    'a fault of another name',
    faults((event) => ({ ...event, name: 'latency' })),
  ),
  wrong(
    'a fault of a name that nobody knows',
    faults((event) => ({ ...event, name: 'gremlins' })),
  ),
  wrong(
    'a fault on another volume',
    faults((event, base) => ({ ...event, volume: firstOf(base.spared) })),
  ),
  wrong('a fault and its samples on another volume', (base, history) => {
    const [from, to] = [firstOf(base.broken), firstOf(base.spared)];
    const swapped = (volume: string) => (volume === from ? to : volume === to ? from : volume);
    return history.map((event) =>
      FAULT(event) || event.type === 'probe.sampled' ? { ...event, volume: swapped(event.volume) } : event,
    );
  }),
  wrong('a fault more than the scenario has', (base, history) =>
    sorted([
      ...history,
      ...history
        .filter(FAULT)
        .map((event): HistoryEvent => ({ ...event, fault: `${event.fault}x`, volume: firstOf(base.spared) })),
    ]),
  ),
  wrong('the last fault left out', (base, history) => {
    const last = base.all('fault.injecting').at(-1)?.fault;
    return history.filter((event) => !FAULT(event) || event.fault !== last);
  }),
  wrong('the last fault left out, with its volume', (base, history) => {
    const volume = base.all('fault.injecting').at(-1)?.volume;
    return history.filter((event) => !FAULT(event) || event.volume !== volume);
  }),
  wrong(
    'a fault of other parameters',
    change('fault.injecting', (event) => ({
      ...event,
      parameters: { ...event.parameters, operations: ['read'], errno: 'ENOSPC' },
    })),
  ),
  wrong(
    'a fault of a small probability',
    change('fault.injecting', (event) => ({
      ...event,
      parameters: { ...event.parameters, probability: 0.01 },
    })),
  ),
  wrong(
    'a fault without parameters',
    change('fault.injecting', (event) => ({ ...event, parameters: {} })),
  ),
  ...(
    [
      'fault.injecting',
      'fault.injected',
      'fault.felt',
      'fault.healing',
      'fault.healed',
      'fault.gone',
    ] as const
  ).map((type) =>
    wrong(
      `no ${type}`,
      drop((event) => event.type === type),
    ),
  ),
  wrong(
    'a fault never felt but gone',
    both(
      drop(({ type }) => type === 'fault.felt'),
      samples(well, () => true),
    ),
  ),
  wrong('a fault that was never felt in the samples', samples(well, isHeld), 'fault-felt'),
  wrong(
    'a fault felt once in the samples',
    samples(well, (event, base) => isHeld(event, base) && event.t > base.feltAt + 100),
    'fault-felt',
  ),
  wrong(
    'a fault felt in the first half of its hold',
    samples(well, (event, base) => event.t > (base.feltAt + base.healedAt) / 2 && isHeld(event, base)),
    'fault-felt',
  ),
  wrong(
    'a fault felt in a tenth of its samples',
    samples(well, (event, base) => isHeld(event, base) && Math.floor(event.t / 500) % 10 !== 0),
    'fault-felt',
  ),
  wrong(
    'a fault felt by another error',
    samples(
      (event) => ({ ...event, errno: event.errno === null ? null : 'EACCES' }),
      () => true,
    ),
    'fault-felt',
  ),
  wrong('the fault felt behind its heal', (base, history) =>
    change('fault.felt', (event) => base.at(base.allHealedAt + 1, event))(base, history),
  ),
  wrong(
    'the storage bad again before the end',
    samples(ill, ({ t, volume }, base) => base.broken.has(volume) && t > base.endAt - 4_000),
    'fault-gone',
  ),
  wrong(
    'the storage bad behind its heal',
    samples(ill, ({ t, volume }, base) => base.broken.has(volume) && t > base.goneAt),
    'fault-gone',
  ),
  wrong(
    'a spared volume bad all through',
    samples(ill, ({ volume }, base) => base.spared.has(volume)),
  ),
  wrong(
    'a spared volume bad in the outage',
    samples(ill, (event, base) => base.spared.has(event.volume) && isHeld(event, base)),
  ),
  wrong(
    'a spared volume bad behind the heal',
    samples(ill, ({ t, volume }, base) => base.spared.has(volume) && t > base.goneAt),
  ),
  wrong(
    'a broken volume bad before its fault',
    samples(ill, ({ t, volume }, base) => base.broken.has(volume) && t < base.injectAt),
  ),
  wrong('the fault healed at once', (base, history) => {
    const early = is('fault.healing', 'fault.healed', 'fault.gone');
    return sorted(history.map((event) => (early(event) ? base.at(base.feltAt + 300, event) : event)));
  }),
  wrong('the fault healed at once, and the samples well', (base, history) => {
    const early = is('fault.healing', 'fault.healed', 'fault.gone');
    return sorted(
      history.map((event) =>
        early(event)
          ? base.at(base.feltAt + 300, event)
          : event.type === 'probe.sampled' && event.t > base.feltAt + 300
            ? well(event)
            : event,
      ),
    );
  }),
];

type Recorded = Readonly<Record<string, unknown>>;
const isRecorded = (value: unknown): value is Recorded => typeof value === 'object' && value !== null;
const asked = (edit: (scenario: Recorded) => Recorded): Edit =>
  change('run.started', (event) => ({
    ...event,
    scenario: isRecorded(event.scenario) ? edit(event.scenario) : event.scenario,
  }));
const checks = (scenario: Recorded): Recorded => (isRecorded(scenario['checks']) ? scenario['checks'] : {});
const timeline = (scenario: Recorded): readonly unknown[] =>
  Array.isArray(scenario['timeline']) ? scenario['timeline'] : [];
const SKIP = { skip: 'no one needs to know of this' };
const skipping = (...names: readonly string[]): Edit =>
  asked((scenario) => ({
    ...scenario,
    checks: { ...checks(scenario), ...Object.fromEntries(names.map((name) => [name, SKIP])) },
  }));
const PROMISES = [
  'no-bounce',
  'no-reject',
  'no-loss',
  'no-duplicates',
  'no-corruption',
  'no-ghosts',
  'queued-during-outage',
  'delivered-after-recovery',
  'mailbox-intact',
  'outbound-flows',
  'honest-login',
  'blast-radius',
  'queue-drains',
  'no-backscatter',
  'no-crash',
  'lifetime-margin',
  'sender-told',
];

const scenario: readonly Change[] = [
  ...['sound-history', 'fault-felt', 'fault-gone', 'self-check'].map((name) =>
    wrong(`${name} skipped`, skipping(name)),
  ),
  wrong('every promise skipped', skipping(...PROMISES)),
  wrong(
    'cut off, and sound-history skipped',
    both((base, history) => history.filter(({ t }) => t < base.settleAt), skipping('sound-history')),
  ),
  wrong(
    'never felt, and fault-felt skipped',
    both(
      drop(({ type }) => type === 'fault.felt'),
      skipping('fault-felt'),
    ),
  ),
  wrong(
    'another step in the timeline',
    asked((one) => ({
      ...one,
      timeline: [...timeline(one), { inject: { fault: 'stall', volume: 'gold' } }],
    })),
  ),
  wrong(
    'a scenario of another fault',
    asked((one) => ({
      ...one,
      timeline: timeline(one).map((step) =>
        isRecorded(step) && 'inject' in step
          ? { inject: { ...(isRecorded(step['inject']) ? step['inject'] : {}), fault: 'stall' } }
          : step,
      ),
    })),
  ),
  wrong('a scenario of another volume', (base, history) =>
    asked((one) => ({
      ...one,
      timeline: timeline(one).map((step) =>
        isRecorded(step) && 'inject' in step
          ? {
              inject: { ...(isRecorded(step['inject']) ? step['inject'] : {}), volume: firstOf(base.spared) },
            }
          : step,
      ),
    }))(base, history),
  ),
  wrong(
    'a scenario with longer holds',
    asked((one) => ({
      ...one,
      timeline: timeline(one).map((step) => (isRecorded(step) && 'hold' in step ? { hold: 600_000 } : step)),
    })),
  ),
  wrong(
    'a scenario with a longer steady phase',
    asked((one) => ({
      ...one,
      timeline: timeline(one).map((step) =>
        isRecorded(step) && 'steady' in step ? { steady: 600_000 } : step,
      ),
    })),
  ),
  wrong(
    'a scenario without faults',
    asked((one) => ({
      ...one,
      timeline: timeline(one).filter((step) => isRecorded(step) && !('inject' in step) && !('heal' in step)),
    })),
  ),
  wrong(
    'a baseline with faults',
    asked((one) => ({ ...one, baseline: true })),
  ),
  wrong(
    'a baseline whose faults are gone',
    both(
      drop(FAULT),
      asked((one) => ({ ...one, baseline: true })),
    ),
  ),
  wrong('no fault at all', drop(FAULT)),
  wrong(
    'a scenario of more mailboxes',
    asked((one) => ({ ...one, domains: [{ name: 'libero.test', mailboxes: 500, volumes: ['gold'] }] })),
  ),
  wrong(
    'the mailboxes on another volume',
    change('run.started', (event, base) => ({
      ...event,
      mailboxes: event.mailboxes.map((box) => ({ ...box, volume: firstOf(base.spared) })),
    })),
  ),
  wrong(
    'one mailbox left out',
    change('run.started', (event) => ({ ...event, mailboxes: event.mailboxes.slice(1) })),
  ),
  wrong(
    'a scenario that cannot be read',
    change('run.started', (event) => ({ ...event, scenario: 'none' })),
  ),
  wrong(
    'no outbound mail at all',
    unsent(
      (base) =>
        new Set(
          base
            .all('message.created')
            .filter(({ kind }) => kind === 'outbound')
            .map(({ id }) => id),
        ),
    ),
    'outbound-flows',
  ),
  wrong(
    'no internal mail at all',
    unsent(
      (base) =>
        new Set(
          base
            .all('message.created')
            .filter(({ kind }) => kind === 'internal')
            .map(({ id }) => id),
        ),
    ),
  ),
  wrong(
    'no inbound mail at all',
    unsent(
      (base) =>
        new Set(
          base
            .all('message.created')
            .filter(({ kind }) => kind === 'inbound')
            .map(({ id }) => id),
        ),
    ),
  ),
  wrong(
    'no mail to the broken volumes',
    unsent(
      (base) =>
        new Set(
          base
            .all('message.created')
            .filter(({ to }) => base.broken.has(base.volumeOf(to) ?? ''))
            .map(({ id }) => id),
        ),
    ),
  ),
  wrong(
    'no mail to the spared volumes',
    unsent(
      (base) =>
        new Set(
          base
            .all('message.created')
            .filter(({ to }) => base.spared.has(base.volumeOf(to) ?? ''))
            .map(({ id }) => id),
        ),
    ),
  ),
];

const phaseOf = (wanted: string): Edit => drop((event) => 'phase' in event && event.phase === wanted);
const phases: readonly Change[] = [
  ...['steady', 'inject', 'hold', 'heal', 'settle'].map((phase) =>
    wrong(`no ${phase} phase`, phaseOf(phase)),
  ),
  wrong(
    'no phases',
    drop((event) => 'phase' in event),
  ),
  wrong('the hold cut short', (base, history) => {
    const end = base.all('phase.ended').find(({ phase }) => phase === 'hold');
    const start = base.all('phase.started').find(({ phase }) => phase === 'hold');
    return sorted(
      history.map((event) => (event === end && start !== undefined ? base.at(start.t + 100, event) : event)),
    );
  }),
  wrong('a phase that never ends', (base, history) => {
    const end = base.all('phase.ended').find(({ phase }) => phase === 'hold');
    return history.filter((event) => event !== end);
  }),
];

/** The events of a run on clocks that are `ms` ahead. */
const later = (history: History, ms: number): History =>
  history.map((event) => ({ ...event, t: event.t + ms, wall: event.wall + ms, sim: event.sim + ms }));

const file: readonly Change[] = [
  wrong('cut off at the heal', (base, history) => history.filter(({ t }) => t < base.healedAt)),
  wrong(
    'cut off before its end',
    drop(({ type }) => type === 'run.ended'),
    'sound-history',
  ),
  wrong(
    'cut off before its mailboxes were listed',
    (base, history) => history.filter(({ t }) => t < base.listedAt),
    'sound-history',
  ),
  wrong(
    'without its start',
    drop(({ type }) => type === 'run.started'),
    'sound-history',
  ),
  wrong(
    'interrupted',
    change('run.ended', (event) => ({ ...event, reason: 'interrupted' })),
    'sound-history',
  ),
  wrong(
    'failed',
    change('run.ended', (event) => ({ ...event, reason: 'failed' })),
    'sound-history',
  ),
  wrong(
    'a failure of the harness',
    insert((base) => [
      base.at(base.feltAt, { type: 'harness.failed', what: 'a reader', error: 'socket hang up' }),
    ]),
    'sound-history',
  ),
  wrong('told twice', (_, history) => sorted([...history, ...history]), 'sound-history'),
  wrong(
    'told twice, one after the other',
    (base, history) => [...history, ...later(history, base.endAt + 1)],
    'sound-history',
  ),
  wrong('its outage told twice', (base, history) =>
    sorted([...history, ...history.filter((event) => isHeld(event, base))]),
  ),
  wrong(
    'another run mixed in',
    (base, history) =>
      sorted([
        ...history,
        ...history
          .map((event) => (event.type === 'run.started' ? { ...event, run: 'other' } : event))
          .map((event) =>
            'id' in event && event.id !== null
              ? { ...event, id: event.id.replace(base.started.run, 'other') }
              : event,
          ),
      ]),
    'sound-history',
  ),
  wrong('its events in reverse', (_, history) => history.toReversed(), 'sound-history'),
  wrong(
    'one event out of order',
    (base, history) => {
      const index = history.findIndex(({ t }) => t > base.feltAt);
      const moved = history[index];
      return moved === undefined
        ? history
        : [
            ...history.slice(0, index),
            ...history.slice(index + 1, index + 200),
            moved,
            ...history.slice(index + 200),
          ];
    },
    'sound-history',
  ),
  wrong(
    'the machine clock jumps',
    (base, history) =>
      history.map((event) =>
        event.t > base.feltAt
          ? { ...event, wall: event.wall + 3_600_000, sim: event.sim + 3_600_000 }
          : event,
      ),
    'sound-history',
  ),
  wrong(
    'simulated time runs away',
    (base, history) =>
      history.map((event) => (event.t > base.feltAt ? { ...event, sim: event.sim + 86_400_000 } : event)),
    'sound-history',
  ),
  wrong(
    'an event at the end of time',
    insert((base) => [base.at(1e12, { type: 'queue.sampled', service: 'mta', depth: 0 })]),
  ),
  wrong('a hole of eight seconds in the outage', (base, history) =>
    history.filter(({ t }) => t < base.feltAt + 1_000 || t > base.feltAt + 9_000),
  ),
  wrong('a hole behind the heal', (base, history) =>
    history.filter(
      (event) =>
        FAULT(event) ||
        event.type.startsWith('phase') ||
        event.t < base.allHealedAt + 200 ||
        event.t > base.listedAt - 200,
    ),
  ),
  wrong('every tenth event gone', (_, history) => history.filter((_event, index) => index % 10 !== 9)),
  wrong('every hundredth event gone', (_, history) => history.filter((_event, index) => index % 100 !== 50)),
  wrong(
    'events behind its end',
    (base, history) => [
      ...history,
      base.at(base.endAt + 10, { type: 'queue.sampled', service: 'mta', depth: 0 }),
    ],
    'sound-history',
  ),
  wrong(
    'a store that died by itself',
    insert((base) => [
      base.at(base.feltAt + 50, {
        type: 'service.died',
        service: 'store',
        role: 'store',
        exitCode: 1,
        cause: 'itself',
      }),
    ]),
    'no-crash',
  ),
  wrong(
    'an array that was killed',
    insert((base) => [
      base.at(base.feltAt + 50, {
        type: 'service.died',
        service: 'array',
        role: 'array',
        exitCode: 137,
        cause: 'killed',
      }),
    ]),
  ),
];

const one = { kind: 'inbound', during: 'outage' } as const;
const LOST: Edit = vanished((base) => [base.victim(one)]);

const combined: readonly Change[] = [
  wrong(
    'lost mail, and no-loss allows a million',
    both(
      LOST,
      asked((s) => ({ ...s, checks: { ...checks(s), 'no-loss': { max: 1_000_000 } } })),
    ),
  ),
  wrong(
    'lost mail, and no-loss skipped with all that watches it',
    both(LOST, skipping('no-loss', 'sound-history')),
  ),
  wrong(
    'lost mail, and the log dead',
    both(
      LOST,
      drop(({ type }) => type === 'mta.logged'),
    ),
  ),
  wrong(
    'lost mail, and the queue frozen',
    both(
      LOST,
      change('queue.sampled', (event) => ({ ...event, depth: 3 })),
    ),
  ),
  wrong(
    'lost mail, and the listing before it',
    both(LOST, (base, history) =>
      change(
        'mailbox.listed',
        (event) => base.at(base.healedAt, event),
        ({ stage }) => stage === 'after',
      )(base, history),
    ),
  ),
  wrong(
    'another fault, and the samples well',
    both(
      faults((event) => ({ ...event, name: 'latency' })),
      samples(well, () => true),
    ),
  ),
  wrong(
    'no fault event of the heal, and cut off behind it',
    both(
      drop(({ type }) => type === 'fault.healed'),
      (base, history) => history.filter(({ t }) => t < base.endAt - 5_000),
    ),
  ),
];

export const FRAME_CHANGES: readonly Change[] = [...evidence, ...scenario, ...phases, ...file, ...combined];
