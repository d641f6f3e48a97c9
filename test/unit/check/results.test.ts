import { describe, expect, it } from 'vitest';
import { judge, judgeFile } from '../../../src/check/judge.js';
import { resultsOf, resultsSchema } from '../../../src/check/results.js';
import { worst } from '../../../src/check/verdict.js';
import { goodHistory } from '../../support/good-history.js';
import { Tale } from '../../support/tale.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('results.json', () => {
  it('has the shape of its schema, for a whole run and for none', async () => {
    const results = resultsOf(await judge(goodHistory()));
    expect(resultsSchema.parse(structuredClone(results))).toEqual(results);
    expect(results).toMatchSnapshot();
    const nothing = resultsOf(await judge([]));
    expect(resultsSchema.parse(structuredClone(nothing))).toEqual(nothing);
    expect(nothing).toMatchObject({ run: null, scenario: null, seed: null, verdict: 'inconclusive' });
    expect(nothing.ended).toEqual({ reason: 'cut off', detail: '', harnessFailures: [] });
  });

  it('shares nothing with the judgement that a writer could change', async () => {
    const judgement = await judge(new Tale().accepted('m', 1).dsn('m', 2).events);
    const results = resultsOf(judgement);
    results.checks[0]?.findings[0]?.messages.push('x');
    results.phases.push({ phase: 'x', step: 1, startedAt: 0, endedAt: null });
    expect(judgement.checks[0]?.findings[0]?.messages).toEqual(['m']);
    expect(judgement.phases).toEqual([]);
  });

  it('tells how the run ended, and what failed in the harness', async () => {
    const tale = new Tale()
      .add(1, { type: 'harness.failed', what: 'sender', error: 'gone' })
      .ended(9, 'failed');
    const { ended, run, seed, driver, stack, scenario, title } = resultsOf(await tale.judged());
    expect(ended).toEqual({ reason: 'failed', detail: 'told', harnessFailures: ['sender: gone'] });
    expect([run, seed, driver, stack, scenario, title]).toEqual([
      'tale',
      1,
      'docker',
      'stack',
      'tale',
      'A tale',
    ]);
  });
});

describe('the judgement of a run', () => {
  it('that was cut off, with a scenario that cannot be read, says what it can', async () => {
    const [started, ...rest] = new Tale().events;
    if (started?.type !== 'run.started') throw new Error('no start');
    const { run } = await judge([{ ...started, scenario: { name: 7 } }, ...rest]);
    expect(run).toMatchObject({ scenario: { name: '?', title: '?' }, ended: 'cut off', endDetail: '' });
  });

  it('tells how long each fault was felt by the simulated clock, if it was felt and healed', async () => {
    const byMs = 3_600_000;
    const { faults } = await new Tale()
      .fault({ injected: 1, felt: 10, healed: 30 }, { name: 'stall' })
      .fault({ injected: 1, felt: 10 }, { name: 'refuse' })
      .fault({ injected: 1, healed: 30 }, { name: 'flap' })
      .fault({ injected: 1 }, { name: 'reset' })
      .judged();
    expect(faults.map(({ name, simulatedMs }) => [name, simulatedMs])).toEqual([
      ['stall', 20],
      ['refuse', null],
      ['flap', null],
      ['reset', null],
    ]);
    const jumped = new Tale()
      .fault({ injected: 1, felt: 10, healed: 30 })
      .events.map((event) => (event.t > 20 ? { ...event, sim: event.sim + byMs } : event));
    expect((await judge(jumped)).faults[0]?.simulatedMs).toBe(byMs + 20);
  });

  it('tells when the last queue was back after the last heal, if all were', async () => {
    const told = () =>
      new Tale().fault({ injected: 10, felt: 20, healed: 30 }).depth(1, 0).depth(1, 0, 'relay');
    const drained = async (tale: Tale) => (await tale.judged()).timings.queuesDrainedMs;
    expect(await drained(told().depth(40, 0).depth(70, 0, 'relay'))).toBe(40);
    expect(await drained(told().depth(40, 0).depth(70, 5, 'relay'))).toBeNull();
    expect(await drained(new Tale().fault({ injected: 10, felt: 20, healed: 30 }))).toBeNull();
    expect(await drained(new Tale().depth(1, 0))).toBeNull();
  });
});

describe('judgeFile', () => {
  it('says the same of a saved history, and doubts one that is cut off or has bad lines', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nobounce-judge-'));
    try {
      const good = goodHistory();
      const path = join(dir, 'history.jsonl');
      const lines = good.map((event) => `${JSON.stringify(event)}\n`).join('');
      writeFileSync(path, lines);
      expect(await judgeFile(path)).toEqual(await judge(good));
      writeFileSync(path, `${lines}{"type":"queue.sam`);
      const cut = await judgeFile(path);
      expect(cut.verdict).toBe('inconclusive');
      expect(cut.checks.find(({ name }) => name === 'sound-history')?.reason).toBe(
        `${path}:${good.length + 1}: the last line is cut off after 18 characters`,
      );
      writeFileSync(path, `${'x\n'.repeat(5)}${lines}`);
      const reason = (await judgeFile(path)).checks.find(({ name }) => name === 'sound-history')?.reason;
      expect(reason).toContain(`${path}:1 is no event: not JSON`);
      expect(reason?.endsWith('2 more lines are no events')).toBe(true);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('the verdict of a run', () => {
  it('is the worst of its checks, and inconclusive of none', () => {
    expect(worst(['pass', 'inconclusive', 'fail'])).toBe('fail');
    expect(worst(['pass', 'inconclusive', 'pass'])).toBe('inconclusive');
    expect(worst(['fail', 'pass'])).toBe('fail');
    expect(worst(['pass', 'pass'])).toBe('pass');
    expect(worst([])).toBe('inconclusive');
  });

  it('leaves skipped checks out, and is inconclusive where all are', async () => {
    const skip = { skip: 'not of interest here' };
    const { checks } = await new Tale().judged();
    const none = new Tale({ checks: Object.fromEntries(checks.map(({ name }) => [name, skip])) });
    const judgement = await none.judged();
    expect(judgement.checks.every(({ verdict }) => verdict === 'skipped')).toBe(true);
    expect(judgement.verdict).toBe('inconclusive');
  });
});
