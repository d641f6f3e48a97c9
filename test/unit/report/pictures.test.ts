import { beforeAll, describe, expect, it } from 'vitest';
import type { Judgement } from '../../../src/check/judgement.js';
import type { EventOf, HistoryEvent } from '../../../src/history/event.js';
import { Fold } from '../../../src/history/fold.js';
import { readHistory } from '../../../src/history/reader.js';
import { delayBins, type DelayBin } from '../../../src/report/delays.js';
import { runPage } from '../../../src/report/html-file.js';
import { axisOf, CHART_SIZES, cuts, timeOnAxis } from '../../../src/report/html/axis.js';
import { outcomesOf } from '../../../src/report/outcomes.js';
import type { RunReport } from '../../../src/report/reporter.js';
import { SeriesFold } from '../../../src/report/series.js';
import { readSavedRun } from '../../../src/report/saved-run.js';
import { at, goodHistory, TYPICAL } from '../../support/good-history.js';
import { savedRun } from '../../support/saved-run.js';
import { Tale } from '../../support/tale.js';

function folded(events: readonly HistoryEvent[]): Fold {
  const fold = new Fold();
  for (const event of events) fold.see(event);
  fold.close();
  return fold;
}

const HOUR_MS = 3_600_000;
const NONE = { messages: 0, p50Ms: null, p99Ms: null, maxMs: null };
const TIMINGS: Judgement['timings'] = {
  totalMs: 40_000,
  simulatedMs: 40_000,
  jumps: [],
  stackReadyMs: null,
  steady: NONE,
  outage: NONE,
  queuesDrainedMs: null,
};
const STEPS = ['login', 'select'] as const;
const steps = (...outcomes: readonly ('ok' | 'no')[]) =>
  outcomes.map((outcome, index) => ({
    step: STEPS[index] ?? ('fetch' as const),
    outcome,
    code: null,
    text: '',
    ms: 5,
  }));

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

describe('what is seen and lost afterwards', () => {
  it('is no fast delivery', async () => {
    const fold = new Fold();
    const reading = readHistory('reports/sample/mount-lost/history.jsonl.gz');
    for await (const events of reading.batches()) for (const event of events) fold.see(event);
    fold.close();
    const sum = (of: (bin: DelayBin) => number) => delayBins(fold).reduce((all, bin) => all + of(bin), 0);
    expect(sum(({ whole, broken }) => whole + broken)).toBe(142);
    expect(sum(({ gone }) => gone)).toBe(57);
  });
});

describe('visits of readers', () => {
  const visit = (shown: Partial<EventOf<'reader.visited'>>): HistoryEvent =>
    at(5_000, {
      type: 'reader.visited',
      mailbox: 'a@libero.test',
      volume: 'gold',
      steps: [{ step: 'login', outcome: 'ok', code: null, text: '', ms: 5 }],
      exists: 2,
      uidValidity: '7',
      known: 'intact',
      ...shown,
    });
  const counted = (event: HistoryEvent): Readonly<Record<string, number>> => {
    const series = new SeriesFold();
    const messages = [1, 2].map((uid) => ({ uid, id: null, flags: [], bodySha256: 'x' }));
    const before = {
      type: 'mailbox.listed',
      stage: 'before',
      mailbox: 'A@libero.test',
      volume: 'gold',
    } as const;
    series.see(at(400, { ...before, uidValidity: '7', messages }));
    series.see(event);
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    return Object.fromEntries(
      Object.entries(series.series().visits).flatMap(([kind, values]) =>
        sum(values) === 0 ? [] : [[kind, sum(values)]],
      ),
    );
  };

  it.each([
    ['read', {}],
    ['empty', { exists: 0, uidValidity: '9', known: null }],
    ['another', { uidValidity: '9' }],
    ['another', { exists: 1 }],
    ['another', { known: 'missing' }],
    ['unreadable', { exists: null, uidValidity: null, known: null, steps: steps('ok', 'no') }],
    ['no login', { exists: null, uidValidity: null, known: null, steps: steps('no') }],
  ] as const)('are counted as %s: %j', (kind, shown) => {
    expect(counted(visit(shown))).toEqual({ [kind]: 1 });
  });
});

describe('the time axis', () => {
  const series = { spanMs: 1_000, spans: 40 };
  const faults = [{ injectedAt: 8_000 }, { injectedAt: 20_000 }].map((life) => ({
    name: 'stall',
    volume: 'gold',
    parameters: {},
    feltAt: null,
    healedAt: null,
    goneAt: null,
    evidence: null,
    goneEvidence: null,
    simulatedMs: null,
    ...life,
  }));
  const told = (zero: 'start' | 'injection', jumps: Judgement['timings']['jumps'], atMs: number) =>
    timeOnAxis(axisOf(series, { faults, timings: { ...TIMINGS, jumps } }, zero), atMs);

  it('counts from the start, or from the first injection', () => {
    expect([0, 8_000, 10_000].map((ms) => told('start', [], ms))).toEqual(['0', '8 s', '10 s']);
    expect([0, 8_000, 10_000].map((ms) => told('injection', [], ms))).toEqual(['-8 s', '0', '2 s']);
  });

  it('tells the time of the services where their clocks were moved, and is cut there', () => {
    const jumps = [{ at: 10_000, aheadMs: 12 * HOUR_MS }];
    expect([9_000, 10_000].map((ms) => told('start', jumps, ms))).toEqual(['0 min', '12 h']);
    const cut = cuts(axisOf(series, { faults, timings: { ...TIMINGS, jumps } }, 'start'), CHART_SIZES[0]);
    expect(cut?.text).toContain('the clocks were moved by 12 h');
    expect(cuts(axisOf(series, { faults, timings: TIMINGS }, 'start'), CHART_SIZES[0])).toBeNull();
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

  it('marks the spans in which the storage fails, and draws no fast operation there', async () => {
    const page = await runPage(mountLost);
    const [, figure = ''] = /<figure id="probe">([\s\S]*?)<\/figure>/.exec(page) ?? [];
    expect(figure.match(/<title>gold fails<\/title>/g)).toHaveLength(CHART_SIZES.length);
    expect(figure).not.toContain('silver fails');
    const [, gold = ''] = /<th scope="row">15 s<\/th>\s*<td>([^<]*)<\/td>/.exec(figure) ?? [];
    expect(gold).toBe('–');
  });

  it('gives a volume the same look whether or not it fails', async () => {
    const look = (page: string) => /<svg class="dash ([^"]*)"[\s\S]*?<\/svg>gold/.exec(page)?.[1];
    const well = await runPage(await savedRun(goodHistory({ ...TYPICAL, fault: 'none' })));
    expect(look(await runPage(mountLost))).toBe(look(well));
    expect(look(well)).toBeDefined();
  });

  it('says of a phase that did not end that it did not', async () => {
    const open = goodHistory().filter((event) => event.type !== 'phase.ended' || event.phase !== 'settle');
    const page = await runPage(await savedRun(open));
    expect(page).toContain('settle, did not end');
    expect(page).toContain('<td>did not end</td>');
  });
});
