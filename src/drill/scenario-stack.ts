import { existsSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { scenarioProblem, type LoadedScenario } from '../scenario/load.js';
import { suggestion } from '../scenario/nearest.js';
import { listStacks, loadStack, stackDir, type StackDefinition } from '../stack/definition.js';
import { STACKS_DIR } from './paths.js';

/** Whether a folder lies in another one, or is it; links are followed. */
function isWithin(folder: string, inside: string): boolean {
  return !relative(realpathSync(folder), realpathSync(inside)).startsWith('..');
}

/** Whether a scenario names a stack by a path: one of its author's own, and none that comes with nobounce. */
export function isOwnStack({ scenario: { stack } }: LoadedScenario): boolean {
  return /[/\\]/.test(stack) || stack.startsWith('.');
}

/**
 * Reads the stack that a scenario names: one that comes with nobounce, or a folder beside the scenario's file. A stack is
 * code that will run, so a file that somebody sent cannot name one elsewhere; the user can, with `--stack`.
 * @throws ScenarioError with the place of `stack` in the file where there is none, or it lies elsewhere; NobounceError
 * (`usage`) where its `stack.yaml` is wrong.
 */
export function scenarioStack(loaded: LoadedScenario): StackDefinition {
  const { stack: named } = loaded.scenario;
  const isPath = isOwnStack(loaded);
  const folder = dirname(resolve(loaded.file));
  const stack = isPath ? resolve(folder, named) : named;
  if (!existsSync(stackDir(stack, STACKS_DIR))) {
    const near = isPath
      ? '; a path leads to a folder beside this file, such as ./my-stack'
      : suggestion(named, listStacks(STACKS_DIR));
    throw scenarioProblem(loaded, ['stack'], `there is no stack ${JSON.stringify(named)}${near}`);
  }
  if (isPath && !isWithin(folder, stack)) {
    const message = `the stack ${JSON.stringify(named)} lies outside the folder of this file`;
    throw scenarioProblem(loaded, ['stack'], `${message}: if you want it to run, say so with --stack`);
  }
  return loadStack(stack, STACKS_DIR);
}
