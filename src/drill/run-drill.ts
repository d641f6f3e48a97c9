import { stringify } from 'yaml';
import { NobounceError } from '../errors/errors.js';
import { Reporters } from '../report/multiplexer.js';
import type { Reporter, RunReport } from '../report/reporter.js';
import { parseScenario, readScenario, type LoadedScenario } from '../scenario/load.js';
import type { ScenarioInput } from '../scenario/scenario.js';
import { chooseDrills, surroundings, type StackWish } from './choose-stack.js';
import { carryOut, type DrillOptions } from './drill.js';
import { scenarioFile } from './find-scenario.js';
import { REPORT_DIR } from './rerun.js';

/** How `runDrill` runs a scenario; everything may be left out. */
export interface RunDrillOptions extends Partial<DrillOptions>, StackWish {
  /** Who is told while the run goes on and when it is over; without them nothing but the history and the logs is written. */
  readonly reporters?: readonly Reporter[];
  /** Aborted, it heals, tears down, and ends the run as interrupted. */
  readonly signal?: AbortSignal;
}

/**
 * A scenario by its name, its file, or as an object.
 * @throws ScenarioError where it is none.
 */
export function loadAny(scenario: string | ScenarioInput): LoadedScenario {
  if (typeof scenario === 'string') return readScenario(scenarioFile(scenario));
  return parseScenario(stringify(scenario), `${scenario.name}.yaml`);
}

/**
 * Runs one scenario on its stack, judges it, and resolves with the report, whose `exitCode` is what the command line
 * would end with and whose `judgement.verdict` is the stack's. Faults are healed and the stack is torn down before it
 * does. Never another stack than the one asked for, unless `driver: 'auto'` says so.
 * @throws ScenarioError or NobounceError where no run could begin: a bad scenario, no engine, a folder that cannot be
 * written; NobounceError `harness` where a reporter broke.
 */
export async function runDrill(
  scenario: string | ScenarioInput,
  { reporters = [], signal, stack, driver, ...options }: RunDrillOptions = {},
): Promise<RunReport> {
  const loaded = loadAny(scenario);
  const [drill] = await chooseDrills([loaded], { stack, driver }, { ...surroundings(), isAttended: false });
  if (drill === undefined) throw new NobounceError('harness', 'no drill was chosen');
  const told = new Reporters(reporters);
  const never = new AbortController().signal;
  const report = await carryOut(drill, { reportDir: REPORT_DIR, driver, ...options }, told, signal ?? never);
  await told.tell((each) => each.finished?.([report]));
  if (told.haveFailed) throw new NobounceError('harness', 'a report could not be written');
  return report;
}
