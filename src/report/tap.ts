import type { CheckResult } from '../check/result.js';
import type { Judgement } from '../check/judgement.js';
import { likelyCause } from './causes.js';
import { headline } from './headline.js';
import { stackAndDriver, type Reporter, type RunReport } from './reporter.js';
import { cleaned, safeLine } from './safe-text.js';
import type { TextSink } from './text-sink.js';
import { findingsBehind, toldGroups } from './told-groups.js';

/** A description or a reason on one line, without what TAP 14 reads as a directive. */
const inLine = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('#', '\\#');

/** A YAML scalar: JSON strings are YAML's double-quoted ones. */
const scalar = (text: string): string => JSON.stringify(text);

const KINDS_SHOWN = 10;

function checkLines(check: CheckResult, number: number, judgement: Judgement): readonly string[] {
  const { name, promise, verdict, observed, limit, reason } = check;
  const what = `${number} - ${inLine(name)}`;
  if (verdict === 'pass') return [`ok ${what}`];
  if (verdict === 'skipped') return [`ok ${what} # SKIP ${inLine(reason ?? '')}`];
  const groups = toldGroups(check, judgement.checks);
  const shown = groups.slice(0, KINDS_SHOWN);
  const more = findingsBehind(groups, KINDS_SHOWN);
  const known = likelyCause(check, judgement);
  return [
    `not ok ${what}`,
    '  ---',
    `  verdict: ${verdict}`,
    `  promise: ${scalar(promise)}`,
    `  observed: ${scalar(reason ?? observed)}`,
    `  allowed: ${scalar(limit)}`,
    ...(known === null ? [] : [`  cause: ${scalar(known.cause)}`, `  mend: ${scalar(known.mend)}`]),
    ...(shown.length === 0
      ? []
      : ['  findings:', ...shown.map(({ sentence }) => `    - ${scalar(sentence)}`)]),
    ...(more > 0 ? [`  more: ${more}`] : []),
    '  ...',
  ];
}

/** TAP version 14: one subtest a run, one test point a check. */
export function tap(told: readonly RunReport[]): string {
  const reports = cleaned(told);
  const lines = ['TAP version 14', `1..${reports.length}`];
  for (const [index, report] of reports.entries()) {
    const { judgement, scenario, failures } = report;
    const points = judgement.checks.length + failures.length;
    const name = inLine(`${scenario.name} on ${stackAndDriver(report)}`);
    const isOk = report.exitCode === 0;
    lines.push(
      `# Subtest: ${name}`,
      `    1..${points}`,
      ...judgement.checks.flatMap((check, number) => checkLines(check, number + 1, judgement)).map(indent),
      ...failures
        .flatMap((failure, number) => [
          `not ok ${judgement.checks.length + number + 1} - harness`,
          '  ---',
          `  message: ${scalar(failure)}`,
          '  ...',
        ])
        .map(indent),
      `${isOk ? 'ok' : 'not ok'} ${index + 1} - ${name}`,
      `# ${inLine(headline(judgement, report.stackTitle))}`,
    );
  }
  return `${lines.map(safeLine).join('\n')}\n`;
}

const indent = (line: string): string => `    ${line}`;

/** The Test Anything Protocol on standard output, after the last run. */
export class Tap implements Reporter {
  readonly name = 'tap';
  readonly #out: TextSink;

  constructor(out: TextSink) {
    this.#out = out;
  }

  finished(reports: readonly RunReport[]): void {
    this.#out.write(tap(reports));
  }
}
