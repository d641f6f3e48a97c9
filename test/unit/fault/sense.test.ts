import type { ProbeSample } from '../../../src/fault/probe-sample.js';
import { describe, expect, it } from 'vitest';
import {
  FaultSense,
  plainErrno,
  plainEvidence,
  ProbeBaseline,
  type Feeling,
} from '../../../src/fault/sense.js';

function ok(operation: string, ms = 2): ProbeSample {
  return { service: 'store', volume: 'gold', operation, outcome: 'ok', errno: null, ms };
}

function failed(operation: string, errno: string, ms = 2): ProbeSample {
  return { service: 'store', volume: 'gold', operation, outcome: 'error', errno, ms };
}

function blocked(operation: string): ProbeSample {
  return { service: 'store', volume: 'gold', operation, outcome: 'blocked', errno: null, ms: 3_000 };
}

/** A sense of one fault, on a volume whose operations took 2 ms before it. */
function sense(feeling: Feeling): FaultSense {
  const baseline = new ProbeBaseline();
  for (const operation of ['mounted', 'write', 'read']) {
    for (const ms of [1, 2, 2, 2, 9]) baseline.add(ok(operation, ms));
  }
  return new FaultSense(feeling, baseline);
}

describe('what a healthy volume does', () => {
  it('is the median of what was seen, operation by operation', () => {
    const baseline = new ProbeBaseline();
    for (const ms of [5, 1, 900]) baseline.add(ok('write', ms));
    baseline.add(ok('read', 3));
    expect(baseline.medianMs('write')).toBe(5);
    expect(baseline.medianMs('read')).toBe(3);
    expect([...baseline.operations]).toEqual(['write', 'read']);
  });

  it('is not learnt from what failed', () => {
    const baseline = new ProbeBaseline();
    baseline.add(failed('write', 'EIO', 400));
    baseline.add(blocked('write'));
    expect(baseline.medianMs('write')).toBe(0);
    expect(baseline.operations).toEqual([]);
  });
});

const UNREACHABLE = ['ENOTCONN', 'ECONNRESET', 'ETIMEDOUT', 'ECONNREFUSED'].map((errno) =>
  failed('write', errno),
);

const CASES: readonly {
  readonly feeling: Feeling;
  readonly shows: readonly ProbeSample[];
  readonly not: readonly ProbeSample[];
}[] = [
  {
    feeling: { kind: 'errno', errnos: ['EIO'], probability: 1 },
    shows: [failed('write', 'EIO'), failed('read', 'EIO')],
    not: [
      ok('write'),
      failed('write', 'ENOSPC'),
      failed('write', 'ENOTCONN'),
      blocked('write'),
      ok('write', 9_000),
    ],
  },
  {
    feeling: { kind: 'slower', byMs: 100, share: 1 },
    shows: [ok('write', 102), ok('read', 5_000), blocked('write')],
    not: [ok('write', 101), ok('write'), failed('write', 'ENOTCONN', 10_000)],
  },
  {
    feeling: { kind: 'unreachable' },
    shows: [...UNREACHABLE, blocked('read')],
    not: [ok('write'), ok('write', 9_000), failed('write', 'EIO'), failed('write', 'EROFS')],
  },
  {
    feeling: { kind: 'unmounted' },
    shows: [failed('mounted', 'ENOTMOUNTED')],
    not: [ok('mounted'), failed('write', 'EIO'), failed('write', 'ENOTCONN'), blocked('write')],
  },
];

