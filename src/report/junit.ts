import { join } from 'node:path';
import type { CheckResult, Finding } from '../check/result.js';
import { likelyCause } from './causes.js';
import { headline } from './headline.js';
import { cleaned, safeLine } from './safe-text.js';
import { stackAndDriver, type Reporter, type RunReport } from './reporter.js';
import { toldGroups } from './told-groups.js';
import { writeWhole } from './whole-file.js';

/** XML 1.0 section 2.2: what is no character there must not get into a report that other tools parse. */
const NO_CHARACTER =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

function text(value: string): string {
  return value
    .split('\n')
    .map(safeLine)
    .join('\n')
    .replace(NO_CHARACTER, '\ufffd')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      const safe = String(value).replace(NO_CHARACTER, '\ufffd');
      return ` ${name}="${safe.replace(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] ?? '')}"`;
    })
    .join('');
}

function element(name: string, values: Readonly<Record<string, string | number>>, content: string): string {
  return content === ''
    ? `<${name}${attributes(values)}/>`
    : `<${name}${attributes(values)}>${content}</${name}>`;
}

interface Case {
  readonly name: string;
  readonly result: 'passed' | 'failure' | 'error' | 'skipped';
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly output: string;
}

function details(check: CheckResult, { judgement, dir }: RunReport): string {
  const known = likelyCause(check, judgement);
  const behind = ({ messages, evidence }: Finding, margin: string): readonly string[] => [
    ...evidence.map((line) => `${margin}${line}`),
    ...messages.slice(0, 1).map((id) => `${margin}story: npx nobounce check ${dir} --explain ${id}`),
  ];
  return [
    ...(known === null ? [] : [`likely cause: ${known.cause}`, `what mends it: ${known.mend}`]),
    ...toldGroups(check, judgement.checks).flatMap(({ sentence, isAlone, first, count }) => [
      sentence,
      ...first.flatMap((finding) =>
        isAlone ? behind(finding, '  ') : [`  ${finding.summary}`, ...behind(finding, '    ')],
      ),
      ...(first.length > 0 && count > first.length ? [`  and ${count - first.length} more like these`] : []),
    ]),
  ].join('\n');
}

function checkCase(check: CheckResult, report: RunReport): Case {
  const { dir } = report;
  const { name, promise, observed, limit, reason, verdict } = check;
  const summary = `observed ${observed}, allowed ${limit}`;
  const output = `${promise}\n${summary}\n[[ATTACHMENT|${join(dir, 'report.html')}]]\n[[ATTACHMENT|${join(dir, 'results.json')}]]\n`;
  const common = { name, output };
  switch (verdict) {
    case 'pass':
      return { ...common, result: 'passed', type: '', message: '', details: '' };
    case 'skipped':
      return { ...common, result: 'skipped', type: 'skipped', message: reason ?? '', details: '' };
    case 'fail':
      return {
        ...common,
        result: 'failure',
        type: 'promise-broken',
        message: summary,
        details: details(check, report),
      };
    case 'inconclusive':
      return {
        ...common,
        result: 'error',
        type: 'inconclusive',
        message: reason ?? summary,
        details: details(check, report),
      };
  }
}

function caseXml({ name, result, type, message, details: found, output }: Case, classname: string): string {
  const told =
    result === 'passed'
      ? ''
      : element(result, { type, message }, result === 'skipped' ? '' : text(found === '' ? message : found));
  const out = output === '' ? '' : element('system-out', {}, text(output));
  return element('testcase', { classname, name, time: 0 }, told + out);
}

function casesOf(report: RunReport): readonly Case[] {
  const harness = report.failures.map((failure, index): Case => ({
    name: index === 0 ? 'harness' : `harness ${index + 1}`,
    result: 'error',
    type: 'harness',
    message: failure,
    details: '',
    output: '',
  }));
  return [...report.judgement.checks.map((check) => checkCase(check, report)), ...harness];
}

function counts(cases: readonly Case[]): Record<'tests' | 'failures' | 'errors' | 'skipped', number> {
  const of = (result: Case['result']): number => cases.filter((one) => one.result === result).length;
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
}

function suiteXml(report: RunReport, index: number): string {
  const { scenario, judgement } = report;
  const cases = casesOf(report);
  const properties = Object.entries({
    stack: report.stackTitle,
    'stack.name': report.stack,
    'scenario.stack': scenario.stack,
    driver: report.driver,
    seed: String(report.seed),
    run: report.id,
    rerun: report.rerun,
  }).map(([name, value]) => element('property', { name, value }, ''));
  const startedAt = judgement.run?.startedAtWall;
  return element(
    'testsuite',
    {
      name: `${scenario.name} on ${stackAndDriver(report)}`,
      ...counts(cases),
      time: (judgement.timings.totalMs / 1_000).toFixed(3),
      ...(startedAt === undefined ? {} : { timestamp: new Date(startedAt).toISOString().slice(0, 19) }),
      id: index,
    },
    `\n${[
      element('properties', {}, properties.join('')),
      ...cases.map((one) => caseXml(one, `nobounce.${scenario.name}`)),
      element('system-out', {}, text(`${headline(judgement, report.stackTitle)}\n`)),
    ].join('\n')}\n`,
  );
}

/**
 * JUnit XML as Jenkins' junit-10.xsd has it: scenario = suite, check = case. `failure` is the stack's;
 * `error` is the harness's, or a check that could not tell.
 */
export function junitXml(told: readonly RunReport[]): string {
  const reports = cleaned(told);
  const { tests, failures, errors } = counts(reports.flatMap(casesOf));
  const seconds = reports.reduce((sum, { judgement }) => sum + judgement.timings.totalMs / 1_000, 0);
  const suites = reports.map(suiteXml).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'testsuites',
    { name: 'nobounce', tests, failures, errors, time: seconds.toFixed(3) },
    suites === '' ? '' : `\n${suites}\n`,
  )}\n`;
}

/** `junit.xml` of each run, and one of all runs where there are several. */
export class JunitFile implements Reporter {
  readonly name = 'junit';
  readonly #reportsDir: string;

  constructor(reportsDir: string) {
    this.#reportsDir = reportsDir;
  }

  async ended(report: RunReport): Promise<void> {
    await writeWhole(join(report.dir, 'junit.xml'), junitXml([report]));
  }

  async finished(reports: readonly RunReport[]): Promise<void> {
    if (reports.length > 1) await writeWhole(join(this.#reportsDir, 'junit.xml'), junitXml(reports));
  }
}
