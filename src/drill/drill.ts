import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import type { Reporters } from '../report/multiplexer.js';
import { visible } from '../report/safe-text.js';
import type { ActSource, LiveRun } from '../run/acts.js';
import type { RunHeader, RunReport } from '../report/reporter.js';
import type { FaultLease, RunRequest } from '../run/request.js';
import { runScenario, type RunOutcome } from '../run/run.js';
import type { Drill, StackWish } from './choose-stack.js';
import { driverFor } from './driver-for.js';
import { rerunCommand } from './rerun.js';
import { VERSION } from './version.js';
import { requireWritable } from './writable.js';

/** How a drill is run; the same for the command line and for vitest. */
export interface DrillOptions {
  readonly seed?: number | undefined;
  readonly reportDir: string;
  readonly keep?: boolean | undefined;
  readonly toxiproxy?: string | undefined;
  /** As it was asked for; the stack was chosen by it before. */
  readonly driver?: StackWish['driver'];
  /** Where the run's acts come from, one by one, in place of the scenario's timeline. */
  readonly acts?: ActSource | undefined;
  /** Hears once, when mail flows and the first act may come. */
  readonly live?: ((run: LiveRun) => void) | undefined;
  /** Who heals what is broken when this process dies or hangs. */
  readonly lease?: FaultLease | undefined;
}

function exitCodeOf(outcome: RunOutcome, verdict: RunReport['judgement']['verdict']): number {
  if (outcome.ended === 'interrupted') return EXIT_CODE.interrupted;
  if (outcome.error instanceof NobounceError) return outcome.error.exitCode;
  if (outcome.failures.length > 0) return EXIT_CODE.harness;
  return EXIT_CODE[verdict];
}

/** Tells the reporters what a run says while it goes on. */
function observerFor(reporters: Reporters, base: Omit<RunHeader, 'id' | 'dir'>): RunRequest['observer'] {
  return {
    started: ({ id, dir }) => {
      reporters.tellNow((reporter) => reporter.started?.({ ...base, id, dir }));
    },
    progress: (line) => {
      reporters.tellNow((reporter) => reporter.progress?.(line));
    },
    event: (event) => {
      reporters.tellNow((reporter) => reporter.event?.(event));
    },
  };
}

/** Runs one scenario, judges it, and tells the reporters. Rejects where no run could begin. */
export async function carryOut(
  { loaded, stack: chosen }: Drill,
  options: DrillOptions,
  reporters: Reporters,
  signal: AbortSignal,
): Promise<RunReport> {
  requireWritable(join(options.reportDir, loaded.scenario.name));
  const driver = await driverFor(chosen.definition);
  const seed = options.seed ?? Math.floor(Math.random() * 1_000_000);
  const base = {
    stack: driver.stackName,
    stackTitle: driver.stackTitle,
    insteadOf: chosen.insteadOf,
    driver: driver.name,
    seed,
    version: VERSION,
    scenario: loaded.scenario,
    deviations: chosen.definition.deviations,
  };
  const outcome = await runScenario({
    loaded,
    driver,
    seed,
    reportsDir: options.reportDir,
    keep: options.keep ?? false,
    toxiproxy: options.toxiproxy,
    acts: options.acts,
    live: options.live,
    lease: options.lease,
    version: VERSION,
    signal,
    observer: observerFor(reporters, base),
  });
  // The checks are loaded when there is something to judge: a run's first words do not wait for them.
  const { judgeFile } = await import('../check/judge.js');
  const judgement = await judgeFile(outcome.historyFile);
  // A scenario built in code has no file of its own: the run's folder has its text.
  const file = existsSync(loaded.file) ? loaded.file : join(outcome.dir, 'scenario.yaml');
  const scenarioFile = relative(process.cwd(), file);
  const report: RunReport = {
    ...base,
    id: outcome.id,
    dir: relative(process.cwd(), outcome.dir) || '.',
    judgement,
    exitCode: exitCodeOf(outcome, judgement.verdict),
    failures: outcome.failures,
    scenarioFile,
    scenarioSource: loaded.source,
    rerun: rerunCommand({
      scenarioFile,
      stack: chosen.named,
      driver: options.driver === undefined ? null : driver.name,
      seed,
      reportDir: options.reportDir,
      toxiproxy: options.toxiproxy,
    }),
  };
  await reporters.tell((reporter) => reporter.ended?.(report));
  const advice = outcome.error instanceof NobounceError ? outcome.error.advice : undefined;
  if (advice !== undefined) process.stderr.write(`  → ${visible(advice)}\n`);
  return report;
}
