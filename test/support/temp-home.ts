import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives all tests of a project one folder for temporary files, and removes it when they are over. */
export default async function tempHome(): Promise<() => Promise<void>> {
  const before = process.env['TMPDIR'];
  const home = await mkdtemp(join(tmpdir(), 'nobounce-tests-'));
  process.env['TMPDIR'] = home;
  return async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(home, { recursive: true, force: true });
  };
}
