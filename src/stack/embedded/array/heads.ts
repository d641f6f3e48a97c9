import type { HeadSpec } from '../../../fault/act.js';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after } from '../../../units/timer.js';
import { StorageError } from '../storage-error.js';
import type { Brick } from './brick.js';
import { encodeFrame, FrameReader } from './frames.js';
import { CHANGES, requestSchema, type ArrayRequest, type Operation } from './protocol.js';

const lasting = (ms: number): Promise<void> => new Promise((resolve) => void after(ms, resolve));

/** The newest session of each client, over all heads of an array. */
class Fence {
  readonly #epochs = new Map<string, number>();

  /** False where the client has a newer session. */
  enter(client: string, epoch: number): boolean {
    if ((this.#epochs.get(client) ?? 0) > epoch) return false;
    this.#epochs.set(client, epoch);
    return true;
  }
}

interface Session {
  readonly client: string;
  readonly epoch: number;
}

/** One TCP endpoint with one behaviour. */
class Head {
  readonly #brick: Brick;
  readonly #fence: Fence;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  spec: HeadSpec;

  constructor(spec: HeadSpec, brick: Brick, fence: Fence) {
    this.spec = spec;
    this.#brick = brick;
    this.#fence = fence;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#serve(socket);
    });
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let session: Session | undefined;
    const answer = (header: object, payload?: Buffer): void => {
      if (!socket.destroyed) socket.write(encodeFrame(header, payload));
    };
    const reader = new FrameReader((header, payload) => {
      const request = requestSchema.parse(header);
      if (request.op === 'hello') {
        session = { client: request.client, epoch: request.epoch };
        answer({ id: request.id, errno: this.#fence.enter(request.client, request.epoch) ? null : 'ESTALE' });
        return;
      }
      this.#perform(session, request, payload).then(
        ({ errno, names, data }) => {
          answer({ id: request.id, errno, names }, data);
        },
        (error: unknown) => {
          socket.destroy(error instanceof Error ? error : undefined);
        },
      );
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        // Not our protocol: whoever this is, there is nothing to answer.
        socket.destroy();
      }
    });
    socket.on('error', () => {
      socket.destroy();
    });
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async #perform(
    session: Session | undefined,
    request: Exclude<ArrayRequest, { op: 'hello' }>,
    payload: Buffer,
  ): Promise<{ errno: string | null; names?: readonly string[]; data?: Buffer }> {
    await this.#linger();
    // Looked at last: what waited in the network or here while its client came back is refused.
    if (session === undefined || !this.#fence.enter(session.client, session.epoch))
      return { errno: 'ESTALE' };
    const errno = this.#refusal(request.op);
    if (errno !== null) return { errno };
    try {
      const { names, payload: data } = await this.#brick.perform(request, payload);
      return { errno: null, names, data };
    } catch (error) {
      if (error instanceof StorageError) return { errno: error.errno };
      throw error;
    }
  }

  async #linger(): Promise<void> {
    if (this.spec.kind === 'slow' && Math.random() < this.spec.share) await lasting(this.spec.delayMs);
  }

  #refusal(operation: Operation): string | null {
    const { spec } = this;
    if (spec.kind === 'read-only') return CHANGES.has(operation) ? 'EROFS' : null;
    if (spec.kind !== 'faulty' || !spec.operations.includes(operation)) return null;
    return Math.random() < spec.probability ? spec.errno : null;
  }
}

/** All heads of one volume's array. */
export class Heads {
  readonly #brick: Brick;
  readonly #fence = new Fence();
  readonly #heads = new Map<HeadSpec['kind'], Head>();

  constructor(brick: Brick) {
    this.#brick = brick;
  }

  /** Serves a head, at `port` or any free one; gives its port once it listens. One that is open takes the new spec. */
  async open(spec: HeadSpec, port: number): Promise<number> {
    const open = this.#heads.get(spec.kind);
    if (open !== undefined) {
      open.spec = spec;
      return open.port;
    }
    const head = new Head(spec, this.#brick, this.#fence);
    await head.listen(port);
    this.#heads.set(spec.kind, head);
    return head.port;
  }

  /** A head that is not open is no error. */
  async close(kind: HeadSpec['kind']): Promise<void> {
    const head = this.#heads.get(kind);
    this.#heads.delete(kind);
    await head?.close();
  }
}
