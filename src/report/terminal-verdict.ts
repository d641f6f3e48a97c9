import { pathToFileURL } from 'node:url';
import { counted } from '../check/check.js';
import type { Judgement } from '../check/judgement.js';
import type { CheckResult } from '../check/result.js';
import { formatCount } from '../units/number.js';
import { likelyCauses } from './causes.js';
import { cell, table, wrap } from './columns.js';
import { dayTable } from './day-table.js';
import { allowances, rootDoubt, sentence } from './headline.js';
import { stackAndDriver, type RunHeader, type RunReport } from './reporter.js';
import { simulatedTime, type SimulatedAt } from './simulated.js';
import { styled, type Style, type TerminalLook } from './terminal-look.js';
import { findingsBehind, toldGroups } from './told-groups.js';

const KINDS_SHOWN = 5;

/** What is told of a run beside its judgement. */
export interface About extends Pick<RunHeader, 'stack' | 'driver' | 'insteadOf'> {
  readonly failures: readonly string[];
  readonly rerun?: string;
  /** The page, or the folder of a run without one. */
  readonly report: string;
}

/** How it is told. */
export interface Telling extends TerminalLook {
  readonly width: number;
  /** Passes and skipped checks line by line. */
  readonly verbose: boolean;
}

const MARKS: Readonly<Record<CheckResult['verdict'], { readonly word: string; readonly style: Style }>> = {
  pass: { word: 'pass', style: 'green' },
  fail: { word: 'FAIL', style: ['bold', 'red'] },
  inconclusive: { word: 'unsure', style: 'yellow' },
  skipped: { word: 'skip', style: 'dim' },
};

/** A verdict in capitals, in its colour. */
function verdictWord(verdict: Judgement['verdict'], look: TerminalLook): string {
  const style: Style = verdict === 'pass' ? 'green' : verdict === 'fail' ? 'red' : 'yellow';
  return styled(look, Array.isArray(style) ? style : ['bold', style], verdict.toUpperCase());
}

/** A path that can be opened by a click, where the terminal can do that. Our own bytes: the path in it is safe already. */
function linked(path: string, look: TerminalLook): string {
  return look.links ? `\u001b]8;;${pathToFileURL(path).href}\u0007${path}\u001b]8;;\u0007` : path;
}

/** The checks that are no pass, what they found, and the end: the verdict, the sentence, what mends it, the report. */
export function judgedLines(judgement: Judgement, about: About, telling: Telling): readonly string[] {
  // A run that never began has nothing to tell of its checks: the error says it all.
  const checks = judgement.mail.created > 0 ? judgement.checks : [];
  const root = rootDoubt(judgement);
  // Of a run that proves nothing, what it proves nothing for comes first, and the others may only follow from it.
  const ordered = checks.toSorted((a, b) => Number(b.name === root?.name) - Number(a.name === root?.name));
  const told = ordered.filter((check) => telling.verbose || isTold(check, root));
  const simulatedAt = simulatedTime(judgement.timings.jumps);
  const days = dayTable(judgement.mailboxDays);
  return [
    ...told.flatMap((check) =>
      checkLines(check, { ...telling, isShort: check === root && !telling.verbose }),
    ),
    ...(telling.verbose ? [] : foldedLines(checks, root, telling)),
    ...checks.flatMap((check) => findingLines(check, checks, { ...telling, simulatedAt })),
    ...(days.length > 0 ? ['', ...days.map((line) => `  ${line}`)] : []),
    ...endLines(judgement, about, telling),
  ];
}

function isTold({ name, verdict }: CheckResult, root: CheckResult | null): boolean {
  return verdict === 'fail' || (verdict === 'inconclusive' && (root === null || name === root.name));
}

