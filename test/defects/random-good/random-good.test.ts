import { describe, expect, it } from 'vitest';
import { judgeFold } from '../../../src/check/judge.js';
import type { Judgement } from '../../../src/check/judgement.js';
import { Fold } from '../../../src/history/fold.js';
import { Base, withHeartbeats } from '../directed/base.js';
import { randomGoodHistory } from './history.js';

/** `NOBOUNCE_RANDOM_HISTORIES`: how many; a few in every test run, a thousand and more by `npm run test:random-histories`. */
const HISTORIES = Number(process.env['NOBOUNCE_RANDOM_HISTORIES'] ?? 60);
const BATCH = 20;
/** So many may be inconclusive: chance can leave too little to look at. */
const MAX_INCONCLUSIVE = 0.1;

function judged(seed: number): Judgement {
  const history = randomGoodHistory(seed);
  const told = seed % 2 === 0 ? history : withHeartbeats(new Base('random', history)).history;
  const fold = new Fold();
  for (const event of told) fold.see(event);
  return judgeFold(fold, []);
}

const trouble = (seed: number, { checks }: Judgement, verdict: 'fail' | 'inconclusive'): readonly string[] =>
  checks
    .filter((check) => check.verdict === verdict)
    .map(
      ({ name, reason, findings }) =>
        `seed ${String(seed)}: ${name}: ${reason ?? findings[0]?.summary ?? ''}`,
    );

// The last test weighs what the others counted: their order matters.
describe('random good histories', { shuffle: false }, () => {
  const unsure: string[] = [];
  let inconclusive = 0;
  let judgements = 0;

  const batches = Array.from({ length: Math.ceil(HISTORIES / BATCH) }, (_, batch) => batch * BATCH + 1);
  it.each(batches)('none fails: %d and the next', { timeout: 120_000 }, (first) => {
    for (let seed = first; seed < first + BATCH && seed <= HISTORIES; seed += 1) {
      const judgement = judged(seed);
      judgements += 1;
      expect(trouble(seed, judgement, 'fail')).toEqual([]);
      unsure.push(...trouble(seed, judgement, 'inconclusive'));
      if (judgement.verdict === 'inconclusive') inconclusive += 1;
    }
  });

  it('are rarely inconclusive', { timeout: 600_000 }, () => {
    expect(judgements).toBe(HISTORIES);
    expect(inconclusive / HISTORIES, unsure.join('\n')).toBeLessThan(MAX_INCONCLUSIVE);
  });
});
