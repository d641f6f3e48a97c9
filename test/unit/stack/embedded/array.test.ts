import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Brick } from '../../../../src/stack/embedded/array/brick.js';
import { ArrayClient } from '../../../../src/stack/embedded/array/client.js';
import { Heads } from '../../../../src/stack/embedded/array/heads.js';
import { isServed, type FileOperation } from '../../../../src/stack/embedded/array/protocol.js';
import { VolumeHealth, Mailbox } from '../../../../src/stack/embedded/store/mailbox.js';
import { Mount } from '../../../../src/stack/embedded/store/mount.js';
import { StorageError } from '../../../../src/stack/embedded/storage-error.js';
import type { Result } from '../../../../src/stack/embedded/array/brick.js';

const HOST = '127.0.0.1';
let dir = '';
let heads: Heads;
const closing: (() => Promise<void> | void)[] = [];

async function client(port: number, silenceMs = 5_000): Promise<ArrayClient> {
  const made = new ArrayClient('test', { host: HOST, port }, silenceMs);
  closing.push(() => {
    made.close();
  });
  await made.ready();
  return made;
}

/** The errno of an operation; null where it went well. */
async function errnoOf(
  made: ArrayClient,
  operation: FileOperation,
  payload?: Buffer,
): Promise<string | null> {
  try {
    await made.perform(operation, payload);
    return null;
  } catch (error) {
    if (error instanceof StorageError) return error.errno;
    throw error;
  }
}

async function someFile(made: ArrayClient): Promise<void> {
  await made.perform({ op: 'create', path: 'file' });
  await made.perform({ op: 'write', path: 'file', offset: 0 }, Buffer.from('content'));
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobounce-array-'));
  heads = new Heads(new Brick(dir));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  for (const kind of ['healthy', 'read-only', 'faulty', 'slow'] as const) await heads.close(kind);
  await rm(dir, { recursive: true, force: true });
});

describe('the heads of an array', () => {
  it('keep what was written', async () => {
    const made = await client(await heads.open({ kind: 'healthy' }, 0));
    await someFile(made);
    await made.perform({ op: 'fsync', path: 'file' });
    await made.perform({ op: 'mkdir', path: 'a/b' });
    await made.perform({ op: 'rename', path: 'file', to: 'a/b/moved' });
    expect((await made.perform({ op: 'read', path: 'a/b/moved' })).payload.toString()).toBe('content');
    expect((await made.perform({ op: 'readdir', path: 'a/b' })).names).toEqual(['moved']);
    expect(await errnoOf(made, { op: 'open', path: 'file' })).toBe('ENOENT');
    expect(await errnoOf(made, { op: 'read', path: '../../etc/passwd' })).toBe('EACCES');
  });

  it('read-only: refuses every change with EROFS, and reads', async () => {
    await someFile(await client(await heads.open({ kind: 'healthy' }, 0)));
    const made = await client(await heads.open({ kind: 'read-only' }, 0));
    for (const operation of [
      { op: 'create', path: 'new' },
      { op: 'write', path: 'file', offset: 0 },
      { op: 'truncate', path: 'file', bytes: 1 },
      { op: 'rename', path: 'file', to: 'new' },
      { op: 'unlink', path: 'file' },
      { op: 'mkdir', path: 'folder' },
    ] as const) {
      expect(await errnoOf(made, operation)).toBe('EROFS');
    }
    expect((await made.perform({ op: 'read', path: 'file' })).payload.toString()).toBe('content');
  });

  it('faulty: fails the chosen operations alone, with the chosen errno, as often as asked', async () => {
    const spec = { kind: 'faulty', errno: 'ESTALE', operations: ['write', 'read'], probability: 1 } as const;
    const made = await client(await heads.open(spec, 0));
    await made.perform({ op: 'create', path: 'file' });
    expect(await errnoOf(made, { op: 'write', path: 'file', offset: 0 }, Buffer.from('x'))).toBe('ESTALE');
    expect(await errnoOf(made, { op: 'read', path: 'file' })).toBe('ESTALE');
    expect(await errnoOf(made, { op: 'fsync', path: 'file' })).toBeNull();
    await heads.open({ ...spec, probability: 0.5 }, 0);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => errnoOf(made, { op: 'read', path: 'file' })),
    );
    expect(new Set(answers)).toEqual(new Set(['ESTALE', null]));
  });

  it('refuse what is left of a session whose client has come back (fencing)', async () => {
    const port = await heads.open({ kind: 'healthy' }, 0);
    const before = await client(port);
    await before.perform({ op: 'create', path: 'before' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await client(port);
    expect(await errnoOf(before, { op: 'create', path: 'after' })).toBe('ESTALE');
  });

  it('serve the operations that a scenario may name', () => {
    for (const name of ['write', 'fsync', 'read', 'rename', 'open', 'unlink', 'truncate'])
      expect(isServed(name)).toBe(true);
    expect(isServed('hello')).toBe(false);
    expect(isServed('defragment')).toBe(false);
  });
});

