import { lstat, mkdir, mkdtemp, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pointLatest } from '../../../src/run/run.js';

const folder = () => mkdtemp(join(tmpdir(), 'nobounce-latest-'));

it('points to the newest run, also where another one was the newest before', async () => {
  const dir = await folder();
  await pointLatest(dir, 'one');
  await pointLatest(dir, 'two');
  expect(await readlink(join(dir, 'latest'))).toBe('two');
});

it('leaves a folder of that name alone, with all that is in it', async () => {
  const dir = await folder();
  await mkdir(join(dir, 'latest'));
  await writeFile(join(dir, 'latest', 'thesis.txt'), 'years of work');
  await pointLatest(dir, 'one');
  expect(await readFile(join(dir, 'latest', 'thesis.txt'), 'utf8')).toBe('years of work');
});

it('removes the link and never what it leads to', async () => {
  const dir = await folder();
  await mkdir(join(dir, 'mine'));
  await symlink('mine', join(dir, 'latest'));
  await pointLatest(dir, 'one');
  expect((await lstat(join(dir, 'mine'))).isDirectory()).toBe(true);
});
