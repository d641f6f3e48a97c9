import type { HistoryEvent } from '../history/event.js';
import { Fold } from '../history/fold.js';
import { readHistory, type HistoryProblem } from '../history/reader.js';
import type { Evidence } from './check.js';
import { withAskedActs } from './expected-course.js';
import type { FaultLife, Judgement, RunFacts, ServiceVersions } from './judgement.js';
import { loosenedLimits } from './loosened.js';
import { mailboxDays } from './mailbox-days.js';
import { DEFAULT_LIMITS, readRecordedScenario, type RecordedScenario } from './recorded-scenario.js';
import { FRAME, PROMISES } from './registry.js';
import { tally } from './tally.js';
import { worst } from './verdict.js';

/**
 * Judges a history: what became of every message, and which promises were kept.
 * @param problems what the reader found wrong with the file; read after the history's end.
 */
export async function judge(
  history: AsyncIterable<HistoryEvent> | Iterable<HistoryEvent>,
  problems: readonly HistoryProblem[] = [],
): Promise<Judgement> {
  const fold = new Fold();
  for await (const event of history) fold.see(event);
  return judgeFold(fold, problems);
}

/**
 * Judges a saved history.
 * @throws NobounceError (`usage`) when it cannot be read, or was written in another version.
 */
export async function judgeFile(path: string): Promise<Judgement> {
  const reading = readHistory(path);
  const fold = new Fold();
  for await (const events of reading.batches()) for (const event of events) fold.see(event);
  return judgeFold(fold, reading.problems);
}

/** Judges what was folded so far; more events may follow, and be judged again. */
export function judgeFold(fold: Fold, problems: readonly HistoryProblem[]): Judgement {
  fold.close();
  const { course, outages, queues } = fold;
  const recorded = readRecordedScenario(course.started?.scenario);
  const scenario = recorded === null ? null : withAskedActs(recorded, course);
  const limits = scenario?.limits ?? DEFAULT_LIMITS;
  const evidence: Evidence = { fold, scenario, limits, problems, noPromiseJudged: false };
  const promises = PROMISES.map((check) => check.run(evidence));
  const noPromiseJudged = promises.every(({ verdict }) => verdict === 'skipped');
  const checks = [...promises, ...FRAME.map((check) => check.run({ ...evidence, noPromiseJudged }))];
  const { mail, kinds, mailboxes, steady, outage } = tally(fold);
  const healedAt = outages.lastHealedAt;
  const drainedAt = Math.max(...queues.all.map((queue) => queue.drainedAt ?? Infinity));
  const drainedMs = healedAt === null ? Infinity : drainedAt - healedAt;
  return {
    run: runFacts(fold, scenario),
    verdict: worst(checks.map(({ verdict }) => verdict)),
    checks,
    loosened: loosenedLimits(limits),
    mail,
    kinds,
    faults: outages.faults.map(faultLife),
    phases: course.phases,
    timings: {
      totalMs: course.lastAt,
      simulatedMs: fold.time.at(course.lastAt),
      jumps: fold.time.jumps,
      stackReadyMs: course.ready?.tookMs ?? null,
      steady,
      outage,
      queuesDrainedMs: Number.isFinite(drainedMs) ? drainedMs : null,
    },
    toxiproxy: course.ready?.toxiproxy ?? null,
    versions: course.ready?.services.map((service): ServiceVersions => service) ?? [],
    mailboxes,
    mailboxDays: mailboxDays(fold),
    events: course.events,
  };
}

function runFacts({ course }: Fold, scenario: RecordedScenario | null): RunFacts | null {
  const { started, ended, failures } = course;
  if (started === null) return null;
  const { run, nobounce, seed, driver, stack, wall } = started;
  return {
    run,
    nobounce,
    seed,
    driver,
    stack,
    scenario: { name: scenario?.name ?? '?', title: scenario?.title ?? '?', stack: scenario?.stack ?? null },
    startedAtWall: wall,
    ended: ended?.reason ?? 'cut off',
    endDetail: ended?.detail ?? '',
    harnessFailures: failures.items.map(({ text }) => text),
  };
}

function faultLife(fault: Fold['outages']['faults'][number]): FaultLife {
  const { name, volume, parameters, injectedAt, feltAt, healedAt, goneAt, evidence, goneEvidence } = fault;
  const { feltSim, healedSim } = fault;
  const simulatedMs = feltSim === null || healedSim === null ? null : healedSim - feltSim;
  return {
    name,
    volume,
    parameters,
    injectedAt,
    feltAt,
    healedAt,
    goneAt,
    evidence,
    goneEvidence,
    simulatedMs,
  };
}
