import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { stringify } from 'yaml';
import { NobounceError } from '../errors/errors.js';
import type { StackDefinition } from '../stack/definition.js';

const isOutside = (folder: string, path: string): boolean => relative(folder, path).startsWith('..');

/** What a stack is made of and lies elsewhere: folders that it builds images of, a plugin. */
function partsElsewhere(stack: StackDefinition): readonly string[] {
  const parts =
    stack.driver === 'embedded'
      ? [stack.mta.plugin]
      : Object.values(stack.services).map(({ build }) => build.context);
  return [...new Set(parts)].filter((path) => isOutside(stack.dir, path));
}

/**
 * Copies a stack with all that it builds, so that every file of it can be made one's own: what lies elsewhere comes along,
 * and `stack.yaml` names the copies. Of a stack that extends another one, the copy's `stack.yaml` says all itself. Gives
 * the names of what came along.
 * @throws NobounceError (`usage`) where they cannot lie beside one another.
 */
export async function copyStackTo(
  stack: StackDefinition,
  into: string,
  force: boolean,
): Promise<readonly string[]> {
  const parts = partsElsewhere(stack);
  const names = parts.map((path) => basename(path));
  const clash = names.find(
    (name, index) => names.indexOf(name) !== index || existsSync(join(stack.dir, name)),
  );
  if (clash !== undefined) {
    throw new NobounceError(
      'usage',
      `${stack.name} builds images of two folders called ${clash}, which cannot lie in one`,
      {
        advice: 'copy the stack by hand',
      },
    );
  }
  await cp(stack.dir, into, { recursive: true, force });
  for (const part of parts) {
    await cp(part, join(into, basename(part)), {
      recursive: true,
      force,
      filter: (path) => path !== join(part, 'stack.yaml'),
    });
  }
  const file = join(into, 'stack.yaml');
  const written = await readFile(file, 'utf8');
  await writeFile(file, stack.extends === undefined ? renamed(written, stack, parts) : flat(stack));
  return names;
}

/** The text as it was written, with the copies' names in the place of what lies elsewhere. */
function renamed(written: string, { dir }: StackDefinition, parts: readonly string[]): string {
  return parts.reduce(
    (text, part) =>
      text.replaceAll(/(\bcontext:\s*)(["']?)([^\s"',}]+)\2/g, (whole, key: string, _, path: string) =>
        resolve(dir, path) === resolve(part) ? `${key}./${basename(part)}` : whole,
      ),
    written,
  );
}

/** A stack and what it extends, as one file. */
function flat(stack: StackDefinition): string {
  const { extends: parent, dir, ...rest } = stack;
  const here = (path: string): string =>
    isOutside(dir, path) ? `./${basename(path)}` : `./${relative(dir, path).split(sep).join('/')}`;
  const whole =
    rest.driver === 'embedded'
      ? { ...rest, mta: { ...rest.mta, plugin: here(rest.mta.plugin) } }
      : {
          ...rest,
          services: Object.fromEntries(
            Object.entries(rest.services).map(([name, service]) => [
              name,
              { ...service, build: { ...service.build, context: here(service.build.context) } },
            ]),
          ),
        };
  return `# All of ${stack.name}, and of ${String(parent)}, which it extended. Format: docs/stacks.md.\n${stringify(whole, { lineWidth: 0 })}`;
}
