import { describe, expect, it } from 'vitest';
import { drill, HAS_DOCKER, verdictOf } from './drill.js';

/** What the probe must be told of each fault. */
const CASES = {
  'inodes-gone': /(?:create|mkdir|link) → ENOSPC/,
  'no-hard-links': /link → EOPNOTSUPP/,
} as const;

/** Set by `npm run test:verdicts`, as for the rows of docs/verdicts.md that are not in `npm test`. */
const ALL = Number(process.env['NOBOUNCE_VERDICTS_AT_ONCE'] ?? 0) > 0;

describe.skipIf(!HAS_DOCKER)('a case from the field', () => {
  it.skipIf(!ALL).for(Object.entries(CASES))(
    '%s runs, is felt by its errno, and loses nothing (npm run test:verdicts)',
    async ([name, felt]) => {
      const { results, output, exitCode } = await drill(`test/cases/${name}.yaml`);
      expect(output).toMatch(felt);
      for (const check of ['fault-felt', 'fault-gone', 'no-loss', 'no-bounce', 'sound-history'])
        expect(verdictOf(results, check), output).toBe('pass');
      // Its steady state is six seconds: on a slow machine that is too little mail to compare with, and nothing else.
      const unsure = results.checks.filter(({ verdict }) => verdict === 'inconclusive');
      expect(
        unsure.map((check) => check.name).filter((check) => check !== 'blast-radius'),
        output,
      ).toEqual([]);
      expect(exitCode, output).toBe(unsure.length === 0 ? 0 : 2);
    },
  );
});
