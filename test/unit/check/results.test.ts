import { UNSKIPPABLE } from '../../../src/scenario/limits.js';
import { describe, expect, it } from 'vitest';
import { judge, judgeFile } from '../../../src/check/judge.js';
import { resultsOf, resultsSchema } from '../../../src/check/results.js';
import { worst } from '../../../src/check/verdict.js';
import { goodHistory } from '../../support/good-history.js';
import { FRIEND, GOLD, SILVER, Tale } from '../../support/tale.js';
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
    const told = new Tale().fault({ injected: 1, felt: 2 }, { parameters: { errno: 'EIO' } });
    const judgement = await judge(told.accepted('m', 1).dsn('m', 2).events);
    const results = resultsOf(judgement);
    const ungrouped = (checks: readonly { readonly groups: unknown }[]) =>
      checks.map(({ groups, ...check }) => ({ ...check, grouped: Array.isArray(groups) }));
    expect(ungrouped(results.checks)).toEqual(ungrouped(judgement.checks));
    expect(results.faults).toEqual(judgement.faults);
    results.checks[0]?.findings[0]?.messages.push('x');
    results.checks[0]?.groups[0]?.findings.push(7);
    results.phases.push({ phase: 'x', step: 1, startedAt: 0, endedAt: null });
    expect(judgement.checks[0]?.findings[0]?.messages).toEqual(['m']);
    expect(judgement.checks[0]?.groups[0]?.members).toEqual([0]);
    expect(judgement.phases).toEqual([]);
  });

  it('tells how the run ended, and what failed in the harness', async () => {
    const tale = new Tale()
      .add(1, { type: 'harness.failed', what: 'sender', error: 'gone' })
      .ended(9, 'failed');
    const { ended, run, seed, driver, stack, scenario, title } = resultsOf(await tale.judged());
    expect(ended).toEqual({ reason: 'failed', detail: 'told', harnessFailures: ['sender: gone'] });
    for (const reason of ['completed', 'interrupted', 'failed'] as const) {
      const results = resultsOf(await new Tale().ended(9, reason).judged());
      expect(resultsSchema.parse(results).ended.reason).toBe(reason);
    }
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

describe('the mail of a run', () => {
  const NO_MAIL = { accepted: 0, delivered: 0, queued: 0, bounced: 0, lost: 0, unaccounted: 0 };
  const SOUND = { duplicated: 0, corrupted: 0 };

  it('is counted by outcome, by fate, and by what is wrong with it, in all and for each mailbox', async () => {
    const tale = new Tale()
      .fault({ injected: 10_000, felt: 11_000, healed: 20_000 })
      .accepted('steady', 1_000)
      .copy('steady', 1_200)
      .accepted('twice', 2_000)
      .copy('twice', 2_500, { uid: 1 })
      .copy('twice', 2_600, { uid: 2 })
      .accepted('damaged', 10_500)
      .copy('damaged', 30_000, { bytes: 1 })
      .accepted('waits', 15_000)
      .queued('waits', 15_001)
      .accepted('elsewhere', 15_000)
      .copy('elsewhere', 15_100, { mailbox: SILVER })
      .accepted('bounced', 15_000, { to: SILVER })
      .dsn('bounced', 15_500)
      .accepted('late', 16_000)
      .copy('late', 19_000)
      .accepted('out', 25_000, { kind: 'outbound', from: GOLD, to: FRIEND })
      .created('untried', 1_000)
      .created('refused', 1_000, { kind: 'internal' })
      .attempt('refused', 1_000, 'rejected')
      .attempt('refused', 1_100, 'deferred')
      .created('nobody', 1_000, { kind: 'canary', to: 'nobody@libero.test' })
      .attempt('nobody', 1_000, 'rejected');
    const { mail, kinds, mailboxes, timings } = await tale.judged();
    expect(mail).toEqual({
      ...NO_MAIL,
      created: 10,
      attempted: 9,
      accepted: 8,
      deferred: 1,
      rejected: 0,
      ambiguous: 0,
      unsent: 0,
      delivered: 4,
      queued: 1,
      bounced: 1,
      unaccounted: 2,
      duplicated: 1,
      corrupted: 1,
      misdelivered: 1,
      attempts: 10,
      acceptedInOutage: 3,
      queuedInOutage: 1,
    });
    expect(kinds).toEqual({ inbound: 8, outbound: 1, internal: 1, canary: 1 });
    expect(mailboxes).toEqual([
      {
        ...NO_MAIL,
        address: GOLD,
        volume: 'gold',
        accepted: 6,
        delivered: 4,
        queued: 1,
        unaccounted: 1,
        duplicated: 1,
        corrupted: 1,
      },
      { ...NO_MAIL, ...SOUND, address: SILVER, volume: 'silver', accepted: 1, bounced: 1 },
    ]);
    expect(timings.steady).toEqual({ messages: 2, p50Ms: 200, p99Ms: 500, maxMs: 500 });
    expect(timings.outage).toEqual({ messages: 1, p50Ms: 3_000, p99Ms: 3_000, maxMs: 3_000 });
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
      const doubtsOf = async (bad: number) => {
        writeFileSync(path, `${'x\n'.repeat(bad)}${lines}`);
        const { checks } = await judgeFile(path);
        return checks.find(({ name }) => name === 'sound-history')?.reason?.split('; ');
      };
      expect(await doubtsOf(3)).toHaveLength(3);
      expect(await doubtsOf(4)).toHaveLength(4);
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
    expect(worst(['skipped', 'pass'])).toBe('pass');
    expect(worst(['skipped'])).toBe('inconclusive');
    expect(worst([])).toBe('inconclusive');
  });

  it('leaves skipped checks out, and is inconclusive where all are', async () => {
    const skip = { skip: 'not of interest here' };
    const { checks } = await new Tale().judged();
    const skippable = checks.filter(({ name }) => !UNSKIPPABLE.includes(name));
    const none = new Tale({ checks: Object.fromEntries(skippable.map(({ name }) => [name, skip])) });
    const judgement = await none.judged();
    const judged = judgement.checks.filter(({ verdict }) => verdict !== 'skipped');
    expect(judged.map(({ name }) => name)).toEqual(UNSKIPPABLE);
    expect(judgement.verdict).toBe('inconclusive');
  });
});
