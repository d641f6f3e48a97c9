import { join } from 'node:path';
import { EXIT_CODE } from '../errors/errors.js';
import type { RunReport } from '../report/reporter.js';
import { loadScenario, scenarioWarnings, type LoadedScenario } from '../scenario/load.js';
import { formatProblem } from '../scenario/problem.js';
import { stackLimits } from '../stack/definition.js';
import { chooseDrills, surroundings, type Drill, type StackWish } from '../drill/choose-stack.js';
import { Reporters } from '../report/multiplexer.js';
import { scenarioFile, scenarioNames } from '../drill/find-scenario.js';
import { interruptible } from './interruptible.js';
import { chooseReporters } from '../report/registry.js';
import { scenarioStack } from '../drill/scenario-stack.js';
import { requireWritable } from '../drill/writable.js';
import { selectDrills, type Shard } from './selection.js';
import { complain } from './output.js';

/** What `nobounce run` was asked for. */
interface Asked extends StackWish {
  readonly seed?: number | undefined;
  readonly reportDir: string;
  readonly keep?: true | undefined;
  readonly toxiproxy?: string | undefined;
  readonly reporter?: readonly string[] | undefined;
  readonly verbose?: true | undefined;
  readonly tag?: string | undefined;
  readonly bail?: true | undefined;
  readonly repeat: number;
  readonly shard?: Shard | undefined;
}

/** Which of two exit codes tells more of what went wrong. */
const SEVERITY = [
  EXIT_CODE.pass,
  EXIT_CODE.inconclusive,
  EXIT_CODE.fail,
  EXIT_CODE.usage,
  EXIT_CODE.environment,
  EXIT_CODE.harness,
  EXIT_CODE.interrupted,
] as const;

function worse(a: number, b: number): number {
  const rank = (code: number): number => SEVERITY.findIndex((known) => known === code);
  return rank(a) >= rank(b) ? a : b;
}

/** One line for each reason: nobody should look for Docker in a report that has none. */
function tellOfOtherStacks(drills: readonly Drill[]): void {
  const lines = drills.flatMap(({ stack: { definition, insteadOf } }) =>
    insteadOf === null
      ? []
      : [`testing the stack ${definition.name} instead of ${insteadOf.of}: ${insteadOf.because}`],
  );
  for (const line of new Set(lines)) complain(line);
}

/** What can be known before a run, once for each file. */
function tellWarnings(drills: readonly Drill[]): void {
  const lines = drills.flatMap(({ loaded, stack }) =>
    scenarioWarnings(loaded, stackLimits(stack.definition)).map(formatProblem),
  );
  for (const line of new Set(lines)) complain(`warning: ${line}`);
}

/** Runs scenarios one after the other; the process's exit code is the worst of theirs. */
export async function runDrills(
  names: readonly string[],
  { reporter, tag, bail, repeat, shard, stack, driver, verbose, ...options }: Asked,
): Promise<void> {
  // Everything is read before anything starts: a mistake in the last file costs no run of the first.
  const wanted = names.length === 0 && tag !== undefined ? scenarioNames() : names;
  const loaded: LoadedScenario[] = [];
  for (const name of wanted) {
    const scenario = await loadScenario(scenarioFile(name));
    // Also where another stack will run: a name that means nothing is a mistake.
    if (stack === undefined) scenarioStack(scenario);
    loaded.push(scenario);
  }
  const selected = selectDrills(loaded, { tag, repeat, shard });
  if (selected.length === 0) complain('nothing to run in this shard');
  for (const { scenario } of selected) requireWritable(join(options.reportDir, scenario.name));
  const drills = await chooseDrills(selected, { stack, driver }, surroundings());
  if (driver !== 'embedded') tellOfOtherStacks(drills);
  tellWarnings(drills);
  const place = { reportsDir: options.reportDir, env: process.env, verbose: verbose === true };
  const reporters = new Reporters(await chooseReporters(reporter, place));
  const { carryOut } = await import('../drill/drill.js');
  const { signal, dispose } = interruptible();
  const reports: RunReport[] = [];
  try {
    for (const drill of drills) {
      if (signal.aborted || (bail === true && reports.some(({ exitCode }) => exitCode !== 0))) break;
      reports.push(await carryOut(drill, { ...options, driver }, reporters, signal));
    }
  } finally {
    dispose();
    // Also where a later run could not begin: those that are over have a report.
    await reporters.tell((each) => each.finished?.(reports));
  }
  const told = reporters.haveFailed ? EXIT_CODE.harness : EXIT_CODE.pass;
  process.exitCode = reports.map(({ exitCode }) => exitCode).reduce(worse, told);
}
