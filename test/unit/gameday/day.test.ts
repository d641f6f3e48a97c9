import { describe, expect, it } from 'vitest';
import { judgeFold } from '../../../src/check/judge.js';
import { Day } from '../../../src/gameday/day.js';
import type { Snapshot } from '../../../src/gameday/snapshot.js';
import type { HistoryEvent } from '../../../src/history/event.js';
import { Fold } from '../../../src/history/fold.js';
import { DEFECTS } from '../../defects/defects.js';
import { goodHistory, TIMES, TYPICAL } from '../../support/good-history.js';

/** A clock on which nothing takes time: every snapshot is judged anew. */
const timeless = (): number => 0;

/** What the day says behind every `every`-th event. */
function snapshots(history: readonly HistoryEvent[], every: number): readonly Snapshot[] {
  const day = new Day(timeless);
  return history.flatMap((event, index) => {
    day.see(event);
    return index % every === 0 || index === history.length - 1 ? [day.snapshot()] : [];
  });
}

const STANDINGS = { pass: 'holding', fail: 'broken', inconclusive: 'not yet known' } as const;

describe('the day at any moment', () => {
  it('has a sum whose parts add up to what was accepted', () => {
    const seen = snapshots(goodHistory(), 10);
    expect(seen.length).toBeGreaterThan(80);
    for (const { sum } of seen) {
      const { accepted, delivered, queued, bounced, lost, underWay } = sum;
      expect(delivered + queued + bounced + lost + underWay).toBe(accepted);
      expect(Math.min(delivered, queued, bounced, lost, underWay)).toBeGreaterThanOrEqual(0);
    }
    expect(seen.at(-1)?.sum.accepted).toBeGreaterThan(50);
  });

  it('is broken when the fault is felt and not before, and healed until it is gone', () => {
    for (const { tMs, state } of snapshots(goodHistory(), 5)) {
      if (tMs < TIMES.felt) expect(state).not.toBe('BROKEN');
      if (tMs > TIMES.felt && tMs < TIMES.heal) expect(state).toBe('BROKEN');
      if (tMs > TIMES.heal + 100 && tMs < TIMES.gone) expect(state).toBe('HEALED');
      if (tMs > TIMES.gone) expect(['RECOVERING', 'STEADY', 'SETTLED']).toContain(state);
    }
  });

  it('never calls a promise broken that the judge does not, and at the end says what the judge says', () => {
    expect(DEFECTS.length).toBeGreaterThan(50);
    for (const { name, run, seed } of DEFECTS.filter((_, index) => index % 7 === 0)) {
      const history = seed(goodHistory({ ...TYPICAL, ...run }));
      const day = new Day(timeless);
      const fold = new Fold();
      for (const [index, event] of history.entries()) {
        day.see(event);
        fold.see(event);
        if (index % 300 !== 0) continue;
        const failed = judgeFold(fold, []).checks.filter(({ verdict }) => verdict === 'fail');
        const broken = day.snapshot().promises.filter(({ standing }) => standing === 'broken');
        expect(
          broken.map((one) => one.name),
          name,
        ).toEqual(failed.map((one) => one.name));
      }
      const judgement = judgeFold(fold, []);
      day.end(judgement, 'over', 'reports/x');
      const told = day.snapshot().promises.map((one) => [one.name, one.standing]);
      expect(told, name).toEqual(
        judgement.checks.flatMap((check) =>
          check.verdict === 'skipped' ? [] : [[check.name, STANDINGS[check.verdict]]],
        ),
      );
    }
  }, 120_000);

  it('says how long it is until the oldest message that waits is given up', () => {
    const waiting = snapshots(goodHistory(), 20).filter(({ sum }) => sum.queued > 0);
    const lifetimes = waiting.filter(({ lifetimeMs }) => lifetimeMs !== null);
    expect(waiting.length).toBeGreaterThan(3);
    for (const { fuseMs, lifetimeMs } of lifetimes) {
      expect(fuseMs).not.toBeNull();
      expect(fuseMs).toBeLessThanOrEqual(lifetimeMs ?? 0);
    }
    for (const { fuseMs, sum } of snapshots(goodHistory(), 20))
      if (sum.queued === 0) expect(fuseMs).toBeNull();
  });

  it('has what it shows in a few kilobytes', () => {
    for (const snapshot of snapshots(goodHistory(), 400))
      expect(JSON.stringify({ ...snapshot, log: [] }).length).toBeLessThan(12_000);
  });
});
