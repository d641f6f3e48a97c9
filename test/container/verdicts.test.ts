import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drill, HAS_DOCKER } from './drill.js';

/** A row of docs/verdicts.md, which `npm run verdicts` writes from real runs. */
interface Row {
  readonly scenario: string;
  readonly stack: string;
  readonly verdict: string;
  readonly failed: readonly string[];
  /** Promises that this stack breaks now and then here, with the reason below the table. */
  readonly also: readonly string[];
}

const rows: readonly Row[] = readFileSync('docs/verdicts.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [scenario = '', stack = '', verdict = '', failed = '', also = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.replaceAll(/[`*]/g, '').trim());
    return { scenario, stack, verdict, failed: names(failed), also: names(also) };
  });

function names(cell: string): readonly string[] {
  return cell
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/** Run by time.test.ts, which asserts more of them than their verdict. */
const ELSEWHERE = new Set(['libero-virgilio-2023', 'mx-closed']);

const onContainers = rows.filter(({ scenario, stack }) => stack !== 'embedded' && !ELSEWHERE.has(scenario));

describe.skipIf(!HAS_DOCKER)('docs/verdicts.md', { concurrent: true }, () => {
  it('has rows', () => {
    expect(onContainers.length).toBeGreaterThanOrEqual(12);
  });

  it.each(onContainers)('$scenario on $stack is judged $verdict', async (row) => {
    const { scenario, stack, verdict, failed, also } = row;
    const { results, output, exitCode } = await drill(scenario, '--stack', stack);
    const failedNow = results.checks.filter((check) => check.verdict === 'fail').map(({ name }) => name);
    expect(exitCode, output).toBe({ pass: 0, fail: 1, inconclusive: 2 }[results.verdict]);
    expect(results.checks.find(({ name }) => name === 'fault-felt')?.verdict, output).not.toBe('fail');
    if (verdict === 'pass' && results.verdict === 'fail') {
      // Nothing but what the table says of this stack; and mail is neither lost nor bounced.
      expect(also, output).toEqual(expect.arrayContaining(failedNow));
      expect(results.mail.lost + results.mail.bounced, output).toBe(0);
      return;
    }
    expect(results.verdict, output).toBe(verdict);
    // A red row stays red for the reason that the table gives.
    if (failed[0] !== undefined) expect(failedNow, output).toContain(failed[0]);
  });
});
