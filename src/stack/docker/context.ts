import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { NobounceError } from '../../errors/errors.js';

/** The folder of the package: stacks/, images/, scenarios/ and dist/ lie in it. */
export const PACKAGE_DIR = fileURLToPath(new URL('../../../', import.meta.url));
const DIST = join(PACKAGE_DIR, 'dist');

const manifest = z.object({ dependencies: z.record(z.string(), z.string()).optional() });

/** The folder of an installed package; its own node_modules win, as Node resolves it. */
function packageDir(name: string, from: string): string {
  const require = createRequire(join(from, 'package.json'));
  for (const base of require.resolve.paths(name) ?? []) {
    const dir = join(base, name);
    if (existsSync(join(dir, 'package.json'))) return dir;
  }
  throw new NobounceError('environment', `the package ${name} is not installed`, { advice: 'run `npm ci`' });
}

async function copyPackages(
  names: readonly string[],
  from: string,
  into: string,
  done: Set<string>,
): Promise<void> {
  for (const name of names) {
    if (done.has(name)) continue;
    done.add(name);
    const dir = packageDir(name, from);
    await cp(dir, join(into, 'node_modules', name), {
      recursive: true,
      filter: (source) => !source.slice(dir.length).includes('node_modules'),
    });
    const { dependencies } = manifest.parse(JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')));
    await copyPackages(Object.keys(dependencies ?? {}), dir, into, done);
  }
}

export interface NodeApp {
  /** Files and folders of dist/. */
  readonly compiled: readonly string[];
  /** Packages it imports; what they need comes along. */
  readonly packages: readonly string[];
}

/**
 * Makes a build context from an image's folder with our compiled code as `app/` in it; runs `use` with it and removes
 * it. Throws an environment error where nobounce was not built.
 */
export async function withNodeContext<T>(
  imageDir: string,
  app: NodeApp,
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'nobounce-image-'));
  try {
    await cp(imageDir, dir, { recursive: true });
    await mkdir(join(dir, 'app'));
    await writeFile(join(dir, 'app', 'package.json'), '{"type":"module"}\n');
    for (const part of app.compiled) {
      const source = join(DIST, part);
      if (!existsSync(source)) {
        throw new NobounceError('environment', `${source} is missing`, { advice: 'run `npm run build`' });
      }
      await mkdir(dirname(join(dir, 'app', part)), { recursive: true });
      await cp(source, join(dir, 'app', part), {
        recursive: true,
        filter: (file) => !file.endsWith('.d.ts'),
      });
    }
    await copyPackages(app.packages, PACKAGE_DIR, join(dir, 'app'), new Set());
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
