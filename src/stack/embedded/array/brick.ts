import { mkdir, open, readdir, readFile, rename, truncate, unlink } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { errnoOf, StorageError } from '../storage-error.js';
import type { FileOperation, FileRange } from './protocol.js';

const NOTHING = Buffer.alloc(0);

export interface Result {
  readonly payload: Buffer;
  readonly names: readonly string[];
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readPart(path: string, range: FileRange | undefined): Promise<Buffer> {
  if (range === undefined) return readFile(path);
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const part = Buffer.alloc(Math.max(0, Math.min(range.bytes, size - range.offset)));
    let done = 0;
    while (done < part.length) {
      const { bytesRead } = await handle.read(part, done, part.length - done, range.offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return part.subarray(0, done);
  } finally {
    await handle.close();
  }
}

/** The files of one volume, in a folder of this machine. */
export class Brick {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Carries out one operation. Throws a StorageError with the errno of this machine's own file system. */
  async perform(operation: FileOperation, payload: Buffer = NOTHING): Promise<Result> {
    try {
      return await this.#perform(operation, payload);
    } catch (error) {
      throw new StorageError(operation.op, errnoOf(error), operation.path);
    }
  }

  async #perform(operation: FileOperation, payload: Buffer): Promise<Result> {
    const path = this.#inside(operation.path);
    switch (operation.op) {
      case 'create':
        await (await open(path, 'wx', 0o600)).close();
        break;
      case 'write': {
        const handle = await open(path, 'r+');
        try {
          for (let done = 0; done < payload.length;) {
            const left = payload.length - done;
            done += (await handle.write(payload, done, left, operation.offset + done)).bytesWritten;
          }
        } finally {
          await handle.close();
        }
        break;
      }
      case 'truncate':
        await truncate(path, operation.bytes);
        break;
      case 'fsync':
        await syncPath(path);
        break;
      case 'rename': {
        const to = this.#inside(operation.to);
        await rename(path, to);
        await syncPath(dirname(to));
        break;
      }
      case 'open':
        await (await open(path, 'r')).close();
        break;
      case 'read':
        return { payload: await readPart(path, operation.range), names: [] };
      case 'unlink':
        await unlink(path);
        break;
      case 'mkdir':
        await mkdir(path, { recursive: true, mode: 0o700 });
        break;
      case 'readdir':
        return { payload: NOTHING, names: await readdir(path) };
    }
    return { payload: NOTHING, names: [] };
  }

  #inside(path: string): string {
    const clean = normalize(path);
    if (clean.startsWith('..') || clean.startsWith('/')) {
      throw Object.assign(new Error(`${path} is outside the volume`), { code: 'EACCES' });
    }
    return join(this.#root, clean);
  }
}
