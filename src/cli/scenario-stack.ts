import { existsSync } from 'node:fs';
import { scenarioProblem, type LoadedScenario } from '../scenario/load.js';
import { suggestion } from '../scenario/nearest.js';
import { listStacks, loadStack, stackDir, type StackDefinition } from '../stack/definition.js';
import { STACKS_DIR } from './paths.js';

/**
 * Reads the stack that a scenario names. Throws a `ScenarioError` with the place of `stack` in the file where there is
 * none of that name, and a usage error where its `stack.yaml` is wrong.
 */
export async function scenarioStack(loaded: LoadedScenario): Promise<StackDefinition> {
  const { stack } = loaded.scenario;
  if (!existsSync(stackDir(stack, STACKS_DIR))) {
    const near = suggestion(stack, await listStacks(STACKS_DIR));
    const message = `there is no stack ${JSON.stringify(stack)}${near}`;
    throw scenarioProblem(loaded, ['stack'], `${message}, or the path of a folder, such as ./my-stack`);
  }
  return loadStack(stack, STACKS_DIR);
}
