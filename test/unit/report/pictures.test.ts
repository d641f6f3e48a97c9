import { beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../src/history/event.js';
import { Fold } from '../../../src/history/fold.js';
import { readHistory } from '../../../src/history/reader.js';
import { delayBins } from '../../../src/report/delays.js';
import { runPage } from '../../../src/report/html-file.js';
import { outcomesOf } from '../../../src/report/outcomes.js';
import type { RunReport } from '../../../src/report/reporter.js';
import { readSavedRun } from '../../../src/report/saved-run.js';
import { goodHistory } from '../../support/good-history.js';
import { savedRun } from '../../support/saved-run.js';
import { Tale } from '../../support/tale.js';

function folded(events: readonly HistoryEvent[]): Fold {
  const fold = new Fold();
  for (const event of events) fold.see(event);
  fold.close();
  return fold;
}

const HOUR_MS = 3_600_000;

describe('how long mail took', () => {
  const told = (aheadMs: number) => {
    const tale = new Tale().accepted('before', 1_000).copy('before', 1_050).accepted('waits', 2_000);
    if (aheadMs > 0) tale.add(3_000, { type: 'clock.advanced', byMs: aheadMs });
    return folded(tale.copy('waits', 4_000).ended(9_000).events);
  };
  const labels = (fold: Fold) =>
    delayBins(fold).flatMap(({ label, whole, broken }) => (whole + broken > 0 ? [label] : []));

  it('is told by the clocks of the services where those were moved', () => {
    expect(labels(told(0))).toEqual(['< 100 ms', '2 s – 5 s']);
    expect(labels(told(106 * HOUR_MS))).toEqual(['< 100 ms', '4 d – 8 d']);
    expect(labels(told(400 * HOUR_MS))).toEqual(['< 100 ms', '≥ 8 d']);
  });

  it('in the 2023 replay is days for mail that waited for days', async () => {
    const fold = new Fold();
    const reading = readHistory('test/defects/good-runs/libero-virgilio-2023.jsonl.gz');
    for await (const events of reading.batches()) for (const event of events) fold.see(event);
    fold.close();
    expect(labels(fold).some((label) => label.startsWith('4 d'))).toBe(true);
  });
});

describe('the outcome chart', () => {
  it('has every accepted message once, by when it was accepted and what became of it', () => {
    const fold = folded(
      new Tale()
        .accepted('delivered', 1_000)
        .copy('delivered', 1_200)
        .accepted('bounced', 2_500)
        .dsn('bounced', 3_000)
        .accepted('unknown', 9_900)
        .created('refused', 1_000)
        .attempt('refused', 1_000, 'rejected').events,
    );
    const none = [0, 0, 0, 0];
    expect(outcomesOf(fold, { spans: 4, spanMs: 1_000 })).toEqual({
      delivered: [0, 1, 0, 0],
      bounced: [0, 0, 1, 0],
      // What came behind the last span belongs to it.
      unaccounted: [0, 0, 0, 1],
      queued: none,
      lost: none,
    });
  });
});

describe('the page', () => {
  let mountLost: RunReport;
  beforeAll(async () => {
    mountLost = await readSavedRun('reports/sample/mount-lost');
  });

  it('draws what became of all accepted mail first, in parts that add up, and no tiles', async () => {
    const page = await runPage(mountLost);
    const [, figure = ''] = /<figure id="outcome">([\s\S]*?)<\/figure>/.exec(page) ?? [];
    expect(figure).toContain('What became of 199 accepted messages');
    const parts = [...figure.matchAll(/<\/span>(\d+) (?:delivered|lost)/g)].map(([, count]) => Number(count));
    expect(parts).toEqual([142, 57]);
    const rows = [...figure.matchAll(/<td>(\d+)<\/td>/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    expect(rows).toBe(199);
    expect(page.indexOf('id="outcome"')).toBeLessThan(page.indexOf('id="course"'));
    expect(page).not.toContain('key-figures');
  });

  it('hatches a fault that was never felt, and draws none of it in red', async () => {
    const unfelt = goodHistory().flatMap((event): HistoryEvent[] =>
      event.type === 'fault.felt' || event.type === 'fault.gone' ? [] : [event],
    );
    const page = await runPage(await savedRun(unfelt));
    expect(page).toContain('injected, never felt');
    expect(page).toContain('fill="url(#strip-wide-hatch)"');
    expect(page).toContain('fill="url(#attempts-wide-hatch)"');
    expect(page).not.toMatch(/<g class="(?:felt|injected|going)"/);
    expect(page).not.toMatch(/fill="var\(--c-fault\)" fill-opacity/);
    const felt = await runPage(await savedRun(goodHistory()));
    expect(felt).toMatch(/<g class="felt"/);
    expect(felt).not.toContain('never felt');
  });

  it('says of a phase that did not end that it did not', async () => {
    const open = goodHistory().filter((event) => event.type !== 'phase.ended' || event.phase !== 'settle');
    const page = await runPage(await savedRun(open));
    expect(page).toContain('settle, did not end');
    expect(page).toContain('<td>did not end</td>');
  });
});
