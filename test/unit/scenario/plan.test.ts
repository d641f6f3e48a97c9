import { describe, expect, it } from 'vitest';
import { describeFault } from '../../../src/fault/registry.js';
import { onlyAnswersOtherwise } from '../../../src/scenario/plan.js';
import type { ScenarioInput } from '../../../src/scenario/scenario.js';
import { planned, planOf } from '../../support/scenario.js';

type Timeline = ScenarioInput['timeline'];
const SETTLE = { settle: '1s' } as const;

/** Which faults each step of a timeline acts on, such as `inject stall@gold#1`. */
function acts(timeline: Timeline): string[] {
  return planOf({ timeline }).steps.flatMap((step) =>
    'faults' in step ? [`${step.kind} ${step.faults.map(({ key }) => key).join(' ')}`] : [],
  );
}

function problems(timeline: Timeline, changes: Partial<ScenarioInput> = {}): string[] {
  const planning = planned({ ...changes, timeline });
  return planning.ok ? [] : planning.problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a plan', () => {
  it('gives each domain its mailboxes, in turn on its volumes', () => {
    const plan = planOf({ domains: [{ name: 'a.test', mailboxes: 3, volumes: ['one', 'two'] }] });
    expect(plan.volumes).toEqual(['one', 'two']);
    expect(plan.mailboxes).toEqual([
      { address: 'u1@a.test', volume: 'one' },
      { address: 'u2@a.test', volume: 'two' },
      { address: 'u3@a.test', volume: 'one' },
    ]);
  });

  it('names a volume that two domains share once', () => {
    const domains = ['a.test', 'b.test'].map((name) => ({ name, mailboxes: 1, volumes: ['gold'] }));
    expect(planOf({ domains }).volumes).toEqual(['gold']);
  });

  it('injects on one volume, on several, and on all', () => {
    expect(acts([{ inject: { fault: 'stall', volume: 'silver' } }, { heal: 'all' }, SETTLE])).toEqual([
      'inject stall@silver#1',
      'heal stall@silver#1',
    ]);
    const both = ['inject stall@gold#1 stall@silver#2', 'heal stall@gold#1 stall@silver#2'];
    for (const volume of ['all', ['gold', 'silver']]) {
      expect(acts([{ inject: { fault: 'stall', volume } }, { heal: 'all' }, SETTLE])).toEqual(both);
    }
  });

  it('closes the MX, which is no volume, for correspondents that have queues of their own', () => {
    const timeline: Timeline = [
      { inject: { fault: 'mx-closed' } },
      { inject: { fault: 'stall', volume: 'all' } },
      { heal: { fault: 'mx-closed' } },
      { heal: 'all' },
      SETTLE,
    ];
    const plan = planOf({ timeline, outside: [{ mta: 'postfix', lifetime: '2d' }, { mta: 'postfix' }] });
    expect(
      plan.steps.flatMap((step) => ('faults' in step ? [step.faults.map(({ key }) => key)] : [])),
    ).toEqual([
      ['mx-closed@mx#1'],
      ['stall@gold#2', 'stall@silver#3'],
      ['mx-closed@mx#1'],
      ['stall@gold#2', 'stall@silver#3'],
    ]);
    expect(plan.outsideMtas.map(({ name, lifetime, warning }) => [name, lifetime, warning])).toEqual([
      ['outside-mta-1', 2 * 86_400_000, 0],
      ['outside-mta-2', 5 * 86_400_000, 0],
    ]);
    expect(planOf({ outside: { mta: 'postfix' } }).outsideMtas).toHaveLength(1);
    expect(planOf().outsideMtas).toEqual([]);
  });

  it('closes no MX where nobody would keep the mail', () => {
    const timeline: Timeline = [{ inject: { fault: 'mx-closed' } }, { heal: 'all' }, SETTLE];
    expect(problems(timeline)).toEqual([
      'timeline.0.inject.fault: mx-closed needs correspondents that keep mail in a queue: add `outside: { mta: postfix }`',
    ]);
  });

  it('knows no volume by the name of the link to the MX', () => {
    const domains = [{ name: 'a.test', mailboxes: 1, volumes: ['mx'] }];
    expect(problems([SETTLE], { domains })).toEqual([
      'domains: "mx" is the link to the MX and cannot be a volume\'s name',
    ]);
  });

  it('injects once on a volume that is named twice', () => {
    const timeline = [
      { inject: { fault: 'stall' as const, volume: ['gold', 'gold'] } },
      { heal: 'all' as const },
    ];
    expect(acts([...timeline, SETTLE])[0]).toBe('inject stall@gold#1');
  });

  it('heals progressively: by volume, by fault, and what is left', () => {
    expect(
      acts([
        { inject: { fault: 'vendor-os-bug', volume: 'all' } },
        { inject: { fault: 'latency', volume: 'all', latency: '1s' } },
        { hold: '1s' },
        { heal: { volume: 'gold' } },
        { hold: '1s' },
        { heal: { fault: 'latency' } },
        { hold: '1s' },
        { heal: 'all' },
        SETTLE,
      ]),
    ).toEqual([
      'inject vendor-os-bug@gold#1 vendor-os-bug@silver#2',
      'inject latency@gold#3 latency@silver#4',
      'heal vendor-os-bug@gold#1 latency@gold#3',
      'heal latency@silver#4',
      'heal vendor-os-bug@silver#2',
    ]);
  });

  it('tells two injections of one fault apart', () => {
    const once: Timeline = [{ inject: { fault: 'stall', volume: 'gold' } }, { heal: 'all' }];
    const keys = acts([...once, { steady: '1s' }, ...once, SETTLE]);
    expect(new Set(keys).size).toBe(4);
  });

  it('keeps the steps in order, with their index in the file', () => {
    const plan = planOf({
      timeline: [
        { steady: '5s' },
        { advance: '4d' },
        { inject: { fault: 'stall', volume: 'gold' } },
        { hold: '7s' },
        { heal: 'all' },
        { settle: '1m' },
      ],
    });
    const fault = { fault: 'stall', volume: 'gold' };
    const description = describeFault('stall', {});
    const faults = [
      { key: 'stall@gold#1', fault, description, place: { kind: 'volume', volume: 'gold' }, volume: 'gold' },
    ];
    expect(plan.steps).toEqual([
      { kind: 'steady', step: 0, durationMs: 5_000 },
      { kind: 'advance', step: 1, durationMs: 345_600_000 },
      { kind: 'inject', step: 2, faults },
      { kind: 'hold', step: 3, durationMs: 7_000 },
      { kind: 'heal', step: 4, faults },
      { kind: 'settle', step: 5, durationMs: 60_000 },
    ]);
  });
});