/** What else is unsure by name, and passes and what does not apply by number. */
function foldedLines(
  checks: readonly CheckResult[],
  root: CheckResult | null,
  telling: Telling,
): readonly string[] {
  const line = (verdict: CheckResult['verdict'], texts: readonly string[]): readonly string[] =>
    texts.map((text, index) => {
      const { word, style } = MARKS[verdict];
      return `  ${index === 0 ? styled(telling, style, cell(word, 6)) : ' '.repeat(6)} ${text}`;
    });
  const unsure = checks
    .filter((check) => check.verdict === 'inconclusive' && !isTold(check, root))
    .map(({ name }) => name);
  const also = unsure.length === 0 ? [] : wrap(`so also ${unsure.join(', ')}`, telling.width - 9);
  const passed = checks.filter(({ verdict }) => verdict === 'pass').length;
  const skipped = checks.filter(({ verdict }) => verdict === 'skipped').length;
  const kept = passed === 0 ? '' : `${formatCount(passed)} ${passed === 1 ? 'promise' : 'promises'} kept`;
  const out = skipped === 0 ? '' : `${formatCount(skipped)} not judged`;
  const told = [kept, out].filter((part) => part !== '').join(', ');
  const hint = styled(telling, 'dim', '(--verbose shows them)');
  return [
    ...line('inconclusive', also),
    ...(told === '' ? [] : line(passed > 0 ? 'pass' : 'skipped', [`${told} ${hint}`])),
  ];
}

const HEAD = 35;

/** @param telling `isShort`: of several doubts the first, and how many there are beside it. */
function checkLines(check: CheckResult, telling: Telling & { readonly isShort: boolean }): readonly string[] {
  const { word, style } = MARKS[check.verdict];
  const quiet = check.verdict === 'inconclusive' || check.verdict === 'skipped';
  const reason = quiet ? check.reason : null;
  const [doubt = '', ...others] = reason?.split('; ') ?? [];
  const short = others.length === 0 ? doubt : `${doubt} (and ${counted(others.length, 'more doubt')})`;
  const told = reason === null ? `${check.observed} (${check.limit})` : telling.isShort ? short : reason;
  const [first = '', ...rest] = wrap(told, telling.width - HEAD);
  return [
    `  ${styled(telling, style, cell(word, 6))} ${cell(check.name, 25)} ${first}`,
    ...rest.map((line) => `${' '.repeat(HEAD)}${line}`),
  ];
}

function findingLines(
  check: CheckResult,
  checks: readonly CheckResult[],
  telling: Telling & { readonly simulatedAt: SimulatedAt },
): readonly string[] {
  if (check.findings.length === 0) return [];
  const { width, simulatedAt, verbose } = telling;
  const groups = toldGroups(check, checks, simulatedAt);
  const [name = '', ...promise] = wrap(`${check.name}: ${check.promise}`, width - 2);
  const dim = (text: string, margin: string): readonly string[] =>
    wrap(text, width - margin.length).map((line) => styled(telling, 'dim', `${margin}${line}`));
  const more = findingsBehind(groups, KINDS_SHOWN);
  return [
    '',
    `  ${styled(telling, check.verdict === 'fail' ? 'red' : 'yellow', check.name)}${name.slice(check.name.length)}`,
    ...promise.map((line) => `  ${line}`),
    ...groups.slice(0, KINDS_SHOWN).flatMap(({ sentence: said, isAlone, first }) => {
      const [begin = '', ...rest] = wrap(said, width - 6);
      const ids = first.flatMap(({ messages }) => messages.slice(0, 1));
      const like = isAlone || ids.length === 0 ? [] : dim(`such as ${ids.join(', ')}`, '        ');
      const evidence = (first[0]?.evidence ?? []).slice(0, 2).flatMap((line) => dim(line, '        '));
      const stories = verbose && !isAlone ? first.flatMap(({ summary }) => dim(summary, '        ')) : like;
      return [`    - ${begin}`, ...rest.map((line) => `      ${line}`), ...stories, ...evidence];
    }),
    ...(more > 0 ? [styled(telling, 'dim', `      and ${formatCount(more)} more in results.json`)] : []),
  ];
}

