import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NobounceError } from '../errors/errors.js';
import { historyIn } from '../history/reader.js';

const isRun = (dir: string): boolean => existsSync(historyIn(dir));

function foldersIn(dir: string): readonly string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** The folders of all runs in a scenario's folder, oldest first; none where it is a run itself, or holds none. */
export function runsIn(dir: string): readonly string[] {
  if (isRun(dir)) return [];
  return foldersIn(dir)
    .filter((id) => isRun(join(dir, id)))
    .sort()
    .map((id) => join(dir, id));
}

/** The newest run of one scenario: a run's id begins with the time of its start. */
function newestOf(scenarioDir: string): string | null {
  const newest = foldersIn(scenarioDir)
    .filter((id) => isRun(join(scenarioDir, id)))
    .sort()
    .at(-1);
  return newest ?? null;
}

/**
 * The folder of a saved run.
 * @param run a run's folder, or a scenario of which the newest run is meant; undefined: the newest run of all.
 * @throws NobounceError (`usage`) where there is none.
 */
export function findRun(run: string | undefined, reportsDir: string): string {
  if (run !== undefined) {
    if (isRun(run)) return run;
    const dir = existsSync(run) ? run : join(reportsDir, run);
    const id = newestOf(dir);
    if (id !== null) return join(dir, id);
    throw new NobounceError('usage', `there is no run ${JSON.stringify(run)}`, {
      advice: `name a run's folder, or a scenario that has a run in ${reportsDir}`,
    });
  }
  const newest = foldersIn(reportsDir)
    .flatMap((scenario) => {
      const id = newestOf(join(reportsDir, scenario));
      return id === null ? [] : [{ scenario, id }];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .at(-1);
  if (newest !== undefined) return join(reportsDir, newest.scenario, newest.id);
  throw new NobounceError('usage', `there is no run in ${reportsDir}`, {
    advice: 'run one with `nobounce run vendor-os-bug`, or say --report-dir',
  });
}
