import { mkdirSync } from 'node:fs';
import { withDeadline } from '../../../errors/deadline.js';
import type { Address } from '../../stack.js';
import { Brick, type Result } from '../array/brick.js';
import { ArrayClient } from '../array/client.js';
import { CHANGES, type FileOperation, type FileRange } from '../array/protocol.js';
import { StorageError } from '../storage-error.js';

const MOUNT_TIMEOUT_MS = 15_000;

/**
 * A volume where the store sees it: on the array while it is mounted, else the bare mount point on this machine, which
 * nobody may write to.
 */
export class Mount {
  readonly name: string;
  readonly #address: Address;
  readonly #silenceMs: number;
  readonly #bare: Brick;
  #client: ArrayClient | undefined;

  /** @param silenceMs how long a silent array is waited for, before all that is under way ends with ENOTCONN. */
  constructor(name: string, address: Address, mountPoint: string, silenceMs: number) {
    this.name = name;
    this.#address = address;
    this.#silenceMs = silenceMs;
    mkdirSync(mountPoint, { recursive: true });
    this.#bare = new Brick(mountPoint);
  }

  get mounted(): boolean {
    return this.#client !== undefined;
  }

  /** Resolves once the array answers; already mounted is no error. Throws a DeadlineError. */
  async mount(): Promise<void> {
    this.#client ??= new ArrayClient('store', this.#address, this.#silenceMs);
    await withDeadline(this.#client.ready(), MOUNT_TIMEOUT_MS, `mounting ${this.name}`);
  }

  /** What is under way on the volume ends with ENOTCONN. */
  unmount(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  /** Throws a StorageError. */
  async perform(operation: FileOperation, payload?: Buffer): Promise<Result> {
    if (this.#client !== undefined) return this.#client.perform(operation, payload);
    // The mount point belongs to the system, as it should: its owner's mail must not go under a lost mount.
    if (CHANGES.has(operation.op)) throw new StorageError(operation.op, 'EACCES', operation.path);
    return this.#bare.perform(operation);
  }

  async read(path: string, range?: FileRange): Promise<Buffer> {
    await this.perform({ op: 'open', path });
    const operation =
      range === undefined ? { op: 'read' as const, path } : { op: 'read' as const, path, range };
    return (await this.perform(operation)).payload;
  }

  /** Writes a new file and waits until it is on disk. */
  async writeNew(path: string, content: Buffer): Promise<void> {
    await this.perform({ op: 'create', path });
    await this.perform({ op: 'write', path, offset: 0 }, content);
    await this.perform({ op: 'fsync', path });
  }
}
