import { relative } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { judgeFile } from '../check/judge.js';
import { describeError, EXIT_CODE, NobounceError } from '../errors/errors.js';
import { JunitFile } from '../report/junit.js';
import type { Reporter, RunReport } from '../report/reporter.js';
import { ResultsFile } from '../report/results-file.js';
import { Terminal } from '../report/terminal.js';
import type { Driver } from '../run/driver.js';
import { runScenario, type RunOutcome } from '../run/run.js';
import { loadScenario, type LoadedScenario } from '../scenario/load.js';
import { planScenario } from '../scenario/plan.js';
import { loadStack } from '../stack/definition.js';
import { DockerDriver } from '../stack/docker/driver.js';
import { connectEngine } from '../stack/docker/engine.js';
import { EmbeddedDriver } from '../stack/embedded/driver.js';
import { scenarioFile } from './find-scenario.js';
import { wholeNumber } from './options.js';
import { STACKS_DIR } from './paths.js';
import { VERSION } from './version.js';

const EXAMPLES = `
Examples:
  nobounce run vendor-os-bug
  nobounce run vendor-os-bug latency read-only
  nobounce run vendor-os-bug --stack postfix-virtual
  nobounce run vendor-os-bug --driver embedded
  nobounce run ./my-outage.yaml --seed 7 --report-dir out

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

/** What runs where there is no Docker. */
const EMBEDDED_STACK = 'embedded';

interface RunOptions {
  readonly stack?: string | undefined;
  readonly driver?: 'docker' | 'embedded' | undefined;
  readonly seed?: number | undefined;
  readonly reportDir: string;
  readonly keep?: true | undefined;
  readonly toxiproxy?: string | undefined;
}

/** Another stack for every scenario than its own, or undefined. */
async function chosenStack({ stack, driver }: RunOptions): Promise<string | undefined> {
  if (stack !== undefined || driver === 'docker') return stack;
  if (driver === 'embedded') return EMBEDDED_STACK;
  try {
    await connectEngine();
    return undefined;
  } catch (error) {
    if (!(error instanceof NobounceError)) throw error;
    process.stderr.write(
      'no Docker engine answers: running the embedded stack (`nobounce doctor` says how to get Docker)\n',
    );
    return EMBEDDED_STACK;
  }
}

async function driverFor(loaded: LoadedScenario, { stack: chosen, driver }: RunOptions): Promise<Driver> {
  const stack = await loadStack(chosen ?? loaded.scenario.stack, STACKS_DIR);
  if (driver !== undefined && driver !== stack.driver) {
    throw new NobounceError('usage', `the stack ${stack.name} runs on the driver ${stack.driver}`, {
      advice: `leave --driver ${driver} out, or name another --stack`,
    });
  }
  return stack.driver === 'docker' ? new DockerDriver(stack) : new EmbeddedDriver(stack);
}

function exitCodeOf(outcome: RunOutcome, verdict: RunReport['judgement']['verdict']): number {
  if (outcome.ended === 'interrupted') return EXIT_CODE.interrupted;
  if (outcome.error instanceof NobounceError) return outcome.error.exitCode;
  if (outcome.failures.length > 0) return EXIT_CODE.harness;
  return EXIT_CODE[verdict];
}

/** Ctrl-C once: heal and tear down; twice: end at once. */
function interruptible(): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      process.stderr.write('\nkilled; `nobounce clean` removes what is left\n');
      process.exit(EXIT_CODE.interrupted);
    }
    process.stderr.write('\ninterrupted: healing and tearing down (once more to kill)\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

/** Calls a hook of every reporter; one that breaks is named and never breaks the run. */
async function tell(
  reporters: readonly Reporter[],
  hook: (reporter: Reporter) => void | Promise<void>,
): Promise<void> {
  for (const reporter of reporters) {
    try {
      await hook(reporter);
    } catch (error) {
      process.stderr.write(`reporter ${reporter.name} failed: ${describeError(error)}\n`);
    }
  }
}

function tellNow(reporters: readonly Reporter[], hook: (reporter: Reporter) => void): void {
  for (const reporter of reporters) {
    try {
      hook(reporter);
    } catch (error) {
      process.stderr.write(`reporter ${reporter.name} failed: ${describeError(error)}\n`);
    }
  }
}

async function runOne(
  loaded: LoadedScenario,
  options: RunOptions,
  reporters: readonly Reporter[],
  signal: AbortSignal,
): Promise<RunReport> {
  const driver = await driverFor(loaded, options);
  const seed = options.seed ?? Math.floor(Math.random() * 1_000_000);
  const base = {
    stackTitle: driver.stackTitle,
    driver: driver.name,
    seed,
    version: VERSION,
    scenario: loaded.scenario,
  };
  const outcome = await runScenario({
    loaded,
    driver,
    seed,
    reportsDir: options.reportDir,
    keep: options.keep ?? false,
    toxiproxy: options.toxiproxy,
    version: VERSION,
    signal,
    observer: {
      started: ({ id, dir }) => {
        tellNow(reporters, (reporter) => reporter.started?.({ ...base, id, dir }));
      },
      progress: (line) => {
        tellNow(reporters, (reporter) => reporter.progress?.(line));
      },
      event: (event) => {
        tellNow(reporters, (reporter) => reporter.event?.(event));
      },
    },
  });
  const judgement = await judgeFile(outcome.historyFile);
  const stack = options.stack === undefined ? '' : ` --stack ${options.stack}`;
  const report: RunReport = {
    ...base,
    id: outcome.id,
    dir: relative(process.cwd(), outcome.dir) || '.',
    judgement,
    exitCode: exitCodeOf(outcome, judgement.verdict),
    failures: outcome.failures,
    rerun: `npx nobounce run ${relative(process.cwd(), loaded.file)}${stack} --seed ${String(seed)}`,
  };
  await tell(reporters, (reporter) => reporter.ended?.(report));
  const advice = outcome.error instanceof NobounceError ? outcome.error.advice : undefined;
  if (advice !== undefined) process.stderr.write(`  → ${advice}\n`);
  return report;
}

export const runCommand = new Command('run')
  .description('run scenarios: start the stack, break its storage, heal it, account for every message')
  .argument('<scenario...>', 'names of scenarios (see `nobounce list`) or paths of scenario files')
  .option(
    '--stack <stack>',
    "the stack to test instead of the scenario's own: a name of stacks/, or a folder",
  )
  .addOption(
    new Option(
      '--driver <driver>',
      'containers, or processes of this machine (default: docker where an engine answers)',
    ).choices(['docker', 'embedded'] as const),
  )
  .option('--seed <number>', 'the same seed sends the same mail', wholeNumber)
  .option('--report-dir <dir>', "where the run's folder is made", 'reports')
  .option('--keep', 'leave the containers running (`nobounce clean` removes them)')
  .option(
    '--toxiproxy <image>',
    'a Toxiproxy image, or `builtin` (default: the official image, else built-in)',
  )
  .addHelpText('after', EXAMPLES)
  .action(async (names, given) => {
    // Everything is read before anything starts: a mistake in the last file costs no run of the first.
    const loaded: LoadedScenario[] = [];
    for (const name of names) loaded.push(await loadScenario(await scenarioFile(name)));
    const options: RunOptions = { ...given, stack: await chosenStack(given) };
    for (const one of loaded) {
      const planning = planScenario(one.scenario);
      const driver = await driverFor(one, options);
      if (planning.ok) driver.require(planning.plan);
    }
    const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
    const reporters: readonly Reporter[] = [
      new Terminal(process.stdout, colour || process.env['FORCE_COLOR'] !== undefined),
      new ResultsFile(),
      new JunitFile(),
    ];
    const { signal, dispose } = interruptible();
    const reports: RunReport[] = [];
    try {
      for (const scenario of loaded) {
        if (!signal.aborted) reports.push(await runOne(scenario, options, reporters, signal));
      }
    } finally {
      dispose();
    }
    await tell(reporters, (reporter) => reporter.finished?.(reports));
    process.exitCode = reports.map(({ exitCode }) => exitCode).reduce(worse, EXIT_CODE.pass);
  });
