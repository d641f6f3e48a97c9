import { describeIssues } from './describe-scenario.js';
import type { PathProblem } from './describe.js';
import { planScenario } from './plan.js';
import { scenarioSchema, type Scenario } from './scenario.js';

export type Validation =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly PathProblem[] };

/**
 * Validates a scenario as written (an object from YAML or from code): first its shape, then what only
 * the plan can know (heals of nothing, volumes that nobody has).
 */
export function validateScenario(written: unknown): Validation {
  const parsed = scenarioSchema.safeParse(written);
  if (!parsed.success) {
    return { ok: false, problems: describeIssues(parsed.error.issues, written) };
  }
  const planned = planScenario(parsed.data);
  return planned.ok ? { ok: true, scenario: parsed.data } : { ok: false, problems: planned.problems };
}
