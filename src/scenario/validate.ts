import { z } from 'zod';
import { FAULT_NAMES } from '../fault/registry.js';
import { CHECK_NAMES, LIMIT_SCHEMAS } from './limits.js';
import { suggestion } from './nearest.js';
import { planScenario } from './plan.js';
import { scenarioSchema, type Scenario } from './scenario.js';

/** A problem by its path, before it is tied to a line of a file. `atKey`: the key is wrong, not its value. */
export interface PathProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly atKey: boolean;
}

type Issue = z.core.$ZodIssue;

/** zod's `Invalid input: expected string, received number`, shorter. */
function plain(message: string): string {
  return message.replace(/^Invalid input: expected/, 'expected').replace(', received ', ', got ');
}

const STEP_KEYS = ['steady', 'inject', 'hold', 'heal', 'advance', 'settle'];

/** Keys that may stand where an unknown one was found, by the place's path. */
function knownKeys(path: readonly PropertyKey[], value: unknown): readonly string[] {
  const [first, second, third] = path;
  if (path.length === 0) return Object.keys(scenarioSchema.shape);
  if (first === 'domains') return ['name', 'mailboxes', 'volumes'];
  if (first === 'outside') return ['mta', 'lifetime', 'warning'];
  if (first === 'storage') return ['mount'];
  if (first === 'traffic' && path.length === 1) return ['inbound', 'outbound', 'internal', 'readers'];
  if (first === 'traffic') return second === 'readers' ? ['every'] : ['rate', 'at', 'messages', 'size'];
  if (first === 'checks' && path.length === 1) return CHECK_NAMES;
  if (first === 'checks' && typeof second === 'string') {
    const check = CHECK_NAMES.find((name) => name === second);
    return check === undefined ? [] : Object.keys(LIMIT_SCHEMAS[check].shape);
  }
  if (first === 'timeline' && path.length === 2) return STEP_KEYS;
  if (first === 'timeline' && third === 'heal') return ['fault', 'volume'];
  if (first === 'timeline' && third === 'inject') return ['fault', 'volume', ...faultParameters(value)];
  return [];
}

function faultParameters(value: unknown): string[] {
  const parsed = z.object({ fault: z.string() }).safeParse(value);
  const schema = FAULT_SCHEMA_BY_NAME.get(parsed.success ? parsed.data.fault : '');
  return schema ?? [];
}

const FAULT_SCHEMA_BY_NAME = new Map<string, string[]>(
  scenarioSchema.shape.timeline.element.options.flatMap((option) => {
    if (!('inject' in option.shape)) return [];
    return option.shape.inject.options.map((fault): [string, string[]] => [
      fault.shape.fault.value,
      Object.keys(fault.shape),
    ]);
  }),
);

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === String(key))?.[1];
  }
  return value;
}

/** Of a union's branches, the one that the writer meant: no unknown key, nothing missing, deepest path. */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const cost = (issues: readonly Issue[]): number =>
    issues.reduce((sum, issue) => {
      if (issue.path.length > 0 && issue.code === 'custom') return sum;
      if (issue.code === 'unrecognized_keys') return sum + 10;
      return sum + (issue.path.length <= 1 && issue.code === 'invalid_type' ? 5 : 1);
    }, 0);
  return [...branches].sort((a, b) => cost(a) - cost(b))[0] ?? [];
}

function describe(issue: Issue, root: unknown, base: readonly PropertyKey[]): PathProblem[] {
  const path = [...base, ...issue.path];
  const value = at(root, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: `unknown key ${JSON.stringify(key)}${suggestion(key, knownKeys(path, value))}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    if (path.at(-1) === 'inject' || path.at(-1) === 'fault') return [describeFault(path, root)];
    const isStep = path.length === 2 && path[0] === 'timeline';
    if (isStep && typeof value === 'object' && value !== null) {
      const keys = Object.keys(value);
      const unknown = keys.find((key) => !STEP_KEYS.includes(key));
      if (unknown !== undefined) {
        const near = suggestion(unknown, STEP_KEYS);
        return [
          {
            path: [...path, unknown],
            atKey: true,
            message: `unknown step ${JSON.stringify(unknown)}${near}`,
          },
        ];
      }
      if (keys.length !== 1) {
        const message = `a step has one key, this one has ${String(keys.length)}; write one step per list item`;
        return [{ path, atKey: false, message }];
      }
    }
    const branch = likeliestBranch(issue.errors);
    if (branch.length > 0) return branch.flatMap((inner) => describe(inner, root, path));
    return [{ path, atKey: false, message: issue.message }];
  }
  if (issue.code === 'invalid_type' && value === undefined) {
    const key = String(path.at(-1) ?? 'scenario');
    return [
      {
        path: path.slice(0, -1),
        atKey: false,
        message: `${JSON.stringify(key)} is missing`,
      },
    ];
  }
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    const values = issue.values.map(String);
    return [
      {
        path,
        atKey: false,
        message: `${JSON.stringify(value)} is not known here${suggestion(value, values)}`,
      },
    ];
  }
  return [{ path, atKey: false, message: plain(issue.message) }];
}

function describeFault(path: readonly PropertyKey[], root: unknown): PathProblem {
  const inject = path.at(-1) === 'fault' ? path.slice(0, -1) : path;
  const fault = at(root, [...inject, 'fault']);
  if (typeof fault === 'string') {
    const message = `unknown fault ${JSON.stringify(fault)}${suggestion(fault, FAULT_NAMES)}`;
    return { path: [...inject, 'fault'], atKey: false, message };
  }
  const message = `inject needs a fault and a volume, such as { fault: stall, volume: gold }; faults: ${FAULT_NAMES.join(', ')}`;
  return { path: inject, atKey: false, message };
}

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
    const problems = parsed.error.issues.flatMap((issue) => describe(issue, written, []));
    return { ok: false, problems };
  }
  const planned = planScenario(parsed.data);
  return planned.ok ? { ok: true, scenario: parsed.data } : { ok: false, problems: planned.problems };
}
