import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { NobounceError } from '../errors/errors.js';
import type { StackDefinition } from '../stack/definition.js';

const isOutside = (folder: string, path: string): boolean => relative(folder, path).startsWith('..');

/** Folders that a stack builds images of and that lie elsewhere. */
function foldersElsewhere(stack: StackDefinition): readonly string[] {
  if (stack.driver === 'embedded') return [];
  const contexts = Object.values(stack.services).map(({ build }) => build.context);
  return [...new Set(contexts)].filter((path) => isOutside(stack.dir, path));
}

/**
 * Copies a stack with all that it builds, so that every file of it can be made one's own: folders elsewhere come along,
 * and `stack.yaml` names the copies. Gives their names.
 * @throws NobounceError (`usage`) where they cannot lie beside one another.
 */
export async function copyStackTo(
  stack: StackDefinition,
  into: string,
  force: boolean,
): Promise<readonly string[]> {
  const folders = foldersElsewhere(stack);
  const names = folders.map((path) => basename(path));
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
  const file = join(into, 'stack.yaml');
  let text = await readFile(file, 'utf8');
  for (const folder of folders) {
    const name = basename(folder);
    await cp(folder, join(into, name), {
      recursive: true,
      force,
      filter: (path) => path !== join(folder, 'stack.yaml'),
    });
    text = text.replaceAll(
      /(\bcontext:\s*)(["']?)([^\s"',}]+)\2/g,
      (written, key: string, _, path: string) =>
        resolve(stack.dir, path) === resolve(folder) ? `${key}./${name}` : written,
    );
  }
  await writeFile(file, text);
  return names;
}
