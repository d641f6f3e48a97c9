import { z } from 'zod';
import { shown } from '../units/fields.js';
import { keysOf, schemasAt, wordsOf } from './known-keys.js';
import { suggestion } from './nearest.js';

/** A problem by its path, before it is tied to a line of a file. `atKey`: the key is wrong, not its value. */
export interface PathProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly atKey: boolean;
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Of one object so many unknown keys are named. */
export const MAX_UNKNOWN_KEYS = 10;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path of what was written; undefined where nothing does. */
export function at(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = new Map<PropertyKey, unknown>(Object.entries(value)).get(String(key));
  }
  return value;
}

/** zod's `Invalid input: expected string, received number`, and what is too much, as a person would say it. */
function plain(issue: Issue): string {
  if (issue.code === 'too_big')
    return `expected at most ${String(issue.maximum)}${issue.origin === 'array' ? ' entries' : ''}${issue.origin === 'string' ? ' characters' : ''}`;
  if (issue.code === 'too_small')
    return `expected at least ${String(issue.minimum)}${issue.origin === 'array' ? ' entry' : ''}${issue.origin === 'string' ? ' character' : ''}`;
  const kinds: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'a mapping of keys',
    record: 'a mapping of keys',
    string: 'text',
    boolean: 'true or false',
    number: 'a number',
    int: 'a whole number',
  };
  return issue.message
    .replace(
      /^Invalid input: expected (\w+), received (\w+)$/,
      (_, wanted: string, got: string) =>
        `expected ${kinds[wanted] ?? wanted}, got ${got === 'null' || got === 'undefined' ? 'nothing' : (kinds[got] ?? got)}`,
    )
    .replace(/^Invalid input: expected/, 'expected')
    .replace(', received ', ', got ');
}

/** Turns zod's issues about one part of what was written into what a person reads. */
export class Describer {
  readonly #root: unknown;
  readonly #schema: z.core.$ZodType;
  /** Where that part stands. */
  readonly #base: Path;

  constructor(schema: z.core.$ZodType, root: unknown, base: Path) {
    this.#schema = schema;
    this.#root = root;
    this.#base = base;
  }

  describe(issue: Issue, inner: Path = []): readonly PathProblem[] {
    const own = [...inner, ...issue.path];
    const path = [...this.#base, ...own];
    const value = at(this.#root, path);
    switch (issue.code) {
      case 'unrecognized_keys':
        return this.#unknownKeys(issue.keys, own);
      case 'invalid_union':
        return this.#union(issue, own);
      case 'invalid_key':
        return [
          {
            path,
            atKey: true,
            message: `the name ${shown(path.at(-1))}: ${issue.issues[0]?.message ?? issue.message}`,
          },
        ];
      case 'invalid_type':
        if (value === undefined) return [missing(path)];
        break;
      case 'invalid_value':
        if (value === undefined) return [missing(path)];
        if (typeof value === 'string') {
          const near = suggestion(value, issue.values.map(String));
          return [{ path, atKey: false, message: `${shown(value)} is not known here${near}` }];
        }
        break;
      default:
    }
    return [{ path, atKey: false, message: plain(issue) }];
  }

  #unknownKeys(keys: readonly string[], own: Path): readonly PathProblem[] {
    const path = [...this.#base, ...own];
    const value = at(this.#root, path);
    const known = keysOf(schemasAt(this.#schema, own));
    // What is there already cannot have been meant.
    const free = known.filter((key) => !isObject(value) || !Object.hasOwn(value, key));
    const problems = keys.slice(0, MAX_UNKNOWN_KEYS).map((key): PathProblem => {
      const hint = free.length > 0 ? suggestion(key, free, known) : '; all that can stand here is there';
      return { path: [...path, key], atKey: true, message: `unknown key ${shown(key)}${hint}` };
    });
    const more = keys.length - problems.length;
    if (more > 0) problems.push({ path, atKey: false, message: `and ${String(more)} more unknown keys` });
    return problems;
  }

  /** Of a union's branches, the one that the writer meant is told. */
  #union(issue: Extract<Issue, { code: 'invalid_union' }>, own: Path): readonly PathProblem[] {
    const path = [...this.#base, ...own];
    const value = at(this.#root, path);
    if (
      value === undefined &&
      issue.errors.every((branch) => branch.some(({ path: below }) => below.length === 0))
    )
      return [missing(path)];
    const words = wordsOf(schemasAt(this.#schema, own));
    if (typeof value === 'string' && words.length > 0) {
      const near = suggestion(value, words);
      return [{ path, atKey: false, message: `${shown(value)} is not known here${near}` }];
    }
    const isOtherKind = issue.errors.every((branch) => cost(branch) >= OTHER_KIND);
    if (isOtherKind && issue.message !== 'Invalid input')
      return [{ path, atKey: false, message: issue.message }];
    const branch = likeliestBranch(issue.errors);
    if (branch === undefined) return [{ path, atKey: false, message: issue.message }];
    return branch.flatMap((one) => this.describe(one, own));
  }
}

function missing(path: Path): PathProblem {
  return {
    path: path.slice(0, -1),
    atKey: false,
    message: `${shown(String(path.at(-1) ?? 'scenario'))} is missing`,
  };
}

const OTHER_KIND = 1_000;

/** What a branch of a union would have to be forgiven: another kind of value most, an unknown key more than a missing one. */
function cost(issues: readonly Issue[]): number {
  return issues.reduce((sum, { code, path }) => {
    if (code === 'unrecognized_keys') return sum + 10;
    if (code === 'invalid_type' && path.length === 0) return sum + OTHER_KIND;
    return sum + 1;
  }, 0);
}

function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return [...branches].filter((branch) => branch.length > 0).sort((a, b) => cost(a) - cost(b))[0];
}

/** The problems of the part of what was written that stands at a path, by its own schema. */
export function problemsOf(schema: z.core.$ZodType, root: unknown, path: Path): readonly PathProblem[] {
  const parsed = z.safeParse(schema, at(root, path));
  if (parsed.success) return [];
  const describer = new Describer(schema, root, path);
  return parsed.error.issues.flatMap((issue) => describer.describe(issue));
}
