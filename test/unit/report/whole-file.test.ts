import { lstat, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeWhole } from '../../../src/report/whole-file.js';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobounce-whole-'));
});

describe('a report file', () => {
  it('takes the place of the one before', async () => {
    const file = join(dir, 'report.html');
    await writeWhole(file, 'first');
    await writeWhole(file, 'second');
    expect(await readFile(file, 'utf8')).toBe('second');
    expect(await readdir(dir)).toEqual(['report.html']);
  });

  it('is never written through a link, also not one that leads nowhere', async () => {
    const theirs = join(dir, 'theirs');
    await writeFile(theirs, 'mine');
    for (const [name, target] of [
      ['report.html', theirs],
      ['junit.xml', join(dir, 'nowhere')],
    ] as const) {
      await symlink(target, join(dir, name));
      await writeWhole(join(dir, name), 'a report');
      expect((await lstat(join(dir, name))).isSymbolicLink()).toBe(false);
    }
    expect(await readFile(theirs, 'utf8')).toBe('mine');
    expect((await readdir(dir)).toSorted()).toEqual(['junit.xml', 'report.html', 'theirs']);
  });

  it('leaves nothing behind where it cannot be written', async () => {
    await expect(writeWhole(join(dir, 'missing', 'report.html'), 'a report')).rejects.toThrow(/ENOENT/);
    expect(await readdir(dir)).toEqual([]);
  });
});
