import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
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

/** Run by time.test.ts and judge.test.ts, which assert more of them than their verdict. */
const ELSEWHERE = new Set(['libero-virgilio-2023', 'mx-closed']);

/** What each stack is there to tell apart; `npm run test:verdicts` runs every row of the table. */
const TELLING: Readonly<Record<string, readonly string[]>> = {
  'vendor-os-bug': ['postfix-dovecot', 'postfix-virtual'],
  'mount-lost': ['postfix-dovecot-hardened'],
  'one-volume-stalls': ['postfix-dovecot'],
};
const isTelling = ({ scenario, stack }: Row) => TELLING[scenario]?.includes(stack) === true;

/** So many drills at once, to see that a verdict does not hang on how busy the machine is. */
const AT_ONCE = Number(process.env['NOBOUNCE_VERDICTS_AT_ONCE'] ?? 0);

/** What a check says that doubts the machine, and not the stack: src/check/pace.ts. */
const BUSY = "whether that is the stack's doing is not known";

const inTable = rows.filter(({ scenario, stack }) => stack !== 'embedded' && !ELSEWHERE.has(scenario));
const asked = AT_ONCE > 0 ? inTable : inTable.filter(isTelling);

describe.skipIf(!HAS_DOCKER)('docs/verdicts.md', { concurrent: AT_ONCE > 1 }, () => {
  it('has rows, the telling ones among them', ({ expect }) => {
    expect(inTable.length).toBeGreaterThanOrEqual(12);
    expect(inTable.filter(isTelling)).toHaveLength(Object.values(TELLING).flat().length);
  });

  it.for(asked)('$scenario on $stack is judged $verdict', async (row, { expect }) => {
    const { scenario, stack, verdict, failed, also } = row;
    const { results, output, exitCode } = await drill(scenario, '--stack', stack);
    const failedNow = results.checks.filter((check) => check.verdict === 'fail').map(({ name }) => name);
    expect(exitCode, output).toBe({ pass: 0, fail: 1, inconclusive: 2 }[results.verdict]);
    expect(results.checks.find(({ name }) => name === 'fault-felt')?.verdict, output).toBe('pass');
    const unsure = results.checks.filter((check) => check.verdict === 'inconclusive');
    if (unsure.length > 0 && results.verdict === 'inconclusive') {
      // A machine that was too busy is the only reason to say nothing; mail is accounted for all the same.
      for (const { reason } of unsure) expect(reason, output).toContain(BUSY);
      expect(results.mail.lost + results.mail.bounced, output).toBe(0);
      return;
    }
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
