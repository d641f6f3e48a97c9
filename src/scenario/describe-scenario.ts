import type { z } from 'zod';
import { FAULT_NAMES, faultSchema } from '../fault/registry.js';
import { shown } from '../units/fields.js';
import { at, Describer, isObject, MAX_UNKNOWN_KEYS, problemsOf, type PathProblem } from './describe.js';
import { suggestion } from './nearest.js';
import { scenarioSchema } from './scenario.js';

type Path = readonly PropertyKey[];

/** Each step of a timeline by its one key. */
const STEP_SCHEMAS = new Map<string, z.core.$ZodType>(
  scenarioSchema.shape.timeline.element.options.flatMap(({ shape }) => Object.entries(shape)),
);
const STEP_KEYS = [...STEP_SCHEMAS.keys()];
const FAULT_SCHEMAS = new Map<string, z.core.$ZodType>(
  faultSchema.options.map((schema) => [schema.shape.fault.value, schema]),
);

function faultProblems(root: unknown, path: Path): readonly PathProblem[] {
  const written = at(root, path);
  const problem = (below: Path, message: string, atKey = false): PathProblem => ({
    path: [...path, ...below],
    atKey,
    message,
  });
  if (!isObject(written)) {
    const got = Array.isArray(written) ? 'a list: one step injects one fault' : shown(written);
    return [
      problem(
        [],
        `inject needs a fault and where it acts, such as { fault: stall, volume: gold }; got ${got}`,
      ),
    ];
  }
  const { fault } = written;
  if (fault === undefined) {
    const keys = Object.keys(written).slice(0, MAX_UNKNOWN_KEYS);
    const meant = keys.find((key) => suggestion(key, ['fault']).startsWith(', did'));
    const faults = `faults: ${FAULT_NAMES.join(', ')}`;
    return meant === undefined
      ? [problem([], `"fault" is missing: which fault? ${faults}`)]
      : [
          problem([meant], `unknown key ${shown(meant)}, did you mean "fault"?`, true),
          problem([], `"fault" is missing`),
        ];
  }
  const schema = typeof fault === 'string' ? FAULT_SCHEMAS.get(fault) : undefined;
  if (schema !== undefined) return problemsOf(schema, root, path);
  return [
    problem(
      ['fault'],
      `unknown fault ${shown(fault)}${typeof fault === 'string' ? suggestion(fault, FAULT_NAMES) : `; faults: ${FAULT_NAMES.join(', ')}`}`,
    ),
  ];
}

function stepProblems(root: unknown, path: Path): readonly PathProblem[] {
  const step = at(root, path);
  if (!isObject(step)) {
    const near =
      typeof step === 'string' && STEP_SCHEMAS.has(step)
        ? `write - ${step}: and what it needs`
        : 'a step is a key and what it needs, such as - steady: 8s';
    return [
      { path, atKey: false, message: `${shown(step)} is no step: ${near}; steps: ${STEP_KEYS.join(', ')}` },
    ];
  }
  const keys = Object.keys(step);
  const unknown = keys.filter((key) => !STEP_SCHEMAS.has(key));
  if (unknown.length > 0) {
    return unknown.slice(0, MAX_UNKNOWN_KEYS).map((key) => ({
      path: [...path, key],
      atKey: true,
      // A parameter that stands one level too far left is no step.
      message: `unknown step ${shown(key)}${suggestion(key, STEP_KEYS)}`,
    }));
  }
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    const message = `a step has one key, this one has ${String(keys.length)}; write one step per list item`;
    return [{ path, atKey: false, message }];
  }
  const schema = STEP_SCHEMAS.get(key);
  if (key === 'inject' || schema === undefined) return faultProblems(root, [...path, key]);
  return problemsOf(schema, root, [...path, key]);
}

/** All that is wrong with the shape of a scenario, as zod found it. Steps and faults are told by their own names. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], root: unknown): readonly PathProblem[] {
  const describer = new Describer(scenarioSchema, root, []);
  const isStep = ({ path }: z.core.$ZodIssue): boolean => path[0] === 'timeline' && path.length >= 2;
  const steps = new Set(issues.filter(isStep).map(({ path }) => path[1]));
  return [
    ...issues.filter((issue) => !isStep(issue)).flatMap((issue) => describer.describe(issue)),
    ...[...steps].flatMap((index) => (index === undefined ? [] : stepProblems(root, ['timeline', index]))),
  ];
}
