import { lstat, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireOpenFiles } from '../errors/descriptors.js';
import { describeError, NobounceError } from '../errors/errors.js';
import { HistoryWriter } from '../history/writer.js';
import { newRunToken } from '../scenario/message-id.js';
import { planScenario } from '../scenario/plan.js';
import { requireCapabilities } from '../stack/requirements.js';
import { Tracker } from '../traffic/tracker.js';
import { Ending } from './ending.js';
import { guard } from './guard.js';
import { Journal } from './journal.js';
import type { RunRequest } from './request.js';
import { Interrupted, RunningScenario } from './running.js';
import { Scope } from './scope.js';

export interface RunOutcome {
  readonly id: string;
  readonly dir: string;
  readonly historyFile: string;
  readonly ended: 'completed' | 'interrupted' | 'failed';
  /** The harness's own failures: never the stack's. */
  readonly failures: readonly string[];
  /** The error that ended the run, where one did. */
  readonly error: unknown;
}

/** What is loaded on the way has so many files open for a moment; the rest is connections, one to each mailbox. */
const OPEN_FILES = 320;
const OPEN_FILES_OF_TRAFFIC = 160;
/**
 * Carries out one scenario: starts the stack, keeps mail flowing, injects and heals, waits for the end, and writes all
 * that was seen to the history. Whatever happens, every fault is healed and the stack is torn down before it returns.
 * Rejects only where no run could begin (bad plan, report folder that cannot be written).
 */
export async function runScenario(request: RunRequest): Promise<RunOutcome> {
  const { loaded, driver, observer } = request;
  const planning = planScenario(loaded.scenario);
  if (!planning.ok)
    throw new NobounceError('usage', planning.problems.map(({ message }) => message).join('\n'));
  const { plan } = planning;
  requireCapabilities(driver, plan, request.toxiproxy);
  requireOpenFiles(Math.max(OPEN_FILES, OPEN_FILES_OF_TRAFFIC + plan.mailboxes.length), 'this run');
  const token = newRunToken();
  const id = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${token}`;
  const scenarioDir = join(request.reportsDir, plan.scenario.name);
  const dir = join(scenarioDir, id);
  await mkdir(join(dir, 'logs'), { recursive: true });
  await writeFile(join(dir, 'scenario.yaml'), loaded.source);
  await pointLatest(scenarioDir, id);
  const history = HistoryWriter.open(join(dir, 'history.jsonl'));
  const tracker = new Tracker();
  history.subscribe((event) => {
    tracker.observe(event);
    observer.event?.(event);
  });
  observer.started?.({ id, dir, plan });
  const failures: string[] = [];
  const journal = new Journal(history, (error) => {
    fail('the history', error);
    const advice = 'make room on the disk that holds the reports';
    ending.end(new NobounceError('harness', 'the history cannot be written', { cause: error, advice }));
  });
  const fail = (what: string, error: unknown): void => {
    failures.push(`${what}: ${describeError(error)}`);
    journal.record({ type: 'harness.failed', what, error: describeError(error) });
  };
  const ending = new Ending(request.signal, fail);
  const unguard = guard((error) => {
    fail('this process', error);
    ending.end(new NobounceError('harness', 'this process failed', { cause: error }));
  });
  const scope = new Scope();
  let endError: unknown;
  try {
    const { signal } = ending;
    const parts = { ...request, signal, plan, token, dir, journal, tracker, scope, ending };
    await new RunningScenario(parts).play();
  } catch (error) {
    endError = error;
  }
  ending.close();
  // What broke the run comes before what broke because of it.
  endError = ending.cause ?? endError;
  const ended = endError === undefined ? 'completed' : ending.wasInterrupted ? 'interrupted' : 'failed';
  if (ended === 'failed' && ending.cause === null) fail('the run', endError);
  for (const failure of await scope.close()) fail('teardown', failure);
  const detail = endError === undefined || endError instanceof Interrupted ? '' : describeError(endError);
  journal.close({ type: 'run.ended', reason: ended, detail });
  unguard();
  return { id, dir, historyFile: join(dir, 'history.jsonl'), ended, failures, error: endError };
}

/** Makes the link `latest` in a scenario's folder lead to a run; what is there and is no link of ours stays. */
export async function pointLatest(scenarioDir: string, id: string): Promise<void> {
  const latest = join(scenarioDir, 'latest');
  const there = await lstat(latest).catch(() => null);
  // Somebody's own file or folder of that name is not ours to remove.
  if (there !== null && !there.isSymbolicLink()) return;
  await rm(latest, { force: true });
  // A file system without links (or a Windows user without the right) has no `latest`; the run does not depend on it.
  await symlink(id, latest).catch(() => undefined);
}
