import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { CheckResult } from '../check/result.js';
import { chosenStack, runDrill, type DrillOptions } from '../drill/drill.js';
import { scenarioFile } from '../drill/find-scenario.js';
import { HtmlFile } from '../report/html-file.js';
import { JunitFile } from '../report/junit.js';
import type { RunReport } from '../report/reporter.js';
import { ResultsFile } from '../report/results-file.js';
import { readSavedRun } from '../report/saved-run.js';
import { CHECK_NAMES } from '../scenario/limits.js';
import { loadScenario, parseScenario, type LoadedScenario } from '../scenario/load.js';
import type { ScenarioInput } from '../scenario/scenario.js';

export interface OutageOptions extends Partial<DrillOptions> {
  /** The run is healed, torn down and judged as interrupted after so long; 10 minutes by default. */
  readonly timeoutMs?: number;
  /** The folder of a saved run to judge instead of running the scenario. */
  readonly savedRun?: string;
}

/** A drill of this file; `run` is there as soon as its tests have begun. */
export interface Outage {
  /** @throws Error before the drill's suite has run. */
  readonly run: RunReport;
}

const TEN_MINUTES_MS = 600_000;
/** Healing and teardown have deadlines of their own; the hook must not cut them off. */
const TEARDOWN_MS = 180_000;
const FINDINGS_SHOWN = 5;

async function load(scenario: string | ScenarioInput): Promise<LoadedScenario> {
  if (typeof scenario === 'string') return loadScenario(await scenarioFile(scenario));
  return parseScenario(stringify(scenario), `${scenario.name}.yaml`);
}

async function drill(scenario: string | ScenarioInput, options: OutageOptions): Promise<RunReport> {
  const { savedRun, timeoutMs = TEN_MINUTES_MS, ...given } = options;
  if (savedRun !== undefined) return readSavedRun(savedRun);
  const reportDir = given.reportDir ?? 'reports';
  const drillOptions: DrillOptions = {
    ...given,
    reportDir,
    stack: await chosenStack({ ...given, reportDir }),
  };
  const reporters = [new ResultsFile(), new HtmlFile(reportDir), new JunitFile(reportDir)];
  return runDrill(await load(scenario), drillOptions, reporters, AbortSignal.timeout(timeoutMs));
}

function complaint(check: CheckResult, { dir }: RunReport): string {
  const { promise, observed, limit, reason, findings, moreFindings } = check;
  const shown = findings.slice(0, FINDINGS_SHOWN);
  const more = findings.length - shown.length + moreFindings;
  const story = findings.flatMap(({ messages }) => messages)[0];
  return [
    promise,
    check.verdict === 'inconclusive'
      ? `inconclusive: ${reason ?? observed}`
      : `observed: ${observed}\nallowed:  ${limit}`,
    ...shown.map(({ summary }) => `- ${summary}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
    ...(story === undefined ? [] : [`story:  npx nobounce check ${dir} --explain ${story}`]),
    `report: ${dir}/report.html`,
  ].join('\n');
}

/**
 * Makes a scenario a vitest suite: the drill is run once, before its tests, and each check is a test. A
 * check that has nothing to say about the scenario is skipped with its reason; an inconclusive one fails.
 * @param scenario a name (`nobounce list`), a file's path, or a scenario as an object.
 */
export function outage(scenario: string | ScenarioInput, options: OutageOptions = {}): Outage {
  let report: RunReport | undefined;
  const told = (): RunReport => {
    if (report === undefined) throw new Error('the outage has not run yet: use `run` inside a test');
    return report;
  };
  const name = typeof scenario === 'string' ? scenario : scenario.name;
  describe(`outage ${name}`, () => {
    beforeAll(
      async () => {
        report = await drill(scenario, options);
        if (report.failures.length > 0)
          throw new Error(`nobounce itself failed:\n${report.failures.join('\n')}\nlogs: ${report.dir}/logs`);
      },
      (options.timeoutMs ?? TEN_MINUTES_MS) + TEARDOWN_MS,
    );
    for (const check of CHECK_NAMES) {
      test(check, ({ skip }) => {
        const result = told().judgement.checks.find((one) => one.name === check);
        if (result === undefined) skip('this check is not known to the run');
        else if (result.verdict === 'skipped') skip(result.reason ?? 'skipped');
        else if (result.verdict !== 'pass') throw new Error(complaint(result, told()));
        // Where every test must assert something, a promise that was kept counts as well.
        else expect(result.verdict).toBe('pass');
      });
    }
  });
  return {
    get run() {
      return told();
    },
  };
}
