import { describe, expect, it } from 'vitest';
import { Obituary, type End } from '../../../../src/stack/docker/deaths.js';

const MTA = 'nobounce-run1-mta';

/** Events of one container, each with the second at which it came. */
function readAll(...events: readonly (readonly [atS: number, Action: string, exitCode?: string])[]): {
  ends: End[];
  obituary: Obituary;
} {
  const obituary = new Obituary();
  const ends = events.flatMap(([atS, Action, exitCode]) => {
    const Attributes = { name: MTA, ...(exitCode === undefined ? {} : { exitCode }) };
    const end = obituary.read({ Action, Actor: { ID: 'f00', Attributes }, timeNano: atS * 1e9 });
    return end === null ? [] : [end];
  });
  return { ends, obituary };
}

describe('how a container ended', () => {
  it.each([
    ['a code of its own', [[1, 'die', '1']], 'itself', 1],
    ['a clean exit that nobody asked for', [[1, 'die', '0']], 'itself', 0],
    ['a crash', [[1, 'die', '139']], 'itself', 139],
    [
      'docker kill',
      [
        [1, 'kill'],
        [1.1, 'die', '137'],
      ],
      'killed',
      137,
    ],
    [
      'docker stop, ten seconds long',
      [
        [1, 'kill'],
        [11, 'kill'],
        [11.1, 'die', '137'],
      ],
      'killed',
      137,
    ],
    [
      'docker stop, obeyed',
      [
        [1, 'kill'],
        [3, 'die', '0'],
      ],
      'killed',
      0,
    ],
    [
      'a signal long before that it lived through',
      [
        [1, 'kill'],
        [60, 'die', '1'],
      ],
      'itself',
      1,
    ],
    [
      'no memory left',
      [
        [1, 'oom'],
        [1, 'die', '137'],
      ],
      'out-of-memory',
      137,
    ],
    ['a SIGKILL of which the engine does not know', [[1, 'die', '137']], 'unknown', 137],
  ] as const)('%s', (_, events, cause, exitCode) => {
    expect(readAll(...events).ends).toEqual([{ container: MTA, exitCode, cause }]);
  });

  it('is told too of a container that lives on without a process that memory was taken from, once', () => {
    const { ends, obituary } = readAll([1, 'oom']);
    expect(ends).toEqual([]);
    expect(obituary.starvedAlive(MTA)).toEqual({ container: MTA, exitCode: null, cause: 'out-of-memory' });
    expect(obituary.starvedAlive(MTA)).toBeNull();
  });

  it('is told once where the container ended of it', () => {
    const { ends, obituary } = readAll([1, 'oom'], [1, 'die', '137']);
    expect(ends).toHaveLength(1);
    expect(obituary.starvedAlive(MTA)).toBeNull();
  });
});
