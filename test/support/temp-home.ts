import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PREFIX = 'nobounce-tests-';

/**
 * Gives all tests of a run one folder for temporary files, and removes it when they are over. The projects of a run
 * share the first one's: a folder in a folder for each would make paths too long for sockets (unix(7): 108 bytes).
 */
export default async function tempHome(): Promise<() => Promise<void>> {
  if (basename(tmpdir()).startsWith(PREFIX)) return () => Promise.resolve();
  const before = process.env['TMPDIR'];
  const home = await mkdtemp(join(tmpdir(), PREFIX));
  process.env['TMPDIR'] = home;
  return async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(home, { recursive: true, force: true });
  };
}
