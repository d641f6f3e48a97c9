import { createRequire } from 'node:module';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { NobounceError } from '../../../errors/errors.js';
import type { Account, Address } from '../../stack.js';

const require = createRequire(import.meta.url);
const manifest = z.object({ version: z.string() });

/** Where Haraka's entry file is, and its version. Throws an environment error where it is not installed. */
export async function findHaraka(): Promise<{ readonly entry: string; readonly version: string }> {
  try {
    const file = require.resolve('Haraka/package.json');
    const { version } = manifest.parse(JSON.parse(await readFile(file, 'utf8')));
    return { entry: require.resolve('Haraka/haraka.js'), version };
  } catch (cause) {
    throw new NobounceError('environment', 'Haraka is not installed', { cause, advice: 'run `npm ci`' });
  }
}

export interface HarakaSetup {
  readonly domains: readonly string[];
  readonly accounts: readonly Account[];
  readonly store: Address;
  readonly outside: Address;
  /** Between attempts, doubled from the first to the last. */
  readonly retry: { readonly firstSeconds: number; readonly lastSeconds: number };
}

/**
 * Writes Haraka's configuration folder: `config/`, `plugins/`, `queue/`. What differs from Haraka's defaults is in the
 * stack's `deviations`.
 */
export async function writeHarakaFolder(
  dir: string,
  { entry, plugin }: { readonly entry: string; readonly plugin: string },
  setup: HarakaSetup,
): Promise<void> {
  for (const folder of ['plugins', 'queue']) await mkdir(join(dir, folder), { recursive: true });
  // Haraka reads its defaults from no other place.
  await cp(join(dirname(entry), 'config'), join(dir, 'config'), { recursive: true });
  await copyFile(plugin, join(dir, 'plugins', 'nobounce.js'));
  const files: Readonly<Record<string, string>> = {
    me: 'mx.nobounce.test\n',
    plugins: 'nobounce\n',
    // One process: no cluster, so that one SIGKILL is the end of it.
    'smtp.ini': 'listen=127.0.0.1:0,127.0.0.1:0\nnodes=0\n',
    'log.ini': 'level=notice\ntimestamps=true\n',
    // So many attempts that none of a drill's messages expires; Haraka counts attempts, not days.
    // Its own 30 s are too short for the queueing of large messages on a busy machine.
    plugin_timeout: '300\n',
    'outbound.ini': 'enable_tls=false\ntemp_fail_intervals=5s*10000\n',
    'nobounce.json': JSON.stringify(setup),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(dir, 'config', name), content, { mode: 0o600 });
  }
}
