import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { suggestion } from '../scenario/nearest.js';

type Keys = Readonly<Record<string, unknown>>;

export function isKeys(value: unknown): value is Keys {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a variant says laid over what its parent says. */
interface Variant {
  readonly whole: Keys;
  /** So many deviations of the whole are the parent's, and stand first. */
  readonly inheritedDeviations: number;
}

/**
 * Lays what a variant writes over its parent, as a JSON merge patch (RFC 7396): mappings are merged key by key, null
 * takes a key away, all else takes the place of what was there. Deviations are added instead; one of the same service
 * and setting takes the parent's place. A variant's name and title are its own. Pure.
 */
export function variantOf(parent: Keys, own: Keys): Variant {
  const base = without(parent, ['name', 'title', 'dir', 'deviations']);
  const whole = patched(base, without(own, ['deviations']));
  const added = own['deviations'] ?? [];
  if (!Array.isArray(added)) return { whole: { ...whole, deviations: added }, inheritedDeviations: 0 };
  const replaced = new Set(added.map(settingOf));
  const theirs: readonly unknown[] = Array.isArray(parent['deviations']) ? parent['deviations'] : [];
  const kept = theirs.filter((one) => !replaced.has(settingOf(one)));
  return { whole: { ...whole, deviations: kept.concat(added) }, inheritedDeviations: kept.length };
}

function without(keys: Keys, names: readonly string[]): Keys {
  return Object.fromEntries(Object.entries(keys).filter(([key]) => !names.includes(key)));
}

function settingOf(deviation: unknown): string {
  return isKeys(deviation) ? JSON.stringify([deviation['service'], deviation['setting']]) : '';
}

function patched(base: Keys, patch: Keys): Keys {
  const whole = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    const there = whole.get(key);
    if (value === null) whole.delete(key);
    else whole.set(key, isKeys(value) ? patched(isKeys(there) ? there : {}, value) : value);
  }
  return Object.fromEntries(whole);
}

/** Whether what names a stack is a path, and not the name of one that comes with nobounce. */
export function isStackPath(named: string): boolean {
  return /[/\\]/.test(named) || named.startsWith('.');
}

/**
 * The folder of the stack that one extends: by its name one that comes with nobounce, by a path from the extending
 * stack's folder one that lies beside it or in it. A stack is code that will run, so none elsewhere.
 * @param below the folders of the stacks that led here, the first one first; the extending one is the last.
 */
export function parentDir(
  named: unknown,
  below: readonly [string, ...string[]],
  stacks: { readonly dir: string; readonly names: readonly string[] },
): { readonly dir: string } | { readonly problem: string } {
  if (typeof named !== 'string' || named === '') {
    return {
      problem: 'expected the name of a stack that comes with nobounce, or a path such as ../my-stack',
    };
  }
  const own = below.at(-1) ?? below[0];
  const dir = isStackPath(named) ? resolve(own, named) : join(stacks.dir, named);
  if (!existsSync(join(dir, 'stack.yaml'))) {
    const known = isStackPath(named)
      ? ` (looked for ${join(dir, 'stack.yaml')}): a path leads from the folder of this file, such as ../my-stack`
      : suggestion(named, stacks.names);
    return { problem: `there is no stack ${JSON.stringify(named)} to extend${known}` };
  }
  const way = [...below, dir].map((path) => realpathSync(path));
  if (way.indexOf(way.at(-1) ?? '') < way.length - 1) {
    const names = way.map((path) => basename(path)).join(' → ');
    return { problem: `a stack cannot extend itself: ${names}; take one \`extends\` of these out` };
  }
  if (isStackPath(named) && relative(dirname(realpathSync(own)), realpathSync(dir)).startsWith('..')) {
    return {
      problem: `the stack ${JSON.stringify(named)} lies outside the folder that holds this one: copy it beside this one, or name a stack that comes with nobounce`,
    };
  }
  return { dir };
}
