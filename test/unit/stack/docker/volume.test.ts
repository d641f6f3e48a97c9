import { describe, expect, it } from 'vitest';
import { ArrayVolume } from '../../../../src/stack/docker/volume.js';
import type { ContainerStep, StorageStep } from '../../../../src/stack/undo.js';

const MOUNTING: ContainerStep = {
  via: 'see-mount',
  container: 'c2',
  service: 'dovecot',
  volumesAt: '/srv/mail',
  volume: 'gold',
};

/** A volume, and the commands that it has its array and its mounts carry out. */
function volumeOf({ resident }: { readonly resident: boolean }) {
  const done: string[] = [];
  const mounts = {
    mounting: () => [MOUNTING],
    unmount: (name: string) => {
      done.push(`unmount ${name}`);
      return Promise.resolve();
    },
    carryOut: (step: ContainerStep) => {
      done.push(commandOf(step));
      return Promise.resolve();
    },
  };
  const volume = new ArrayVolume('gold', 'storage-gold', { getId: () => 'c1' }, mounts, resident);
  return { volume, done };
}

function commandOf(step: StorageStep): string {
  return step.via === 'exec' ? `${step.container}: ${step.command.join(' ')}` : step.via;
}

const EIO = { kind: 'faulty', errno: 'EIO', operations: ['write', 'fsync'], probability: 1 } as const;

describe('the undo of a volume in containers', () => {
  it('brings the healthy head up before the link leads to it, and the other down after that', async () => {
    const { volume, done } = volumeOf({ resident: false });
    expect(await volume.openHead(EIO)).toBe('array-gold:24009');
    expect(done).toEqual([
      'c1: array-ctl head faulty up --errno EIO --operations write,fsync --probability 1',
    ]);
    const { before, upstream, after } = volume.undo.openHead('faulty');
    expect(before.map(commandOf)).toEqual(['c1: array-ctl head healthy up']);
    expect(upstream).toBe('array-gold:24007');
    expect(after.map(commandOf)).toEqual(['c1: array-ctl head faulty down']);
  });

  it('leaves a resident head where it is, and makes nothing of it fail', async () => {
    const { volume, done } = volumeOf({ resident: true });
    expect(await volume.openHead({ kind: 'read-only' })).toBe('array-gold:24009');
    expect(done).toEqual([
      'c1: array-ctl head faulty up --errno EROFS --operations write,truncate,create,rename,link,unlink,mkdir --probability 1',
    ]);
    const { before, upstream, after } = volume.undo.openHead('read-only');
    expect(before.map(commandOf)).toEqual(['c1: array-ctl head faulty up --dormant']);
    expect(upstream).toBe('array-gold:24009');
    expect(after).toEqual([]);
  });

  it('of a crash brings back the heads, and of a lost mount is what the mounts say', async () => {
    const { volume, done } = volumeOf({ resident: false });
    await volume.crash();
    await volume.unmount();
    expect(done).toEqual(['c1: array-ctl crash', 'unmount gold']);
    expect(volume.undo.crash().map(commandOf)).toEqual(['c1: array-ctl restart']);
    expect(volume.undo.unmount()).toEqual([MOUNTING]);
  });

  it('is refused where a step is another stack’s', () => {
    const { volume } = volumeOf({ resident: false });
    const step = { via: 'child', service: 'array-gold', act: { do: 'restart' } } as const;
    expect(() => volume.carryOut(step)).toThrow('array-gold is a container');
  });
});