describe.each(CASES)('a fault that should be felt as $feeling.kind', ({ feeling, shows, not }) => {
  it.each(shows)(
    'is felt by $operation $outcome $errno after $ms ms, with the evidence in words',
    (sample) => {
      const evidence = sense(feeling).felt(sample);
      expect(evidence).toContain('store');
      expect(evidence).toContain(sample.operation);
      if (sample.errno !== null) expect(evidence).toContain(sample.errno);
      if (sample.outcome === 'blocked') expect(evidence).toContain('blocked');
    },
  );

  it.each(not)('is not felt by $operation $outcome $errno after $ms ms', (sample) => {
    expect(sense(feeling).felt(sample)).toBeNull();
  });

  it('is gone when every operation went well twice in a row', () => {
    const feels = sense(feeling);
    const round = [ok('mounted'), ok('write'), ok('read')];
    const told = [...round, ...round].map((sample) => feels.gone(sample));
    expect(told.slice(0, -1)).toEqual([null, null, null, null, null]);
    expect(told.at(-1)).toContain('all ok again');
  });

  it('is not gone while one operation still fails now and then', () => {
    const feels = sense(feeling);
    const rounds = Array.from({ length: 20 }, (_, round) => [
      ok('mounted'),
      round % 2 === 0 ? failed('write', 'EIO') : ok('write'),
      ok('read'),
    ]).flat();
    expect(rounds.map((sample) => feels.gone(sample)).filter((evidence) => evidence !== null)).toEqual([]);
  });

  it('is not gone while one operation is not heard of', () => {
    const feels = sense(feeling);
    const rounds = Array.from({ length: 20 }, () => [ok('mounted'), ok('read')]).flat();
    expect(rounds.map((sample) => feels.gone(sample)).filter((evidence) => evidence !== null)).toEqual([]);
  });
});

describe('a fault that slows', () => {
  it('is not gone before the operations are fast again', () => {
    const feels = sense({ kind: 'slower', byMs: 100, share: 1 });
    const slow = [ok('mounted', 80), ok('write', 80), ok('read', 80)];
    expect([...slow, ...slow, ...slow].map((sample) => feels.gone(sample)).at(-1)).toBeNull();
    const fast = [ok('mounted', 30), ok('write', 30), ok('read', 30)];
    expect([...fast, ...fast].map((sample) => feels.gone(sample)).at(-1)).not.toBeNull();
  });
});

describe('a path that flaps', () => {
  const alternating: Feeling = { kind: 'alternating' };

  it('is felt when it was down, up, and down again', () => {
    const feels = sense(alternating);
    const samples = [
      ok('write'),
      blocked('write'),
      blocked('read'),
      ok('write'),
      failed('write', 'ENOTCONN'),
    ];
    const told = samples.map((sample) => feels.felt(sample));
    expect(told.slice(0, -1)).toEqual([null, null, null, null]);
    expect(told.at(-1)).toContain('ENOTCONN');
  });

  it('is not felt when it is only down, or only up', () => {
    for (const only of [blocked('write'), ok('write'), failed('write', 'EIO')]) {
      const feels = sense(alternating);
      expect(Array.from({ length: 20 }, () => feels.felt(only)).every((told) => told === null)).toBe(true);
    }
  });
});

describe('a volume that was never seen well', () => {
  it('has no fault that is gone: there is nothing to compare with', () => {
    const feels = new FaultSense({ kind: 'unreachable' }, new ProbeBaseline());
    const told = Array.from({ length: 10 }, () => feels.gone(ok('write')));
    expect(told.every((evidence) => evidence === null)).toBe(true);
  });
});

describe('a lost mount', () => {
  it('is told in plain words, also where a saved run says it otherwise', () => {
    const lost = { service: 'store', volume: 'gold', operation: 'mounted', errno: 'ENOTMNT', ms: 0 };
    const told = new FaultSense({ kind: 'unmounted' }, new ProbeBaseline()).felt({
      ...lost,
      outcome: 'error',
    });
    expect(told).toBe('store: the volume is not mounted');
    expect(plainEvidence('store: mounted → ENOTMNT after 0 ms')).toBe(told);
    expect(plainEvidence('store: write → EIO after 3 ms')).toBe('store: write → EIO after 3 ms');
    expect([plainErrno('ENOTMNT'), plainErrno('EIO')]).toEqual(['not mounted', 'EIO']);
  });
});
