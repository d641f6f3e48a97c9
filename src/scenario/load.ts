import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument, YAMLMap, isScalar, type Document } from 'yaml';
import { ScenarioError, type Problem } from './problem.js';
import type { Scenario, ScenarioInput } from './scenario.js';
import { validateScenario, type PathProblem } from './validate.js';
import { NobounceError } from '../errors/errors.js';

/** A scenario and where it came from; `source` is kept with the run so that it can be run again. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly file: string;
  readonly source: string;
}

/** Where a path of the document stands: its key's offset or its value's, else the nearest thing above it. */
function offsetOf(document: Document, path: readonly PropertyKey[], atKey: boolean): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const part = path.slice(0, length);
    if (atKey && length === path.length && length > 0) {
      const parent = document.getIn(part.slice(0, -1), true);
      if (parent instanceof YAMLMap) {
        const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === part.at(-1));
        if (pair !== undefined && isNode(pair.key) && pair.key.range) return pair.key.range[0];
      }
    }
    const node = length === 0 ? document.contents : document.getIn(part, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${String(key)}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/**
 * Reads a scenario from YAML text. Throws `ScenarioError` with every problem as file:line:column.
 */
export function parseScenario(source: string, file: string): LoadedScenario {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, 1).map((error): Problem => {
      const message = (error.message.split('\n')[0] ?? error.message).replace(
        / at line \d+, column \d+:?$/,
        '',
      );
      return { file, ...place(error.pos[0]), path: '', message };
    });
    throw new ScenarioError(problems);
  }
  const validation = validateScenario(document.toJS({ maxAliasCount: 50 }));
  if (validation.ok) return { scenario: validation.scenario, file, source };
  const locate = (problem: PathProblem): Problem => ({
    file,
    ...place(offsetOf(document, problem.path, problem.atKey)),
    path: formatPath(problem.path),
    message: problem.message,
  });
  throw new ScenarioError(validation.problems.map(locate));
}

/** What is wrong with a scenario by what lies around it, such as its stack, at the place of `path` in its file. */
export function scenarioProblem(
  { source, file }: LoadedScenario,
  path: readonly PropertyKey[],
  message: string,
): ScenarioError {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const { line, col: column } = lines.linePos(offsetOf(document, path, false));
  return new ScenarioError([{ file, line, column, path: formatPath(path), message }]);
}

/** Reads and validates a scenario file. Throws `ScenarioError`, or a usage error where it cannot be read. */
export function readScenario(file: string): LoadedScenario {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NobounceError('usage', `cannot read the scenario file ${file}`, {
      cause,
      advice: '`nobounce list` shows the scenarios there are',
    });
  }
  return parseScenario(source, file);
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
