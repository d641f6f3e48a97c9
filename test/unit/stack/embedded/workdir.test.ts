import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listWorkDirs, makeWorkDir, sweepWorkDirs } from '../../../../src/stack/embedded/workdir.js';

const MODULE = new URL('../../../../src/stack/embedded/workdir.ts', import.meta.url).href;

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'nobounce-test-'));
  vi.stubEnv('TMPDIR', home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

/** A process that has made a folder and holds it; gives the folder too. */
async function holder(keep = false): Promise<{ child: ReturnType<typeof spawn>; path: string }> {
  const script = join(home, 'holds.mts');
  await writeFile(
    script,
    `import { makeWorkDir } from ${JSON.stringify(MODULE)};
     const { path } = await makeWorkDir(${String(keep)});
     process.stdout.write(path + '\\n');
     setInterval(() => undefined, 1_000);`,
  );
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const child = spawn(process.execPath, ['--import', tsx, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const path = await new Promise<string>((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => {
      resolve(chunk.toString().trim());
    });
  });
  return { child, path };
}

const states = async (): Promise<readonly string[]> => (await listWorkDirs()).map(({ state }) => state);

describe.skipIf(process.platform !== 'linux')('the folder of an embedded run', () => {
  it('is alive while it is held, and dead when it is let go of', async () => {
    const { path, release } = await makeWorkDir(false);
    expect(await states()).toEqual(['living']);
    await sweepWorkDirs();
    expect(existsSync(path)).toBe(true);
    release();
    // Its socket is gone at once, which is as in the moment before it is there.
    await utimes(path, 0, 0);
    expect(await states()).toEqual(['dead']);
    await sweepWorkDirs();
    expect(existsSync(path)).toBe(false);
  });

  it('is alive while its process is stopped, and dead after SIGKILL', async () => {
    const { child, path } = await holder();
    child.kill('SIGSTOP');
    expect(await states()).toEqual(['living']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await listWorkDirs()).toEqual([{ path, state: 'dead', isKept: false }]);
    await sweepWorkDirs();
    expect(existsSync(path)).toBe(false);
  });

  it('is swept by no other run where it was kept on purpose', async () => {
    const { child, path } = await holder(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await listWorkDirs()).toEqual([{ path, state: 'dead', isKept: true }]);
    await sweepWorkDirs();
    expect(existsSync(path)).toBe(true);
  });

  it('may have a name that is too long for a socket', async () => {
    const long = join(home, 'x'.repeat(120));
    await mkdir(long);
    vi.stubEnv('TMPDIR', long);
    const { release } = await makeWorkDir(false);
    expect(await states()).toEqual(['living']);
    release();
  });

  it('is left alone where nobody can tell whose it is', async () => {
    const path = join(home, 'nobounce-embedded-123-456-abcdef');
    await mkdir(path);
    expect(await states()).toEqual(['living']);
    await utimes(path, 0, 0);
    expect(await states()).toEqual(['unknown']);
    await writeFile(join(path, 'boot-id'), 'of another machine');
    expect(await states()).toEqual(['unknown']);
    await sweepWorkDirs();
    expect(existsSync(path), basename(path)).toBe(true);
  });
});
