import { beforeAll, describe, expect, it } from 'vitest';
import { resultsOf, type Results } from '../../../src/check/results.js';
import { renderTrendPage } from '../../../src/report/html/trend-page.js';
import { trendOf, trendText } from '../../../src/report/trend.js';
import { goodHistory } from '../../support/good-history.js';
import { lossyHistory, savedRun } from '../../support/saved-run.js';

describe('the trend of many runs', () => {
  let good: Results;
  let lossy: Results;
  beforeAll(async () => {
    good = resultsOf((await savedRun(goodHistory())).judgement);
    lossy = resultsOf((await savedRun(lossyHistory())).judgement);
  });
  const runs = () => [
    { id: '2026-11-01-a', results: good },
    { id: '2026-11-02-<b>', results: lossy },
  ];

  it('has the figures of every run in their order, and none that is always 0', () => {
    const trend = trendOf(runs());
    expect(trend.find(({ name }) => name === 'lost')?.values).toEqual([0, lossy.mail.lost]);
    expect(trend.some(({ name }) => name === 'misdelivered')).toBe(false);
    expect(trendOf([])).toEqual([]);
  });

  it('is told as lines and as a page that leads to the runs', () => {
    expect(trendText(runs())).toMatch(/^run +verdict +lost[\s\S]*\n2026-11-01-a +pass +0/);
    const page = renderTrendPage('stall', runs(), ({ id }) =>
      id.endsWith('a') ? `${id}/report.html` : null,
    );
    expect(page).toContain('1 of 2 runs of stall passed.');
    expect(page).toContain('href="2026-11-01-a/report.html"');
    expect(page).toContain('2026-11-02-&lt;b&gt;');
    expect(page).toMatch(/aria-label="lost, run by run: 0, \d+\./);
  });
});
