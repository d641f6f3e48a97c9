import { join } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { EXIT_CODE } from '../errors/errors.js';
import type { RunReport } from '../report/reporter.js';
import { loadScenario, scenarioWarnings, type LoadedScenario } from '../scenario/load.js';
import { formatProblem } from '../scenario/problem.js';
import { stackLimits } from '../stack/definition.js';
import { chooseDrills, surroundings, type Drill } from '../drill/choose-stack.js';
import { carryOut } from '../drill/drill.js';
import { Reporters } from '../report/multiplexer.js';
import { scenarioFile, scenarioNames } from '../drill/find-scenario.js';
import { interruptible } from './interruptible.js';
import { countOfAtLeastOne, wholeNumber } from './options.js';
import { chooseReporters, REPORTER_NAMES, reporterList } from '../report/registry.js';
import { REPORT_DIR } from '../drill/rerun.js';
import { scenarioStack } from '../drill/scenario-stack.js';
import { requireWritable } from '../drill/writable.js';
import { parseShard, selectDrills } from './selection.js';
import { complain } from './output.js';

const EXAMPLES = `
Examples:
  nobounce run vendor-os-bug
  nobounce run vendor-os-bug --stack postfix-virtual
  nobounce run vendor-os-bug --driver embedded
  nobounce run ./my-outage.yaml --seed 7 --report-dir out
  nobounce run scenarios/*.yaml --tag ci --bail
  nobounce run --tag storage --shard 1/3 --reporter terminal,html,junit,github

Reporters: ${REPORTER_NAMES.join(', ')}, or a module of your own (docs/reports.md).
Default: terminal,html,junit, and github in GitHub Actions.
  results.json is always written. Several runs also give index.html and one junit.xml.

Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 bad usage or scenario, 4 environment,
  5 the harness failed, 130 interrupted. Of several runs the worst counts.`;

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

export const runCommand = new Command('run')
  .description('run scenarios: start the stack, break its storage, heal it, account for every message')
  .argument('[scenario...]', 'names of scenarios (see `nobounce list`) or paths of scenario files')
  .option(
    '--stack <stack>',
    "the stack to test instead of the scenario's own: a name of stacks/, or a folder",
  )
  .addOption(
    new Option(
      '--driver <driver>',
      'containers; the embedded stack, in processes of this machine; or `auto`: the embedded stack where no engine answers',
    ).choices(['docker', 'embedded', 'auto'] as const),
  )
  .option('--seed <number>', 'the same seed sends the same mail', wholeNumber)
  .option('--report-dir <dir>', "where the run's folder is made", REPORT_DIR)
  .option('--keep', 'leave the containers running (`nobounce clean` removes them)')
  .option(
    '--toxiproxy <image>',
    'a Toxiproxy image, or `builtin` (default: the official image, else built-in)',
  )
  .option('--reporter <names>', 'how to report, separated by commas', reporterList)
  .option('--verbose', 'passes and skipped checks as well')
  .option('--tag <tag>', 'only scenarios with this tag; without a scenario, of all that come with nobounce')
  .option('--bail', 'stop after the first run that does not pass')
  .option('--repeat <times>', 'run each scenario so many times', countOfAtLeastOne, 1)
  .option('--shard <i/n>', 'the i-th of n equal parts of the runs, for parallel jobs', parseShard)
  .addHelpText('after', EXAMPLES)
  .action(async (names, { reporter, tag, bail, repeat, shard, stack, driver, verbose, ...options }) => {
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
  });
