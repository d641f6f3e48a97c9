import { describe, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Brick, type Result } from '../../../../src/stack/embedded/array/brick.js';
import { Heads } from '../../../../src/stack/embedded/array/heads.js';
import type { FileOperation, Operation } from '../../../../src/stack/embedded/array/protocol.js';
import { Mount } from '../../../../src/stack/embedded/store/mount.js';
import { StorageProbe } from '../../../../src/stack/embedded/store/probe.js';
import { StorageError } from '../../../../src/stack/embedded/storage-error.js';

/** Loses the answer to one operation: the array did it, and its client is told ENOTCONN. */
class ForgetfulMount extends Mount {
  loses: Operation | undefined;

  override async perform(operation: FileOperation, payload?: Buffer): Promise<Result> {
    const result = await super.perform(operation, payload);
    if (operation.op !== this.loses) return result;
    this.loses = undefined;
    throw new StorageError(operation.op, 'ENOTCONN', operation.path);
  }
}

const OPERATIONS = [
  'mounted',
  'create',
  'mkdir',
  'write',
  'truncate',
  'fsync',
  'rename',
  'open',
  'read',
  'unlink',
];

describe('the storage probe', { timeout: 20_000 }, () => {
  it.each(['create', 'mkdir', 'rename', 'unlink'] as const)(
    'finds every operation well again after a lost answer to %s',
    async (lost) => {
      const dir = await mkdtemp(join(tmpdir(), 'nobounce-probe-'));
      const heads = new Heads(new Brick(dir));
      const port = await heads.open({ kind: 'healthy' }, 0);
      const mount = new ForgetfulMount('gold', { host: '127.0.0.1', port }, join(dir, '.bare'), 10_000);
      try {
        await mount.mount();
        const stopping = new AbortController();
        const wellSince = new Map<string, number>();
        let errors = 0;
        const probe = new StorageProbe(mount, { intervalMs: 5, deadlineMs: 1_000 }, (sample) => {
          const { operation, outcome } = sample;
          wellSince.set(operation, outcome === 'ok' ? (wellSince.get(operation) ?? 0) + 1 : 0);
          if (outcome === 'ok') return;
          errors += 1;
          expect(sample).toMatchObject({ operation: lost, errno: 'ENOTCONN' });
        });
        const running = probe.run(stopping.signal);
        const allWell = (times: number): boolean =>
          OPERATIONS.every((operation) => (wellSince.get(operation) ?? 0) >= times);
        await expect.poll(() => allWell(2), { timeout: 5_000 }).toBe(true);
        mount.loses = lost;
        await expect.poll(() => errors, { timeout: 5_000 }).toBe(1);
        wellSince.clear();
        await expect.poll(() => allWell(3), { timeout: 5_000 }).toBe(true);
        expect(errors).toBe(1);
        stopping.abort();
        await running;
      } finally {
        mount.unmount();
        await heads.close('healthy');
        await rm(dir, { recursive: true, force: true });
      }
    },
  );
});
