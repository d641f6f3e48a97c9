import { planScenario } from './plan.js';
import { ScenarioError, type Problem } from './problem.js';
import type { Scenario, ScenarioInput } from './scenario.js';
import { validateScenario } from './validate.js';
import { warningsOf, type StackLimits } from './warnings.js';
import { formatPath, inOrder, readText, YamlFile } from './yaml-file.js';

/** A scenario and where it came from; `source` is kept with the run so that it can be run again. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly file: string;
  readonly source: string;
}

/** @throws ScenarioError where the text is not YAML. */
function parseYaml(source: string, file: string): YamlFile {
  const yaml = YamlFile.parse(source, file);
  if (yaml instanceof YamlFile) return yaml;
  throw new ScenarioError([yaml]);
}

/**
 * Reads a scenario from YAML text. Throws `ScenarioError` with the problems as file:line:column.
 */
export function parseScenario(source: string, file: string): LoadedScenario {
  const yaml = parseYaml(source, file);
  const validation = validateScenario(yaml.value);
  if (validation.ok) return { scenario: validation.scenario, file, source };
  throw new ScenarioError(inOrder(validation.problems.map((problem) => yaml.problem(problem))));
}

/** What is wrong with a scenario by what lies around it, such as its stack, at the place of `path` in its file. */
export function scenarioProblem(
  { source, file }: LoadedScenario,
  path: readonly PropertyKey[],
  message: string,
): ScenarioError {
  return new ScenarioError([parseYaml(source, file).problem({ path, message, atKey: false })]);
}

/** What is known of a valid scenario before it runs and will surprise whoever runs it, at its place in the file. */
export function scenarioWarnings(
  { scenario, source, file }: LoadedScenario,
  limits: StackLimits,
): readonly Problem[] {
  const planning = planScenario(scenario);
  if (!planning.ok) return [];
  const yaml = parseYaml(source, file);
  return inOrder(warningsOf(planning.plan, limits).map((problem) => yaml.problem(problem)));
}

/** Reads and validates a scenario file. Throws `ScenarioError`, or a usage error where it cannot be read. */
export function readScenario(file: string): LoadedScenario {
  return parseScenario(readText(file, '`nobounce list` shows the scenarios there are'), file);
}

/** The same, and rejects where it throws. */
export function loadScenario(file: string): Promise<LoadedScenario> {
  return new Promise((resolve) => {
    resolve(readScenario(file));
  });
}

/**
 * Builds a scenario in TypeScript, with the file's shape and the file's validation.
 * Throws `ScenarioError`, each problem by its path.
 */
export function defineScenario(input: ScenarioInput): Scenario {
  const validation = validateScenario(input);
  if (validation.ok) return validation.scenario;
  const problems = validation.problems.map((problem): Problem => {
    const path = formatPath(problem.path);
    return { file: 'defineScenario', line: null, column: null, path, message: `${path}: ${problem.message}` };
  });
  throw new ScenarioError(problems);
}
