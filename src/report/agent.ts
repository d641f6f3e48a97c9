import { fit } from './columns.js';
import { cleaned } from './safe-text.js';
import { likelyCauses } from './causes.js';
import { headline, toldChecks } from './headline.js';
import { stackAndDriver, type Reporter, type RunReport } from './reporter.js';
import type { TextSink } from './text-sink.js';
import { findingsBehind, toldGroups } from './told-groups.js';

const KINDS_SHOWN = 3;
const LINE = 220;

/** A run in as few words as say it: the verdict, what is not a pass and why, and where to look next. */
export function agentText(told: RunReport): string {
  const report = cleaned(told);
  const { judgement, scenario, dir, failures } = report;
  const { verdict } = judgement;
  const lines = [
    `${verdict} ${scenario.name} on ${stackAndDriver(report)}: ${headline(judgement, report.stackTitle)}`,
  ];
  for (const failure of failures) lines.push(`harness: ${failure}`);
  for (const { cause, mend } of likelyCauses(judgement)) lines.push(`likely: ${cause}; mend: ${mend}`);
  let story: string | undefined;
  for (const check of toldChecks(judgement)) {
    const { name, verdict: own, observed, limit, reason } = check;
    if (own !== 'fail' && own !== 'inconclusive') continue;
    lines.push(
      own === 'fail'
        ? `fail ${name}: ${observed}; allowed ${limit}`
        : `inconclusive ${name}: ${reason ?? observed}`,
    );
    const groups = toldGroups(check, judgement.checks);
    for (const { sentence } of groups.slice(0, KINDS_SHOWN)) lines.push(`  ${sentence}`);
    const more = findingsBehind(groups, KINDS_SHOWN);
    if (more > 0) lines.push(`  +${more}`);
    story ??= groups.flatMap(({ message }) => message ?? [])[0];
  }
  if (verdict !== 'pass' || failures.length > 0) {
    lines.push(`files: ${dir}/{results.json,history.jsonl,logs/}`);
    if (story !== undefined) lines.push(`story: npx nobounce check ${dir} --explain ${story}`);
    lines.push(`again: ${report.rerun}`);
  }
  return `${lines.map((line) => fit(line, LINE)).join('\n')}\n`;
}

/** For programs that pay by the word: nothing while it runs, and little when it is over. */
export class Agent implements Reporter {
  readonly name = 'agent';
  readonly #out: TextSink;

  constructor(out: TextSink) {
    this.#out = out;
  }

  ended(report: RunReport): void {
    this.#out.write(agentText(report));
  }
}
