import { join } from 'node:path';
import { historyIn, readHistory } from '../history/reader.js';
import { timeOfDay } from './act-text.js';
import { DayRecordFold, type DayRecord } from './day-record.js';
import { headline } from './headline.js';
import { escapeMarkdown } from './markdown.js';
import { stackAndDriver, type Reporter, type RunReport } from './reporter.js';
import { writeWhole } from './whole-file.js';

/** A day as Markdown for a wiki: the verdict, what people did and said, what is to be done, each check's verdict. */
export function debriefText(report: RunReport, { lines, actions, aborts }: DayRecord): string {
  const { judgement, scenario, stackTitle } = report;
  return [
    `# ${escapeMarkdown(`${scenario.name} on ${stackAndDriver(report)}`)}`,
    '',
    `**${judgement.verdict}**: ${escapeMarkdown(headline(judgement, stackTitle))}`,
    ...aborts.flatMap((abort) => ['', `${escapeMarkdown(abort)}.`]),
    '',
    '## Log of the day',
    '',
    '| No. | Time | Who | What | Why | Kind |',
    '| ---: | --- | --- | --- | --- | --- |',
    ...lines.map(
      ({ number, tMs, who, what, why, kind }) =>
        `| ${String(number)} | ${[timeOfDay(tMs), who, what, why ?? '', kind].map(escapeMarkdown).join(' | ')} |`,
    ),
    '',
    '## Actions',
    '',
    ...(actions.length === 0
      ? ['None was noted.']
      : actions.map(
          ({ line, whom, what }) =>
            `- [ ] ${escapeMarkdown(`${whom ?? 'nobody yet'}: ${what}`)} (${String(line)})`,
        )),
    '',
    '## Checks',
    '',
    '| Verdict | Check | Observed |',
    '| --- | --- | --- |',
    ...judgement.checks.map(
      ({ name, verdict, observed, reason }) =>
        `| ${verdict} | ${name} | ${escapeMarkdown(reason ?? observed)} |`,
    ),
    '',
  ].join('\n');
}

/** `debrief.md` of each run that people led; none of any other. */
export class DebriefFile implements Reporter {
  readonly name = 'debrief';

  async ended(report: RunReport): Promise<void> {
    const fold = new DayRecordFold();
    for await (const event of readHistory(historyIn(report.dir))) fold.see(event);
    const day = fold.record();
    if (day !== null) await writeWhole(join(report.dir, 'debrief.md'), debriefText(report, day));
  }
}