function fates({ mail }: Judgement): string {
  const parts = (['delivered', 'queued', 'bounced', 'lost', 'unaccounted'] as const)
    .filter((fate) => mail[fate] > 0 || fate === 'lost' || fate === 'bounced')
    .map((fate) => `${formatCount(mail[fate])} ${fate === 'unaccounted' ? 'unaccounted for' : fate}`);
  return `${formatCount(mail.accepted)} accepted: ${parts.join(', ')}`;
}

/** A labelled text over several lines; a text that must be copied is one line, whatever its length. */
function labelled(label: string, text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(text, width - 12);
  return [`  ${cell(label, 9)} ${first}`, ...rest.map((line) => `${' '.repeat(12)}${line}`)];
}

/** Where a run ends: nothing stands behind it, so that it is what the person sees. */
function endLines(judgement: Judgement, about: About, telling: Telling): readonly string[] {
  const { width } = telling;
  const broken = judgement.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
  const allowed = allowances(judgement);
  const name = judgement.run?.scenario.name;
  const yellow = (text: string): readonly string[] =>
    wrap(text, width - 4).map((line) => styled(telling, 'yellow', `  ${line}`));
  return [
    '',
    `  ${verdictWord(judgement.verdict, telling)}  ${name === undefined ? '' : `${name} `}on ${stackAndDriver(about)}`,
    ...wrap(sentence(judgement, judgement.run?.stack.title ?? about.stack), width - 4).map(
      (line) => `  ${styled(telling, 'bold', line)}`,
    ),
    ...(judgement.mail.created > 0 ? [`  ${fates(judgement)}`] : []),
    ...(about.insteadOf === null ? [] : yellow(`not on ${about.insteadOf.of}: ${about.insteadOf.because}`)),
    ...(allowed === null ? [] : yellow(allowed)),
    ...about.failures.flatMap((failure) =>
      wrap(`the harness failed: ${failure}`, width - 4).map((line) => styled(telling, 'red', `  ${line}`)),
    ),
    ...(broken.length === 0 ? [] : labelled('broken', broken.join(', '), width)),
    ...likelyCauses(judgement).flatMap(({ cause, mend }) => [
      ...labelled('likely', cause, width),
      ...labelled('mend', mend, width),
    ]),
    ...(about.rerun === undefined ? [] : [`  ${cell('again', 9)} ${about.rerun}`]),
    `  ${cell('report', 9)} ${linked(about.report, telling)}`,
  ];
}

/** Several runs under each other, and where their index is. */
export function runsLines(
  reports: readonly RunReport[],
  index: string | null,
  telling: Telling,
): readonly string[] {
  const rows = reports.map((report) => {
    const { mail, checks, verdict } = report.judgement;
    const broken = checks.filter((check) => check.verdict === 'fail').map(({ name }) => name);
    const doubt = verdict === 'inconclusive' ? rootDoubt(report.judgement)?.name : undefined;
    return [
      verdict.toUpperCase(),
      report.scenario.name,
      stackAndDriver(report),
      formatCount(mail.accepted),
      formatCount(mail.delivered),
      formatCount(mail.bounced),
      formatCount(mail.lost),
      broken.length > 0 ? broken.join(', ') : (doubt ?? ''),
    ];
  });
  const [head = '', ...lines] = table([
    ['', 'scenario', 'stack', 'accepted', 'delivered', 'bounced', 'lost', 'why'],
    ...rows,
  ]);
  const passed = reports.filter(({ judgement }) => judgement.verdict === 'pass').length;
  return [
    '',
    `  ${styled(telling, 'dim', head)}`,
    ...lines.map((line, run) => {
      const verdict = reports[run]?.judgement.verdict ?? 'inconclusive';
      return `  ${verdictWord(verdict, telling)}${line.slice(verdict.length)}`;
    }),
    `  ${formatCount(passed)} of ${formatCount(reports.length)} runs pass`,
    ...(index === null ? [] : [`  ${cell('index', 9)} ${linked(index, telling)}`]),
  ];
}
