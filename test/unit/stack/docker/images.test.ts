import { describe, expect, it } from 'vitest';
import { ensureAll, type ImageMaker } from '../../../../src/stack/docker/images.js';

const there: ImageMaker = () => Promise.resolve('there:1');
const built: ImageMaker = (tell) => {
  tell('building mounts');
  return Promise.resolve('built:1');
};

async function told(...makers: readonly ImageMaker[]): Promise<readonly string[]> {
  const lines: string[] = [];
  await ensureAll(new Map(makers.map((maker, index) => [String(index), maker])), (line) => lines.push(line));
  return lines;
}

describe('the images of a run', () => {
  it('are told by their number, and that all are there', async () => {
    expect(await told(there, built, there)).toEqual([
      'image 2 of 3: building mounts',
      'all 3 images are there',
    ]);
  });

  it('are not told of where all are there already', async () => {
    expect(await told(there, there)).toEqual([]);
  });

  it('are given by their keys, and the first that fails ends it', async () => {
    const images = await ensureAll(
      new Map([
        ['mta', there],
        ['store', built],
      ]),
      () => undefined,
    );
    expect([...images]).toEqual([
      ['mta', 'there:1'],
      ['store', 'built:1'],
    ]);
    const failing: ImageMaker = () => Promise.reject(new Error('does not build'));
    await expect(told(failing, built)).rejects.toThrow('does not build');
  });
});
