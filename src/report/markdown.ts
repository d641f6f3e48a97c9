import type { CheckResult } from '../check/result.js';
import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import { likelyCauses } from './causes.js';
import { recoveryMs } from '../check/delivered-after-recovery.js';
import { headline, toldChecks } from './headline.js';
import { visible } from './safe-text.js';
import { stackAndDriver, type RunReport } from './reporter.js';
import { simulatedTime } from './simulated.js';
import { findingsBehind, toldGroups } from './told-groups.js';

const SIGN = { pass: '✅', fail: '❌', inconclusive: '⚠️', skipped: '➖' } as const;
const KINDS_SHOWN = 10;

/**
 * Text in Markdown that stays text: what has a meaning in Markdown or HTML is escaped, lines become blanks,
 * and an `@name` is kept from calling people.
 */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]()#|~!]/g, '\\$&')
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, '&#58;//')
    .replace(/\bwww\./gi, 'www&#46;');
}

function checkRow({ name, verdict, observed, limit, reason }: CheckResult): string {
  return `| ${SIGN[verdict]} ${verdict} | ${escapeMarkdown(name)} | ${escapeMarkdown(reason ?? observed)} | ${escapeMarkdown(limit)} |`;
}

function findingLines(check: CheckResult, { checks, timings }: RunReport['judgement']): readonly string[] {
  const { name, findings, moreFindings } = check;
  const groups = toldGroups(check, checks, simulatedTime(timings.jumps));
  const more = findingsBehind(groups, KINDS_SHOWN);
  return [
    '',
    `<details><summary>${escapeMarkdown(name)}: ${formatCount(findings.length + moreFindings)} findings</summary>`,
    '',
    ...groups
      .slice(0, KINDS_SHOWN)
      .flatMap(({ sentence, isAlone, first, count }) => [
        `- ${escapeMarkdown(sentence)}`,
        ...(isAlone ? [] : first.map(({ summary }) => `  - ${escapeMarkdown(summary)}`)),
        ...(first.length > 0 && count > first.length
          ? [`  - and ${formatCount(count - first.length)} more in \`results.json\``]
          : []),
      ]),
    ...(more > 0 ? [`- and ${formatCount(more)} more in \`results.json\``] : []),
    '',
    '</details>',
  ];
}

/** A run as GitHub-flavoured Markdown: the sentence, the figures, what is not a pass first. */
export function runMarkdown(report: RunReport): string {
  const { judgement, scenario } = report;
  const { mail, verdict } = judgement;
  const checks = toldChecks(judgement);
  const recovered = recoveryMs(judgement);
  const troubled = checks.filter((check) => check.verdict === 'fail' || check.verdict === 'inconclusive');
  const others = checks.filter((check) => !troubled.includes(check));
  const table = (rows: readonly CheckResult[]): readonly string[] => [
    '| Verdict | Check | Observed | Allowed |',
    '| --- | --- | --- | --- |',
    ...rows.map(checkRow),
  ];
  return [
    `### ${SIGN[verdict]} ${escapeMarkdown(`${scenario.name} on ${stackAndDriver(report)}`)}`,
    '',
    `**${escapeMarkdown(headline(judgement, report.stackTitle))}**`,
    '',
    ...likelyCauses(judgement).map(
      ({ cause, mend, checks: broken }) =>
        `> **Likely cause** of ${broken.join(', ')}: ${escapeMarkdown(cause)}. **What mends it:** ${escapeMarkdown(mend)}.\n`,
    ),
    ...report.failures.map((failure) => `> The harness failed: ${escapeMarkdown(failure)}\n`),
    '| accepted | delivered | queued | bounced | lost | duplicated | last delivery after the heal |',
    '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    `| ${[mail.accepted, mail.delivered, mail.queued, mail.bounced, mail.lost, mail.duplicated].map(formatCount).join(' | ')} | ${recovered === null ? '–' : formatDurationMs(recovered)} |`,
    '',
    ...(troubled.length > 0 ? [...table(troubled), ''] : []),
    ...troubled
      .filter(({ findings }) => findings.length > 0)
      .flatMap((check) => findingLines(check, judgement)),
    '',
    `<details><summary>${others.length} checks passed or skipped</summary>`,
    '',
    ...table(others),
    '',
    '</details>',
    '',
    `Run it again: \`${visible(report.rerun).replaceAll('`', '')}\``,
    '',
  ].join('\n');
}

/** Scenario × verdict, for the head of a summary of several runs. */
export function runsMarkdown(reports: readonly RunReport[]): string {
  if (reports.length < 2) return '';
  return [
    '| Scenario | Verdict | What happened |',
    '| --- | --- | --- |',
    ...reports.map(
      ({ scenario, judgement, stackTitle, stack, driver }) =>
        `| ${escapeMarkdown(`${scenario.name} on ${stackAndDriver({ stack, driver })}`)} | ${SIGN[judgement.verdict]} ${judgement.verdict} | ${escapeMarkdown(headline(judgement, stackTitle))} |`,
    ),
    '',
  ].join('\n');
}
