import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { judge, judgeFold } from '../../src/check/judge.js';
import type { Judgement } from '../../src/check/judgement.js';
import type { CheckResult } from '../../src/check/result.js';
import { resultsOf } from '../../src/check/results.js';
import { Fold } from '../../src/history/fold.js';
import { sentence } from '../../src/report/headline.js';
import { FATES, outcomesOf } from '../../src/report/outcomes.js';
import { Terminal } from '../../src/report/terminal.js';
import { CHECK_NAMES, type CheckName } from '../../src/scenario/limits.js';
import { formatCount } from '../../src/units/number.js';
import { goodHistory, TYPICAL, type GoodRun } from '../support/good-history.js';
import { DEFECTS } from './defects.js';

const rounded = (ms: number) => Math.round(ms * 100) / 100;

function rendered({
  name,
  verdict,
  observed,
  limit,
  figures,
  reason,
  findings,
  moreFindings,
}: CheckResult): string {
  const numbers = Object.entries(figures).map(([key, value]) => `${key} ${rounded(value)}`);
  return [
    `${name}: ${verdict}`,
    `  observed: ${observed}`,
    `  limit: ${limit}`,
    `  figures: ${numbers.join(', ')}`,
    ...(reason === null ? [] : [`  reason: ${reason}`]),
    ...findings.flatMap(({ summary, messages, atMs, evidence }) => [
      `  - ${summary}`,
      `    at ${atMs === null ? 'no time' : rounded(atMs)}: ${messages.join(', ')}`,
      ...evidence.map((line) => `    > ${line}`),
    ]),
    ...(moreFindings === 0 ? [] : [`  and ${moreFindings} more`]),
  ].join('\n');
}

const isGood = ({ verdict }: CheckResult) => verdict === 'pass' || verdict === 'skipped';

/** So wide is the column of names: name and verdicts together fit a terminal of 100 columns. */
const NAME_WIDTH = 56;
const rows: string[] = [];

/** A defect's rows: who was meant to catch it first, then, a line each, whose promise it breaks as well. */
function tell(name: string, meant: string | null, caught: readonly CheckResult[]): void {
  const isMeant = (result: CheckResult) => result.name === meant;
  const said = caught
    .toSorted((a, b) => Number(isMeant(b)) - Number(isMeant(a)))
    .map((result) => `${isMeant(result) ? '' : '+ '}${result.name} ${result.verdict}`);
  const lines = said.length === 0 ? ['nobody'] : said;
  const trap = meant === null ? ', as it should be' : '';
  lines.forEach((line, index) => rows.push(`${(index === 0 ? name : '').padEnd(NAME_WIDTH)}${line}${trap}`));
}

/** What a page draws, a terminal prints, a check observes and results.json holds for one thing is one number. */
function expectOneNumberForOneThing(judgement: Judgement, fold: Fold): void {
  const { mail, checks } = judgement;
  expect(resultsOf(judgement).mail).toEqual(mail);
  const drawn = outcomesOf(fold, { spans: 7, spanMs: 5_000 });
  for (const fate of FATES) expect(drawn[fate].reduce((sum, count) => sum + count, 0)).toBe(mail[fate]);
  expect(FATES.reduce((sum, fate) => sum + mail[fate], 0)).toBe(mail.accepted);
  const observed = (name: CheckName): string => checks.find((check) => check.name === name)?.observed ?? '';
  const accepted = formatCount(mail.accepted);
  const count = (text: string, by: number): void => {
    expect(text.replace(/ more .*/, '')).toMatch(new RegExp(`^${formatCount(by)} `));
  };
  count(observed('no-bounce'), mail.bounced);
  count(observed('no-loss'), mail.lost);
  count(observed('no-duplicates'), mail.duplicated);
  count(observed('no-corruption'), mail.corrupted);
  let output = '';
  new Terminal({ write: (text) => (output += text) }, { colour: false, links: false }).judged(judgement, {
    stack: 'stack',
    driver: 'docker',
    insteadOf: null,
    failures: [],
    report: 'reports/run',
  });
  const [, told = ''] = /^ {2}([\d,]+ accepted: .*)$/m.exec(output) ?? [];
  expect(told).toContain(`${accepted} accepted: ${formatCount(mail.delivered)} delivered`);
  const parts = [...told.matchAll(/([\d,]+) (?:delivered|queued|bounced|lost|unaccounted)/g)];
  const sum = parts.reduce((all, [, part = '']) => all + Number(part.replaceAll(',', '')), 0);
  expect(sum).toBe(mail.accepted);
  if (mail.lost > 0 && judgement.verdict === 'fail')
    expect(sentence(judgement, 'Stack')).toContain(
      `${formatCount(mail.lost)} ${mail.lost === 1 ? 'was' : 'were'} lost`,
    );
}

