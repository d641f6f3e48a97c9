import { appendFile } from 'node:fs/promises';
import { likelyCause } from './causes.js';
import { toldChecks } from './headline.js';
import { runMarkdown, runsMarkdown } from './markdown.js';
import type { Reporter, RunReport } from './reporter.js';
import { cleaned, visible } from './safe-text.js';
import type { TextSink } from './text-sink.js';
import { toldGroups } from './told-groups.js';

/** GitHub shows ten errors and ten warnings of a step; the summary has them all. */
const MAX_ANNOTATIONS = 10;
const KINDS_SHOWN = 3;

/** What makes lines of a message is ours; texts from outside have none. */
const inMessage = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const inProperty = (text: string): string => inMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Where a check is written in the scenario file, or the file's first line. */
function lineOf(source: string, check: string): number {
  const index = source.split('\n').findIndex((line) => line.trimStart().startsWith(`${check}:`));
  return index < 0 ? 1 : index + 1;
}

/** Workflow commands for what is not a pass: an error for a broken promise, a warning for what proves nothing. */
function annotations(
  report: RunReport,
  scenario: { readonly file: string; readonly source: string },
): readonly string[] {
  const { judgement, failures } = cleaned({ judgement: report.judgement, failures: report.failures });
  const command = (kind: 'error' | 'warning', line: number, title: string, message: string): string =>
    `::${kind} file=${inProperty(visible(scenario.file))},line=${line},title=${inProperty(title)}::${inMessage(message)}`;
  return [
    ...failures.map((failure) => command('error', 1, 'nobounce: the harness failed', failure)),
    ...toldChecks(judgement).flatMap((check) => {
      const { name, promise, verdict, observed, limit, reason } = check;
      if (verdict !== 'fail' && verdict !== 'inconclusive') return [];
      const groups = toldGroups(check, judgement.checks).slice(0, KINDS_SHOWN);
      const known = likelyCause(check, judgement);
      const message =
        verdict === 'fail'
          ? [
              promise,
              `Observed: ${observed}. Allowed: ${limit}.`,
              ...(known === null ? [] : [`Likely cause: ${known.cause}. What mends it: ${known.mend}.`]),
              ...groups.map(({ sentence }) => sentence),
            ].join('\n')
          : (reason ?? promise);
      const kind = verdict === 'fail' ? 'error' : 'warning';
      return [command(kind, lineOf(scenario.source, name), `nobounce: ${name} ${verdict}`, message)];
    }),
  ].slice(0, MAX_ANNOTATIONS);
}

/** Annotations on the output, and the run in the step's summary. */
export class GitHub implements Reporter {
  readonly name = 'github';
  readonly #out: TextSink;
  readonly #summaryFile: string | undefined;

  /** @param summaryFile the value of GITHUB_STEP_SUMMARY; without it there are only annotations. */
  constructor(out: TextSink, summaryFile: string | undefined) {
    this.#out = out;
    this.#summaryFile = summaryFile;
  }

  ended(report: RunReport): void {
    const source = { file: report.scenarioFile, source: report.scenarioSource };
    for (const line of annotations(report, source)) this.#out.write(`${line}\n`);
  }

  async finished(reports: readonly RunReport[]): Promise<void> {
    if (this.#summaryFile === undefined || this.#summaryFile === '' || reports.length === 0) return;
    const parts = ['## nobounce', '', runsMarkdown(reports), ...reports.map(runMarkdown)];
    await appendFile(this.#summaryFile, `${parts.join('\n')}\n`);
  }
}
