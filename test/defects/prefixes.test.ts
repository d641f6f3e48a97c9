import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeFold } from '../../src/check/judge.js';
import type { HistoryEvent } from '../../src/history/event.js';
import { Fold } from '../../src/history/fold.js';
import { readHistory } from '../../src/history/reader.js';
import { goodHistory, TYPICAL } from '../support/good-history.js';

const SAVED = join(import.meta.dirname, 'good-runs');
/** Of a long history every so many events are judged, so that a history takes no more than so many judgements. */
const MOST_JUDGEMENTS = 1_500;

/** What failed of which prefix: a run that was killed there has broken no promise. */
function failuresOf(history: readonly HistoryEvent[]): readonly string[] {
  const fold = new Fold();
  const step = Math.ceil(history.length / MOST_JUDGEMENTS);
  const failures: string[] = [];
  for (const [index, event] of history.entries()) {
    fold.see(event);
    if (index % step !== 0 && index !== history.length - 1) continue;
    for (const { name, verdict, findings } of judgeFold(fold, []).checks) {
      if (verdict !== 'fail') continue;
      failures.push(`${name} after ${String(index + 1)} events: ${findings[0]?.summary ?? ''}`);
    }
  }
  return failures;
}

describe('a run that was killed', () => {
  it.each(['vendor-os-bug', 'stall', 'latency', 'none'] as const)(
    'fails at no moment of a good one: %s',
    (fault) => {
      for (const seed of [1, 2]) {
        expect(failuresOf(goodHistory({ ...TYPICAL, fault, seed }))).toEqual([]);
      }
    },
  );

  it.each(readdirSync(SAVED))('fails at no moment of the saved run %s', async (file) => {
    const history: HistoryEvent[] = [];
    for await (const event of readHistory(join(SAVED, file))) history.push(event);
    expect(history.length).toBeGreaterThan(1_000);
    expect(failuresOf(history)).toEqual([]);
    const fold = new Fold();
    for (const event of history) fold.see(event);
    expect(judgeFold(fold, []).verdict).toBe('pass');
  });
});
