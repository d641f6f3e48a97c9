import { chmod, cp, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentTag } from '../../../src/stack/docker/image.js';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobounce-image-'));
  await mkdir(join(dir, 'a', 'bin'), { recursive: true });
  await writeFile(join(dir, 'a', 'Dockerfile'), 'FROM debian:trixie-slim\n');
  await writeFile(join(dir, 'a', 'bin', 'ready'), '#!/bin/sh\n');
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

function tag(
  folder: string,
  args: Readonly<Record<string, string>> = {},
  dockerfile = 'Dockerfile',
): Promise<string> {
  return contentTag({ name: 'x', contextDir: join(dir, folder), dockerfile, args });
}

describe('the tag of an image', () => {
  it('is the same for the same content, in another folder and at another time', async () => {
    await cp(join(dir, 'a'), join(dir, 'elsewhere', 'b'), { recursive: true });
    await utimes(join(dir, 'elsewhere', 'b', 'Dockerfile'), 1, 1);
    expect(await tag('elsewhere/b')).toBe(await tag('a'));
  });

  it('is one that Docker takes', async () => {
    expect(await tag('a')).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each<[string, () => Promise<void>]>([
    ['a byte', () => writeFile(join(dir, 'a', 'bin', 'ready'), '#!/bin/sh \n')],
    ['the right to execute', () => chmod(join(dir, 'a', 'bin', 'ready'), 0o755)],
    ['a name', () => rename(join(dir, 'a', 'bin', 'ready'), join(dir, 'a', 'bin', 'alive'))],
    ['one more file', () => writeFile(join(dir, 'a', 'more'), '')],
  ])('is another after a change of %s', async (_, change) => {
    const before = await tag('a');
    await change();
    expect(await tag('a')).not.toBe(before);
  });

  it('is another with other build arguments and another Dockerfile', async () => {
    const tags = [await tag('a'), await tag('a', { VOLUMES: 'yes' }), await tag('a', {}, 'bin/ready')];
    expect(new Set(tags).size).toBe(3);
  });

  it('tells content from names: what moves from one file to the next is a change', async () => {
    await writeFile(join(dir, 'a', 'one'), 'ab');
    await writeFile(join(dir, 'a', 'two'), 'c');
    const before = await tag('a');
    await writeFile(join(dir, 'a', 'one'), 'a');
    await writeFile(join(dir, 'a', 'two'), 'bc');
    expect(await tag('a')).not.toBe(before);
  });
});
