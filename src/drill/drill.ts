import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { judgeFile } from '../check/judge.js';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import { tell, tellNow } from '../report/multiplexer.js';
import type { Reporter, RunReport } from '../report/reporter.js';
import type { Driver } from '../run/driver.js';
import { runScenario, type RunOutcome } from '../run/run.js';
import type { LoadedScenario } from '../scenario/load.js';
import { loadStack } from '../stack/definition.js';
import { DockerDriver } from '../stack/docker/driver.js';
import { connectEngine } from '../stack/docker/engine.js';
import { EmbeddedDriver } from '../stack/embedded/driver.js';
import { STACKS_DIR } from './paths.js';
import { scenarioStack } from './scenario-stack.js';
import { VERSION } from './version.js';

/** What runs where there is no Docker. */
const EMBEDDED_STACK = 'embedded';

/** How drills are run; the same for the command line and for vitest. */
export interface DrillOptions {
  readonly stack?: string | undefined;
  readonly driver?: 'docker' | 'embedded' | undefined;
  readonly seed?: number | undefined;
  readonly reportDir: string;
  readonly keep?: boolean | undefined;
  readonly toxiproxy?: string | undefined;
}

/**
 * Another stack for every scenario than its own, or undefined.
 * Without a choice and without a Docker engine it is the embedded one, and standard error says so.
 */
export async function chosenStack({ stack, driver }: DrillOptions): Promise<string | undefined> {
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

interface Prepared {
  readonly driver: Driver;
  readonly deviations: RunReport['deviations'];
}

/**
 * Reads the stack of a scenario, without starting anything.
 * @throws NobounceError (`usage`) when there is none, or it needs another driver.
 */
export async function prepareDrill(
  loaded: LoadedScenario,
  { stack: chosen, driver }: DrillOptions,
): Promise<Prepared> {
  const stack = chosen === undefined ? await scenarioStack(loaded) : await loadStack(chosen, STACKS_DIR);
  if (driver !== undefined && driver !== stack.driver) {
    throw new NobounceError('usage', `the stack ${stack.name} runs on the driver ${stack.driver}`, {
      advice: `leave --driver ${driver} out, or name another --stack`,
    });
  }
  return {
    driver: stack.driver === 'docker' ? new DockerDriver(stack) : new EmbeddedDriver(stack),
    deviations: stack.deviations,
  };
}

function exitCodeOf(outcome: RunOutcome, verdict: RunReport['judgement']['verdict']): number {
  if (outcome.ended === 'interrupted') return EXIT_CODE.interrupted;
  if (outcome.error instanceof NobounceError) return outcome.error.exitCode;
  if (outcome.failures.length > 0) return EXIT_CODE.harness;
  return EXIT_CODE[verdict];
}

/** Runs one scenario, judges it, and tells the reporters. Rejects where no run could begin. */
export async function runDrill(
  loaded: LoadedScenario,
  options: DrillOptions,
  reporters: readonly Reporter[],
  signal: AbortSignal,
): Promise<RunReport> {
  const { driver, deviations } = await prepareDrill(loaded, options);
  const seed = options.seed ?? Math.floor(Math.random() * 1_000_000);
  const base = {
    stackTitle: driver.stackTitle,
    driver: driver.name,
    seed,
    version: VERSION,
    scenario: loaded.scenario,
    ...(deviations === undefined ? {} : { deviations }),
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
  // A scenario built in code has no file of its own: the run's folder has its text.
  const file = existsSync(loaded.file) ? loaded.file : join(outcome.dir, 'scenario.yaml');
  const scenarioFile = relative(process.cwd(), file);
  const stack = options.stack === undefined ? '' : ` --stack ${options.stack}`;
  const report: RunReport = {
    ...base,
    id: outcome.id,
    dir: relative(process.cwd(), outcome.dir) || '.',
    judgement,
    exitCode: exitCodeOf(outcome, judgement.verdict),
    failures: outcome.failures,
    scenarioFile,
    scenarioSource: loaded.source,
    rerun: `npx nobounce run ${scenarioFile}${stack} --seed ${String(seed)}`,
  };
  await tell(reporters, (reporter) => reporter.ended?.(report));
  const advice = outcome.error instanceof NobounceError ? outcome.error.advice : undefined;
  if (advice !== undefined) process.stderr.write(`  → ${advice}\n`);
  return report;
}
