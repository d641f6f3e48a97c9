import { expect, it } from 'vitest';
import { loosenedLimits } from '../../../src/check/loosened.js';
import { DEFAULT_LIMITS } from '../../../src/check/recorded-scenario.js';
import { resultsOf, resultsSchema } from '../../../src/check/results.js';
import { headline } from '../../../src/report/headline.js';
import { limitsSchema } from '../../../src/scenario/limits.js';
import { Tale } from '../../support/tale.js';

const told = (checks: object) => loosenedLimits(limitsSchema.parse(checks));

it('nothing is looser than the defaults by default, nor by tighter limits', () => {
  expect(loosenedLimits(DEFAULT_LIMITS)).toEqual([]);
  expect(
    told({
      'delivered-after-recovery': { within: '30s' },
      'blast-radius': { factor: 2, success: 1, samples: 9, visits: 9 },
      'lifetime-margin': { margin: '1h' },
      'queued-during-outage': { min: 5 },
    }),
  ).toEqual([]);
});

it('every limit that allows more is told, with the default in brackets', () => {
  expect(
    told({
      'no-loss': { max: 5 },
      'blast-radius': { factor: 9, slack: '3s', success: 0.5, samples: 4, visits: 1 },
      'queued-during-outage': { min: 0 },
      'delivered-after-recovery': { within: '110s' },
      'sound-history': { maxJump: '6s' },
      'no-bounce': { max: 7, skip: 'which says so itself' },
    }),
  ).toEqual([
    'no-loss max 5 (0)',
    'queued-during-outage min 0 (1)',
    'delivered-after-recovery within 1 min 50 s (1 min)',
    'blast-radius factor 9 (5)',
    'blast-radius slack 3 s (2 s)',
    'blast-radius success 0.5 (0.95)',
    'blast-radius samples 4 (5)',
    'blast-radius visits 1 (2)',
    'sound-history maxJump 6 s (5 s)',
  ]);
});

it('it stands in the verdict line and in results.json', async () => {
  const judgement = await new Tale({ checks: { 'no-loss': { max: 5 } } }).judged();
  expect(headline(judgement, 'A stack')).toMatch(/ \(looser than by default: no-loss max 5 \(0\)\)$/);
  expect(resultsSchema.parse(resultsOf(judgement)).loosened).toEqual(['no-loss max 5 (0)']);
});