describe('the network client of a volume', () => {
  it('answers ENOTCONN at once while nobody listens, and comes back by itself', async () => {
    const port = await heads.open({ kind: 'healthy' }, 0);
    const made = await client(port);
    await heads.close('healthy');
    await expect.poll(() => errnoOf(made, { op: 'readdir', path: '.' })).toBe('ENOTCONN');
    await heads.open({ kind: 'healthy' }, port);
    await made.ready();
    expect(await errnoOf(made, { op: 'readdir', path: '.' })).toBeNull();
  });

  it('gives up an array that is silent, and says ENOTCONN', async () => {
    await heads.open({ kind: 'slow', delayMs: 60_000, share: 1 }, 0);
    const port = await heads.open({ kind: 'slow', delayMs: 60_000, share: 1 }, 0);
    const made = await client(port, 200);
    expect(await errnoOf(made, { op: 'readdir', path: '.' })).toBe('ENOTCONN');
  });

  it('survives a peer that does not speak the protocol', async () => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('220 mail.example ESMTP, and some more words\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    closing.push(() => {
      server.close();
    });
    const address = server.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const made = new ArrayClient('test', { host: HOST, port }, 1_000);
    closing.push(() => {
      made.close();
    });
    expect(await errnoOf(made, { op: 'readdir', path: '.' })).toBe('ENOTCONN');
  });
});

/** A mount that loses the answer to a rename, once: the array did it, and nobody knows. */
class ForgetfulMount extends Mount {
  loseNext = false;

  override async perform(operation: FileOperation, payload?: Buffer): Promise<Result> {
    const result = await super.perform(operation, payload);
    if (this.loseNext && operation.op === 'rename' && operation.to.includes('/new/')) {
      this.loseNext = false;
      throw new StorageError('rename', 'ENOTCONN', operation.path);
    }
    return result;
  }
}

describe('a mailbox of the model store', () => {
  async function mailbox(): Promise<{ mount: ForgetfulMount; box: Mailbox; open: () => Mailbox }> {
    const port = await heads.open({ kind: 'healthy' }, 0);
    const mount = new ForgetfulMount('gold', { host: HOST, port }, join(dir, '.bare'), 10_000);
    closing.push(() => {
      mount.unmount();
    });
    await mount.mount();
    const open = (): Mailbox => new Mailbox('u1@libero.test', mount, new VolumeHealth(), undefined);
    const box = open();
    await box.provision();
    return { mount, box, open };
  }

  it('keeps UIDs, flags and UIDVALIDITY over a restart', async () => {
    const { box, open } = await mailbox();
    await box.deliver(Buffer.from('Subject: 1\r\n\r\none\r\n'));
    await box.list();
    await box.deliver(Buffer.from('Subject: 2\r\n\r\ntwo\r\n'));
    await box.list();
    const before = await box.setFlags(new Set([2]), () => ['\\Seen']);
    expect(before.entries.map(({ uid, flags }) => ({ uid, flags }))).toEqual([
      { uid: 1, flags: [] },
      { uid: 2, flags: ['\\Seen'] },
    ]);
    const again = open();
    await again.provision();
    expect(await again.list()).toEqual(before);
    expect((await again.read(before.entries[1]?.file ?? '')).toString()).toContain('two');
  });

  it('stores a message once though the answer to its rename was lost', async () => {
    const { mount, box } = await mailbox();
    const message = Buffer.from('Subject: x\r\n\r\nonce\r\n');
    mount.loseNext = true;
    await expect(box.deliver(message)).rejects.toThrow('ENOTCONN');
    await box.deliver(message);
    expect((await box.list()).entries).toHaveLength(1);
    // The same content sent again on purpose is another message.
    await box.deliver(message);
    expect((await box.list()).entries).toHaveLength(2);
  });

  it('is never shown empty, and takes nothing, on a bare mount point', async () => {
    const { mount, box } = await mailbox();
    await box.deliver(Buffer.from('Subject: x\r\n\r\nkept\r\n'));
    await box.list();
    mount.unmount();
    await expect(box.list()).rejects.toThrow(StorageError);
    await expect(box.deliver(Buffer.from('Subject: y\r\n\r\n'))).rejects.toThrow('EACCES');
    await mount.mount();
    expect((await box.list()).entries).toHaveLength(1);
  });
});
