import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drill, HAS_DOCKER } from './drill.js';

/** A row of docs/verdicts.md, which `npm run verdicts` writes from real runs. */
interface Row {
  readonly scenario: string;
  readonly stack: string;
  readonly verdict: string;
  readonly failed: readonly string[];
}

const rows: readonly Row[] = readFileSync('docs/verdicts.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [scenario = '', stack = '', verdict = '', failed = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.replaceAll(/[`*]/g, '').trim());
    return {
      scenario,
      stack,
      verdict,
      failed: failed
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    };
  });

const onContainers = rows.filter(({ stack }) => stack !== 'embedded');

describe.skipIf(!HAS_DOCKER)('docs/verdicts.md', { concurrent: true }, () => {
  it('has rows', () => {
    expect(onContainers.length).toBeGreaterThanOrEqual(12);
  });

  it.each(onContainers)(
    '$scenario on $stack is judged $verdict',
    async ({ scenario, stack, verdict, failed }) => {
      const { results, output, exitCode } = await drill(scenario, '--stack', stack);
      const failedNow = results.checks.filter((check) => check.verdict === 'fail').map(({ name }) => name);
      expect(results.verdict, output).toBe(verdict);
      expect(exitCode).toBe({ pass: 0, fail: 1, inconclusive: 2 }[verdict]);
      // A red row stays red for the reason that the table gives.
      if (failed[0] !== undefined) expect(failedNow, output).toContain(failed[0]);
    },
  );
});
