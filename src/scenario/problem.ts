import { NobounceError } from '../errors/errors.js';

/** One thing wrong with a scenario file, where, and what to write instead. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; null where the scenario was built in code. */
  readonly line: number | null;
  readonly column: number | null;
  /** Path inside the scenario, such as `timeline[1].inject.volume`. */
  readonly path: string;
  readonly message: string;
}

/** `scenarios/x.yaml:12:5: message`, the form that editors and CI systems link to the place. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === null ? '' : `:${String(problem.line)}:${String(problem.column ?? 1)}`;
  return `${problem.file}${place}: ${problem.message}`;
}

/** A scenario that cannot run; carries every problem found, not just the first. Exit code 3. */
export class ScenarioError extends NobounceError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('usage', problems.map(formatProblem).join('\n'), {
      advice:
        'mend the scenario file; `nobounce schema` prints its JSON Schema, docs/scenario.md explains it',
    });
    this.name = 'ScenarioError';
    this.problems = problems;
  }
}
