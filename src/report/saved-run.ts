import { realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { judgeFile } from '../check/judge.js';
import { EXIT_CODE } from '../errors/errors.js';
import { historyIn } from '../history/reader.js';
import { loadScenario } from '../scenario/load.js';
import { insteadOf } from './instead-of.js';
import { shellWord } from './safe-text.js';
import type { RunReport } from './reporter.js';

/**
 * A run that lies in a folder, judged again: what reporters get when a run has just ended.
 * @throws NobounceError (`usage`) when the folder is no run's.
 */
export async function readSavedRun(dir: string): Promise<RunReport> {
  const judgement = await judgeFile(historyIn(dir));
  const scenarioFile = join(dir, 'scenario.yaml');
  const { scenario, source } = await loadScenario(scenarioFile);
  const { run } = judgement;
  const failures = run?.harnessFailures ?? [];
  const stack = run?.stack.name ?? scenario.stack;
  const ownExitCode = failures.length > 0 ? EXIT_CODE.harness : EXIT_CODE[judgement.verdict];
  return {
    id: basename(await realpath(dir)),
    dir,
    scenario,
    stack,
    stackTitle: run?.stack.title ?? stack,
    insteadOf: insteadOf(scenario.stack, stack),
    driver: run?.driver ?? 'docker',
    seed: run?.seed ?? 0,
    version: run?.nobounce ?? '?',
    judgement,
    exitCode: run?.ended === 'interrupted' ? EXIT_CODE.interrupted : ownExitCode,
    failures,
    scenarioFile,
    scenarioSource: source,
    rerun: `npx nobounce run ${shellWord(scenarioFile)} --stack ${shellWord(stack)} --seed ${run?.seed ?? 0}`,
  };
}
