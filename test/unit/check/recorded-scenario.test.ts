import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, readRecordedScenario } from '../../../src/check/recorded-scenario.js';
import { defineCheck, type Evidence } from '../../../src/check/check.js';
import { percentile } from '../../../src/check/percentile.js';
import { foreignRun } from '../../../src/check/foreign.js';
import { CHECKS } from '../../../src/check/registry.js';
import { Fold } from '../../../src/history/fold.js';
import { CHECK_NAMES } from '../../../src/scenario/limits.js';
import { scenarioOf } from '../../support/good-history.js';

describe('readRecordedScenario', () => {
  it('reads back what the schema made of a scenario', () => {
    const scenario = scenarioOf('vendor-os-bug');
    const recorded = readRecordedScenario(structuredClone(scenario));
    expect(recorded).toMatchObject({
      name: 'vendor-os-bug',
      title: 'A made-up run',
      baseline: false,
      volumes: ['gold', 'silver'],
      forbiddenSkips: [],
    });
    expect(recorded?.limits).toEqual(scenario.checks);
    expect([...(recorded?.traffic ?? [])]).toEqual(['inbound', 'outbound', 'internal', 'readers']);
  });

  it('reads limits that differ, fractions of milliseconds and skips among them', () => {
    const checks = {
      'delivered-after-recovery': { within: 1_500.5 },
      'blast-radius': { factor: 3, slack: 0, success: 0.5, samples: 9, visits: 4 },
      'no-loss': { skip: 'lost on purpose here' },
      'no-bounce': { max: 4, unheardOf: 1 },
      'a-newer-check': { max: 1 },
    };
    const recorded = readRecordedScenario({ name: 'n', title: 't', checks });
    expect(recorded?.limits).toEqual({
      ...DEFAULT_LIMITS,
      'delivered-after-recovery': { within: 1_500.5 },
      'blast-radius': { factor: 3, slack: 0, success: 0.5, samples: 9, visits: 4 },
      'no-loss': { max: 0, skip: 'lost on purpose here' },
      'no-bounce': { max: 4 },
    });
    expect(recorded).toMatchObject({ baseline: false, timeline: [], volumes: [] });
  });

  it('is null of what is no scenario', () => {
    expect(readRecordedScenario(undefined)).toBeNull();
    expect(readRecordedScenario({ name: 'n' })).toBeNull();
    expect(
      readRecordedScenario({ name: 'n', title: 't', checks: { 'no-bounce': { max: 'many' } } }),
    ).toBeNull();
    // Nine characters are no reason; they are not one of eleven with a unit either.
    expect(
      readRecordedScenario({ name: 'n', title: 't', checks: { 'no-bounce': { skip: 'not today' } } }),
    ).toBeNull();
  });

  it('has the kinds of traffic that are written, not those that are left out', () => {
    const traffic = { inbound: { rate: 1 }, outbound: undefined };
    const recorded = readRecordedScenario({ name: 'n', title: 't', traffic });
    expect([...(recorded?.traffic ?? [])]).toEqual(['inbound']);
  });
});

describe('a check', () => {
  const evidence: Evidence = {
    fold: new Fold(),
    scenario: null,
    limits: DEFAULT_LIMITS,
    problems: [],
    noPromiseJudged: false,
  };

  it('that throws is inconclusive, with the reason', () => {
    const broken = defineCheck('no-loss', 'A promise.', [], [], () => {
      throw new Error('out of range');
    });
    expect(broken.run(evidence)).toEqual({
      name: 'no-loss',
      promise: 'A promise.',
      verdict: 'inconclusive',
      observed: '',
      limit: '',
      figures: {},
      reason: 'the check itself failed: out of range',
      findings: [],
      moreFindings: 0,
      groups: [],
    });
  });

  it('is in the registry once for each name, with a promise', () => {
    expect(CHECKS.map(({ name }) => name)).toEqual(CHECK_NAMES);
    expect(CHECKS.map(({ name, promise }) => `${name}: ${promise}`)).toMatchSnapshot();
  });
});

describe('percentile', () => {
  it('is the nearest rank', () => {
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(percentile([1, 2, 3], 0.5)).toBe(2);
    expect(percentile([1, 2, 3, 4], 0.99)).toBe(4);
    expect(percentile([1, 2, 3, 4], 1)).toBe(4);
    expect(
      percentile(
        Array.from({ length: 200 }, (_, n) => n),
        0.99,
      ),
    ).toBe(197);
  });
});

describe('foreignRun', () => {
  it('is the other run that an id names', () => {
    expect(foreignRun('a-b-i000001', 'a-c')).toBe('a-b');
    expect(foreignRun('a-b-i000001', 'a-b')).toBeNull();
    expect(foreignRun('a-b-i0001', 'a-c')).toBeNull();
    expect(foreignRun('x a-b-ii000001', 'a-c')).toBeNull();
    expect(foreignRun('a-b-i000001x', 'a-c')).toBeNull();
    expect(foreignRun('anything', 'a')).toBeNull();
    expect(foreignRun(null, 'a')).toBeNull();
    expect(foreignRun('a-b-i000001', null)).toBeNull();
  });
});