describe('seeded defects', () => {
  it.each(DEFECTS)('$name', ({ name, check, verdict, related, run, seed }) => {
    const fold = new Fold();
    for (const event of seed(goodHistory({ ...TYPICAL, ...run }))) fold.see(event);
    const judgement = judgeFold(fold, []);
    expectOneNumberForOneThing(judgement, fold);
    for (const { groups, findings, moreFindings } of judgement.checks) {
      const counts = groups.map(({ count }) => count);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(findings.length + moreFindings);
      const members = groups.flatMap((group) => group.members).sort((a, b) => a - b);
      expect(members).toEqual(findings.map((_, index) => index));
    }
    const caught = judgement.checks.filter((result) => !isGood(result));
    tell(name, check, caught);
    if (check === null) {
      expect(caught).toEqual([]);
      return;
    }
    // The words and figures as well: what a person reads must be true, not only the verdict.
    expect(caught.map((result) => rendered(result)).join('\n')).toMatchSnapshot();
    expect(caught.find((result) => result.name === check)).toMatchObject({ verdict });
    const unrelated = caught.filter((result) => result.name !== check && !related.includes(result.name));
    expect(unrelated).toEqual([]);
    expect(judgement.verdict).not.toBe('pass');
    if (verdict === 'fail') expect(judgement.verdict).toBe('fail');
  });

  it('are at least thirty, with a name each and at least two for every check', () => {
    const real = DEFECTS.filter(({ check }) => check !== null);
    expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length);
    expect(real.length).toBeGreaterThanOrEqual(30);
    expect(DEFECTS.filter((defect) => defect.name.length >= NAME_WIDTH)).toEqual([]);
    const lacking = CHECK_NAMES.filter((name) => real.filter(({ check }) => check === name).length < 2);
    expect(lacking).toEqual([]);
  });

  afterAll(() => {
    const head = `${'defect'.padEnd(NAME_WIDTH)}caught by`;
    const traps = DEFECTS.filter(({ check }) => check === null).length;
    process.stdout.write(
      `\n${[head, ...rows].join('\n')}\n${DEFECTS.length - traps} defects, ${traps} traps\n`,
    );
  });
});

describe('good histories', () => {
  it.each(['vendor-os-bug', 'stall', 'latency', 'none'] as const)('are told in full: %s', async (fault) => {
    const { checks, ...judgement } = await judge(goodHistory({ ...TYPICAL, fault }));
    expect(judgement.verdict).toBe('pass');
    expect(checks.map((result) => rendered(result)).join('\n')).toMatchSnapshot();
    expect(judgement).toMatchSnapshot();
  });

  it('pass without a finding, a hundred of them, however their events interleave', async () => {
    const runs = fc.record<GoodRun>({
      seed: fc.nat(),
      fault: fc.constantFrom('vendor-os-bug', 'stall', 'latency', 'none'),
      perSecond: fc.integer({ min: 2, max: 8 }),
      deferred: fc.double({ min: 0, max: 0.2, noNaN: true }),
      ambiguous: fc.double({ min: 0, max: 0.3, noNaN: true }),
      delayNotices: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(runs, async (run) => {
        const { verdict, checks, mail } = await judge(goodHistory(run));
        expect(checks.filter((result) => !isGood(result) || result.findings.length > 0)).toEqual([]);
        expect(verdict).toBe('pass');
        expect(mail.delivered).toBe(mail.accepted);
      }),
      // Mutation testing asks thousands of times; a tenth of the hundred is enough for it.
      { numRuns: process.env['STRYKER_MUTATOR_WORKER'] === undefined ? 100 : 10 },
    );
  });
});
