import { beforeAll, describe, expect, it } from 'vitest';
import { resultsOf, type Results } from '../../../src/check/results.js';
import { compareRuns, comparisonText, figureText } from '../../../src/report/compare.js';
import { renderComparePage } from '../../../src/report/html/compare-page.js';
import { overlay, type Course } from '../../../src/report/overlay.js';
import { observeCourse } from '../../../src/report/observation.js';
import { SeriesFold } from '../../../src/report/series.js';
import { goodHistory, TIMES } from '../../support/good-history.js';
import { lossyHistory, savedRun } from '../../support/saved-run.js';

let good: Results;
let lossy: Results;
let course: Course;
beforeAll(async () => {
  const saved = await savedRun(goodHistory());
  good = resultsOf(saved.judgement);
  course = await observeCourse(saved.dir);
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
    const links = { before: '../<a>/report.html', after: null };
    const page = renderComparePage({ comparison, links, courses: { before: course, after: course } });
    expect(page).toContain('&lt;b&gt;');
    expect(page).toContain('href="../&lt;a&gt;/report.html"');
    expect(page).toMatch(/<summary>\d+ are the same<\/summary>/);
    expect(page).toContain('0 is the first injection of both');
  });

  it('says nothing of two scenarios, nor of a run that did not come to its end', () => {
    const other = compareRuns(run('a', good), run('b', { ...lossy, scenario: 'other' }));
    expect(other.isWorse).toBe(false);
    expect(comparisonText(other)).toContain('Not comparable: the scenarios differ: vendor-os-bug and other.');
    const ended: Results['ended'] = { reason: 'interrupted', detail: '', harnessFailures: [] };
    const cut = compareRuns(run('a', good), run('b', { ...lossy, ended }));
    expect(cut.notComparable).toBe('b did not end as planned: interrupted');
  });

  it('writes counts with separators', () => {
    expect(figureText(12_408, 'count')).toBe('12,408');
  });
});

describe('one course over another', () => {
  const moved = (byMs: number): Course => {
    const fold = new SeriesFold();
    for (const event of goodHistory()) fold.see({ ...event, t: event.t + byMs });
    return { series: fold.series(), injectedAt: TIMES.inject + byMs };
  };

  it('begins to be broken where the other does', () => {
    const { panels, zeroMs, spanMs } = overlay(moved(0), moved(5_000));
    expect(zeroMs).toBe(Math.floor((TIMES.inject + 5_000) / spanMs) * spanMs);
    expect(panels.map(({ id }) => id)).toEqual(['accepted', 'queued', 'delivered', 'failed']);
    for (const { before, after } of panels) {
      const known = (values: readonly (number | null)[]) => values.map((value) => value ?? 0);
      expect(known(after)).toEqual(known(before));
      expect(known(before).some((value) => value > 0)).toBe(true);
    }
  });

  it('begins at the start where one was never broken', () => {
    expect(overlay({ ...moved(0), injectedAt: null }, moved(0)).zeroMs).toBe(0);
  });
});
