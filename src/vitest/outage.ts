import { beforeAll, describe, expect, test } from 'vitest';
import type { CheckResult } from '../check/result.js';
import { askedFor } from '../drill/choose-stack.js';
import type { DrillOptions } from '../drill/drill.js';
import { loadAny, runDrill } from '../drill/run-drill.js';
import { describeError, NobounceError } from '../errors/errors.js';
import { likelyCause } from '../report/causes.js';
import { HtmlFile } from '../report/html-file.js';
import { JunitFile } from '../report/junit.js';
import { cleaned, visibleLines } from '../report/safe-text.js';
import type { RunReport } from '../report/reporter.js';
import { ResultsFile } from '../report/results-file.js';
import { readSavedRun } from '../report/saved-run.js';
import { findingsBehind, toldGroups } from '../report/told-groups.js';
import { CHECK_NAMES } from '../scenario/limits.js';
import type { LoadedScenario } from '../scenario/load.js';
import type { ScenarioInput } from '../scenario/scenario.js';
import { formatDurationMs } from '../units/duration.js';
import { LONGEST_TIMER_MS } from '../units/timer.js';

export interface OutageOptions extends Partial<DrillOptions> {
  /** The stack to test instead of the scenario's own: a name of stacks/, or a folder. */
  readonly stack?: string;
  /** Without it: the driver of the stack. Where that needs Docker and there is none, the suite fails. */
  readonly driver?: 'docker' | 'embedded';
  /** The run is healed, torn down and judged as interrupted after so long; 10 minutes by default. */
  readonly timeoutMs?: number;
  /** The folder of a saved run to judge instead of running the scenario. */
  readonly savedRun?: string;
}

/** A drill of this file; `run` is there as soon as its tests have begun. */
export interface Outage {
  /** @throws Error before the drill's suite has run, and where the drill says nothing, with the reason. */
  readonly run: RunReport;
}

const TEN_MINUTES_MS = 600_000;
/** Healing and teardown have deadlines of their own; the hook must not cut them off. */
const TEARDOWN_MS = 180_000;
/** Timers hold 31 bits. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1 - TEARDOWN_MS;
const KINDS_SHOWN = 5;

/** What a suite is about, as far as it can be known before it runs. */
interface Planned {
  readonly name: string;
  /** @throws NobounceError where the scenario cannot run. */
  readonly run: () => Promise<RunReport>;
}

/** How long a scenario takes at least: it may settle at once. */
function shortestMs({ timeline }: LoadedScenario['scenario']): number {
  return timeline.reduce(
    (sum, step) => sum + ('steady' in step ? step.steady : 'hold' in step ? step.hold : 0),
    0,
  );
}

function requireTimeout(timeoutMs: number, { scenario }: LoadedScenario): void {
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
    throw new NobounceError(
      'usage',
      `timeoutMs ${String(timeoutMs)}: expected whole milliseconds from 1 to ${String(MAX_TIMEOUT_MS)}`,
    );
  }
  const leastMs = shortestMs(scenario);
  if (leastMs < timeoutMs) return;
  throw new NobounceError(
    'usage',
    `timeoutMs ${String(timeoutMs)} (${formatDurationMs(timeoutMs)}) is less than the timeline of ${scenario.name} takes: ${formatDurationMs(leastMs)}, and the stack starts and settles beside it`,
  );
}

/** @throws Error where the run says nothing: it ran out of time, or nobounce itself failed. */
function requireWhole(report: RunReport, timeoutMs: number): RunReport {
  const { dir, failures, judgement } = report;
  if (judgement.run?.ended === 'interrupted') {
    throw new Error(
      `the drill was not over after timeoutMs ${String(timeoutMs)} (${formatDurationMs(timeoutMs)}) and was interrupted: raise \`timeoutMs\`, or shorten the scenario\nlogs: ${dir}/logs`,
    );
  }
  if (failures.length > 0)
    throw new Error(`nobounce itself failed:\n${cleaned(failures).join('\n')}\nlogs: ${dir}/logs`);
  return report;
}

function plan(scenario: string | ScenarioInput, options: OutageOptions): Planned {
  const { savedRun, timeoutMs = TEN_MINUTES_MS, stack, driver, ...given } = options;
  const named = typeof scenario === 'string' ? scenario : scenario.name;
  if (savedRun !== undefined)
    return { name: `outage ${named}, the saved run ${savedRun}`, run: () => readSavedRun(savedRun) };
  try {
    const loaded = loadAny(scenario);
    const { definition } = askedFor(loaded, { stack, driver });
    const name = `outage ${loaded.scenario.name} on ${definition.name} (${definition.driver})`;
    return {
      name,
      run: async () => {
        requireTimeout(timeoutMs, loaded);
        const reportDir = given.reportDir ?? 'reports';
        const reporters = [new ResultsFile(), new HtmlFile(reportDir), new JunitFile(reportDir)];
        const signal = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS));
        const report = await runDrill(scenario, { ...given, reportDir, stack, driver, reporters, signal });
        return requireWhole(report, timeoutMs);
      },
    };
  } catch (error) {
    return {
      name: `outage ${named}`,
      run: () => Promise.reject(error instanceof Error ? error : new Error(describeError(error))),
    };
  }
}

/** Names of this file's suites: two drills must not look like one. */
const names = new Map<string, number>();

function unique(name: string): string {
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return count === 1 ? name : `${name} (${String(count)})`;
}

/** What a person reads first: why there is no run, and what to do. */
function cannotStart(error: unknown): Error {
  const advice = error instanceof NobounceError && error.advice !== undefined ? `\n  → ${error.advice}` : '';
  return error instanceof NobounceError
    ? new Error(visibleLines(`the scenario could not start: ${describeError(error)}${advice}`), {
        cause: error,
      })
    : error instanceof Error
      ? error
      : new Error(describeError(error));
}

function complaint(told: CheckResult, { dir, judgement }: RunReport): string {
  const check = cleaned(told);
  const { promise, observed, limit, reason } = check;
  const groups = toldGroups(check, cleaned(judgement.checks));
  const more = findingsBehind(groups, KINDS_SHOWN);
  const known = likelyCause(check, judgement);
  const story = groups.flatMap(({ message }) => message ?? [])[0];
  return [
    promise,
    check.verdict === 'inconclusive'
      ? `inconclusive: ${reason ?? observed}`
      : `observed: ${observed}\nallowed:  ${limit}`,
    ...(known === null ? [] : [`likely cause: ${known.cause}`, `what mends it: ${known.mend}`]),
    ...groups.slice(0, KINDS_SHOWN).map(({ sentence }) => `- ${sentence}`),
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
  let failure: Error | undefined;
  const told = (): RunReport => {
    if (failure !== undefined) throw failure;
    if (report === undefined) throw new Error('the outage has not run yet: use `run` inside a test');
    return report;
  };
  const { name, run } = plan(scenario, options);
  describe(unique(name), () => {
    beforeAll(
      async () => {
        try {
          report = await run();
        } catch (error) {
          failure = cannotStart(error);
          throw failure;
        }
      },
      Math.min(options.timeoutMs ?? TEN_MINUTES_MS, MAX_TIMEOUT_MS) + TEARDOWN_MS,
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
