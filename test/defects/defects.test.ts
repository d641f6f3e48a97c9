import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { judge } from '../../src/check/judge.js';
import type { CheckResult } from '../../src/check/result.js';
import { CHECK_NAMES } from '../../src/scenario/limits.js';
import { goodHistory, TYPICAL, type GoodRun } from '../support/good-history.js';
import { DEFECTS } from './defects.js';

const isGood = ({ verdict }: CheckResult) => verdict === 'pass' || verdict === 'skipped';
const rows: string[] = [];

describe('seeded defects', () => {
  it.each(DEFECTS)('$name', async ({ name, check, verdict, related, run, seed }) => {
    const good = goodHistory({ ...TYPICAL, ...run });
    expect((await judge(good)).checks.filter((result) => !isGood(result))).toEqual([]);

    const judgement = await judge(seed(good));
    const caught = judgement.checks.filter((result) => !isGood(result));
    const row = caught.map((result) => `${result.name} ${result.verdict}`).join(', ');
    rows.push(`${name.padEnd(68)} ${(check ?? '(a trap)').padEnd(26)} ${row === '' ? '-' : row}`);
    if (check === null) {
      expect(caught).toEqual([]);
      return;
    }
    expect(caught.find((result) => result.name === check)).toMatchObject({ verdict });
    const unrelated = caught.filter((result) => result.name !== check && !related.includes(result.name));
    expect(unrelated).toEqual([]);
    expect(judgement.verdict).not.toBe('pass');
    if (verdict === 'fail') expect(judgement.verdict).toBe('fail');
  });

  it('are at least thirty, with a name each and at least two for every check', () => {
    const real = DEFECTS.filter(({ check }) => check !== null);
    expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length);
    expect(real.length).toBeGreaterThanOrEqual(30);
    const lacking = CHECK_NAMES.filter((name) => real.filter(({ check }) => check === name).length < 2);
    expect(lacking).toEqual([]);
  });

  afterAll(() => {
    const head = `${'defect'.padEnd(68)} ${'meant for'.padEnd(26)} caught by`;
    process.stdout.write(`\n${[head, ...rows].join('\n')}\n${rows.length} defects and traps\n`);
  });
});

describe('good histories', () => {
  it('pass without a finding, a hundred of them, however their events interleave', async () => {
    const runs = fc.record<GoodRun>({
      seed: fc.nat(),
      fault: fc.constantFrom('vendor-os-bug', 'stall', 'latency', 'none'),
      perSecond: fc.integer({ min: 2, max: 8 }),
      deferred: fc.double({ min: 0, max: 0.2, noNaN: true }),
      ambiguous: fc.double({ min: 0, max: 0.3, noNaN: true }),
      delayNotices: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(runs, async (run) => {
        const { verdict, checks, mail } = await judge(goodHistory(run));
        expect(checks.filter((result) => !isGood(result) || result.findings.length > 0)).toEqual([]);
        expect(verdict).toBe('pass');
        expect(mail.delivered).toBe(mail.accepted);
      }),
      { numRuns: 100 },
    );
  });
});
