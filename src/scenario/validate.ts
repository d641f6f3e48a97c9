import { describeIssues } from './describe-scenario.js';
import type { PathProblem } from './describe.js';
import { planScenario } from './plan.js';
import { scenarioSchema, type Scenario, type TimelineStep } from './scenario.js';

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

/** One step of a timeline, as a file would have it, or what is wrong with it, one sentence each. */
export function validateStep(
  written: unknown,
):
  | { readonly ok: true; readonly step: TimelineStep }
  | { readonly ok: false; readonly reasons: readonly string[] } {
  const timeline = [written];
  const parsed = scenarioSchema.shape.timeline.safeParse(timeline);
  const step = parsed.data?.[0];
  if (step !== undefined) return { ok: true, step };
  const issues = (parsed.error?.issues ?? []).map((issue) => ({
    ...issue,
    path: ['timeline', ...issue.path],
  }));
  return { ok: false, reasons: describeIssues(issues, { timeline }).map(({ message }) => message) };
}