describe('a volume whose array only answers otherwise', () => {
  const inject = (fault: 'stall' | 'read-only' | 'disk-full' | 'slow-disk', volume = 'gold') => [
    { inject: { fault, volume } },
    { heal: 'all' as const },
  ];

  it.each<[string, Timeline, boolean]>([
    ['no fault at all', [{ steady: '1s' }], false],
    ['a fault on another volume', inject('disk-full', 'silver'), false],
    ['one fault that answers with errors', inject('disk-full'), true],
    ['one after the other', [...inject('disk-full'), ...inject('read-only')], true],
    ['one that answers late', inject('slow-disk'), false],
    ['one that cuts the link as well', [...inject('disk-full'), ...inject('stall')], false],
    ['one, while another volume is cut off', [...inject('disk-full'), ...inject('stall', 'silver')], true],
  ])('%s', (_, timeline, is) => {
    expect(onlyAnswersOtherwise(planOf({ timeline: [...timeline, SETTLE] }), 'gold')).toBe(is);
  });
});

describe('a timeline that cannot be', () => {
  const inject = (
    fault: 'stall' | 'read-only' | 'disk-full' | 'refuse' | 'flap' | 'reset',
    volume = 'gold',
  ) => ({
    inject: { fault, volume },
  });

  it.each<[string, Timeline, string]>([
    [
      'a volume that nobody has: one problem, not the heal and the hold behind it as well',
      [inject('stall', 'bronze'), { hold: '1s' }, { heal: 'all' }, SETTLE],
      'timeline.0.inject.volume: there is no volume "bronze"; known: gold, silver',
    ],
    [
      'a heal of nothing',
      [{ steady: '1s' }, { heal: 'all' }, SETTLE],
      'timeline.1.heal: heals anything, but what is broken at this point is: nothing',
    ],
    [
      'a heal of another fault: one problem, not the fault that stays active as well',
      [inject('stall'), { heal: { fault: 'flap', volume: 'gold' } }, SETTLE],
      'timeline.1.heal: heals flap on gold, but what is broken at this point is: stall on gold',
    ],
    [
      'a heal of what is not among several',
      [inject('stall'), inject('flap', 'silver'), { heal: { fault: 'refuse' } }, SETTLE],
      'timeline.2.heal: heals refuse, but what is broken at this point is: stall on gold, flap on silver',
    ],
    [
      'the same fault twice on one volume',
      [inject('stall'), inject('stall'), { heal: 'all' }, SETTLE],
      'timeline.1.inject: stall is still active on gold: heal it before stall',
    ],
    [
      'two heads for one link',
      [inject('read-only'), inject('disk-full'), { heal: 'all' }, SETTLE],
      'timeline.1.inject: read-only is still active on gold: heal it before disk-full',
    ],
    [
      'two faults that switch one link',
      [inject('refuse'), inject('flap'), { heal: 'all' }, SETTLE],
      'timeline.1.inject: refuse is still active on gold: heal it before flap',
    ],
    [
      'a hold of nothing',
      [{ hold: '1s' }, SETTLE],
      'timeline.0: `hold` keeps a fault up, but nothing is broken here; use `steady`',
    ],
    [
      'a fault left active',
      [inject('stall'), SETTLE],
      'timeline.1: the timeline ends with stall on gold still active; add `- heal: all` and `- settle: 60s`',
    ],
    [
      'two faults left active',
      [inject('stall'), inject('flap', 'silver'), SETTLE],
      'timeline.2: the timeline ends with stall on gold, flap on silver still active; add `- heal: all` and `- settle: 60s`',
    ],
    ['no settle', [{ steady: '1s' }], 'timeline.0: a timeline ends with `settle`, such as `- settle: 60s`'],
    ['more after the settle', [SETTLE, SETTLE], 'timeline.1: `settle` ends a run; nothing can follow it'],
  ])('%s', (_, timeline, problem) => {
    expect(problems(timeline)).toEqual([problem]);
  });

  it('may have heads on different volumes, a head and a toxic on one, and another head after the heal', () => {
    expect(
      problems([
        inject('read-only'),
        inject('disk-full', 'silver'),
        inject('stall'),
        { heal: { volume: 'gold' } },
        inject('disk-full'),
        { heal: 'all' },
        SETTLE,
      ]),
    ).toEqual([]);
  });

  it.each([
    ['read-only', 'vendor-os-bug'],
    ['read-only', 'disk-full'],
    ['read-only', 'quota-exceeded'],
    ['read-only', 'stale-handle'],
    ['read-only', 'slow-disk'],
    ['refuse', 'reset'],
    ['refuse', 'flap'],
  ] as const)('%s and %s at once: one link leads to one head, and is on or off', (one, other) => {
    const faults = [one, other].map((fault) => ({ inject: { fault, volume: 'gold' } }));
    expect(problems([...faults, { heal: 'all' }, SETTLE])).toEqual([
      `timeline.1.inject: ${one} is still active on gold: heal it before ${other}`,
    ]);
    expect(problems([...faults.toReversed(), { heal: 'all' }, SETTLE])).toHaveLength(1);
  });

  it('two domains of one name', () => {
    const domains = [1, 2].map((mailboxes) => ({ name: 'a.test', mailboxes, volumes: ['gold'] }));
    expect(problems([{ steady: '1s' }, SETTLE], { domains })).toEqual([
      'domains.1.name: domain a.test is listed twice',
    ]);
  });

  it('a volume by the name of all', () => {
    const domains = [{ name: 'a.test', mailboxes: 1, volumes: ['all'] }];
    expect(problems([{ steady: '1s' }, SETTLE], { domains })).toEqual([
      'domains: "all" means every volume and cannot be a volume\'s name',
    ]);
  });

  it('a baseline that breaks something', () => {
    expect(problems([inject('stall'), { heal: 'all' }, SETTLE], { baseline: true })).toEqual([
      'baseline: a baseline injects no fault; drop `baseline` or the fault',
    ]);
  });
});
