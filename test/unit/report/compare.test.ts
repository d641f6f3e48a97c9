import { beforeAll, describe, expect, it } from 'vitest';
import { resultsOf, type Results } from '../../../src/check/results.js';
import { compareRuns, comparisonText } from '../../../src/report/compare.js';
import { renderComparePage } from '../../../src/report/html/compare-page.js';
import { goodHistory } from '../../support/good-history.js';
import { lossyHistory, savedRun } from '../../support/saved-run.js';

let good: Results;
let lossy: Results;
beforeAll(async () => {
  good = resultsOf((await savedRun(goodHistory())).judgement);
  lossy = resultsOf((await savedRun(lossyHistory())).judgement);
});

const run = (dir: string, results: Results) => ({ dir, results });

/** The same run, its slowest recovery so many milliseconds later. */
function slower(results: Results, byMs: number): Results {
  return {
    ...results,
    checks: results.checks.map((check) =>
      check.name === 'delivered-after-recovery'
        ? { ...check, figures: { ...check.figures, slowestMs: (check.figures['slowestMs'] ?? 0) + byMs } }
        : check,
    ),
  };
}

describe('compare', () => {
  it('finds a run the same as itself', () => {
    const comparison = compareRuns(run('a', good), run('b', good));
    expect(comparison.isWorse).toBe(false);
    expect([...comparison.checks, ...comparison.figures].every(({ change }) => change === 'same')).toBe(true);
  });

  it('calls a run worse that loses mail, and the way back better', () => {
    const worse = compareRuns(run('a', good), run('b', lossy));
    expect(worse.isWorse).toBe(true);
    expect(worse.checks.find(({ name }) => name === 'no-loss')?.change).toBe('worse');
    expect(worse.figures.find(({ name }) => name === 'lost')?.change).toBe('worse');
    const better = compareRuns(run('a', lossy), run('b', good));
    expect(better.isWorse).toBe(false);
    expect(better.figures.find(({ name }) => name === 'lost')?.change).toBe('better');
  });

  it('gives times room, and no more than the tolerance', () => {
    expect(compareRuns(run('a', good), run('b', slower(good, 900))).isWorse).toBe(false);
    expect(compareRuns(run('a', good), run('b', slower(good, 60_000))).isWorse).toBe(true);
    expect(compareRuns(run('a', good), run('b', slower(good, 60_000)), 1_000).isWorse).toBe(false);
  });

  it('does not call it progress that lost mail no longer waits', () => {
    const quick = { ...slower(lossy, -100_000) };
    const comparison = compareRuns(run('a', good), run('b', quick));
    expect(comparison.figures.some(({ change }) => change === 'better')).toBe(false);
    expect(comparison.caveats).toHaveLength(1);
  });

  it('tells it as text and as a page', () => {
    const comparison = compareRuns(run('a', good), run('<b>', lossy));
    expect(comparisonText(comparison)).toMatch(/! no-loss +pass +→ {2}fail/);
    expect(renderComparePage(comparison)).toContain('&lt;b&gt;');
  });
});
