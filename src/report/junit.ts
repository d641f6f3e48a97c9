import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import junitReport, { type Builder } from 'junit-report-builder';
import type { CheckResult } from '../check/result.js';
import type { Reporter, RunReport } from './reporter.js';

/** XML 1.0 section 2.2: what is no character there must not get into a report that other tools parse. */
function xmlText(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff](?![\udc00-\udfff])/gu,
    '\ufffd',
  );
}

function findings(check: CheckResult): string {
  const lines = check.findings.flatMap(({ summary, messages, evidence }) => [
    summary,
    ...(messages.length > 0 ? [`  messages: ${messages.join(', ')}`] : []),
    ...evidence.map((line) => `  ${line}`),
  ]);
  if (check.moreFindings > 0) lines.push(`and ${String(check.moreFindings)} more`);
  return lines.join('\n');
}

/** The package's types promise a `default` that its CommonJS module does not have: the module itself is the builder. */
function isBuilder(module: unknown): module is Builder {
  return typeof module === 'object' && module !== null && 'newBuilder' in module;
}

/** JUnit XML: scenario = suite, check = case; `failure` is the stack's, `error` is the harness's or inconclusive. */
export function junitXml(reports: readonly RunReport[]): string {
  const root: unknown = junitReport;
  if (!isBuilder(root)) throw new Error('junit-report-builder has changed its exports');
  const builder = root.newBuilder();
  for (const report of reports) {
    const { scenario, judgement } = report;
    const suite = builder
      .testSuite()
      .name(scenario.name)
      .time(judgement.timings.totalMs / 1_000)
      .timestamp(new Date(judgement.run?.startedAtWall ?? 0));
    suite
      .property('stack', report.stackTitle)
      .property('seed', String(report.seed))
      .property('run', report.id);
    suite.property('rerun', report.rerun);
    for (const check of judgement.checks) {
      const testCase = suite.testCase().className(`nobounce.${scenario.name}`).name(check.name).time(0);
      const summary = `${check.promise}: observed ${check.observed}, allowed ${check.limit}`;
      if (check.verdict === 'skipped') testCase.skipped();
      else if (check.verdict === 'fail') {
        testCase.failure(xmlText(`${summary}\n${findings(check)}`), 'promise-broken');
      } else if (check.verdict === 'inconclusive') {
        testCase.error(xmlText(`inconclusive: ${check.reason ?? summary}`), 'inconclusive');
      }
      testCase.standardOutput(xmlText(`${summary}\n[[ATTACHMENT|${join(report.dir, 'results.json')}]]`));
    }
    for (const failure of report.failures) {
      suite
        .testCase()
        .className(`nobounce.${scenario.name}`)
        .name('harness')
        .error(xmlText(failure), 'harness');
    }
  }
  return builder.build();
}

/** `junit.xml` of each run. */
export class JunitFile implements Reporter {
  readonly name = 'junit';

  async ended(report: RunReport): Promise<void> {
    await writeFile(join(report.dir, 'junit.xml'), junitXml([report]));
  }
}
