import type { HeadSpec } from '../../../src/fault/act.js';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Volume } from '../../../src/stack/stack.js';
import type { StorageStep } from '../../../src/stack/undo.js';

/** What a head of the toy array answers to every line: which head it is. */
function nameOf(spec: HeadSpec): string {
  switch (spec.kind) {
    case 'healthy':
    case 'read-only':
      return spec.kind;
    case 'faulty':
      return `faulty ${spec.errno} ${spec.operations.join(',')} ${String(spec.probability)}`;
    case 'slow':
      return `slow ${String(spec.delayMs)} ${String(spec.share)}`;
  }
}

/** Long enough to tell a slow path from a fast one on a slow machine, whichever head answers. */
const FILLER = ' '.repeat(64 * 1_024);

interface Head {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly port: number;
}

/** A volume without storage: each head is a TCP server on this machine that answers each line with its name. */
export class ToyVolume implements Volume, AsyncDisposable {
  readonly name = 'gold';
  readonly proxy = 'storage-gold';
  mounted = true;
  readonly #heads = new Map<HeadSpec['kind'], Head>();
  /** A head comes back on the port that it had, as an array's does. */
  readonly #ports = new Map<HeadSpec['kind'], number>();

  get heads(): readonly string[] {
    return [...this.#heads.keys()];
  }

  async openHead(spec: HeadSpec): Promise<string> {
    const open = this.#heads.get(spec.kind);
    if (open !== undefined) return `127.0.0.1:${String(open.port)}`;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        const lines = bytes.toString().split('\n').length - 1;
        socket.write(`${nameOf(spec)}${FILLER}\n`.repeat(lines));
      });
    });
    server.listen(this.#ports.get(spec.kind) ?? 0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    this.#ports.set(spec.kind, bound.port);
    this.#heads.set(spec.kind, { server, sockets, port: bound.port });
    return `127.0.0.1:${String(bound.port)}`;
  }

  async closeHead(kind: HeadSpec['kind']): Promise<void> {
    const head = this.#heads.get(kind);
    if (head === undefined) return;
    this.#heads.delete(kind);
    const closed = once(head.server, 'close');
    head.server.close();
    for (const socket of head.sockets) socket.resetAndDestroy();
    await closed;
  }

  async crash(): Promise<void> {
    await Promise.all([...this.#heads.keys()].map((kind) => this.closeHead(kind)));
  }

  readonly undo: Volume['undo'] = {
    openHead: (kind) => ({
      before: [],
      upstream: `127.0.0.1:${String(this.#ports.get('healthy'))}`,
      after: [{ via: 'child', service: 'array', act: { do: 'close-head', kind } }],
    }),
    crash: () => [{ via: 'child', service: 'array', act: { do: 'restart' } }],
    unmount: () => [{ via: 'child', service: 'store', act: { do: 'mount', volume: this.name } }],
  };

  async carryOut(step: StorageStep): Promise<void> {
    if (step.via !== 'child') throw new Error('there is no container here');
    switch (step.act.do) {
      case 'close-head':
        return this.closeHead(step.act.kind);
      case 'restart':
        await this.openHead({ kind: 'healthy' });
        return;
      case 'mount':
        this.mounted = true;
    }
  }

  unmount(): Promise<void> {
    this.mounted = false;
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
  }
}

/** What a client of the path gets for one line: the head's name, nothing for a while, or how the connection ended. */
export type Answer = { readonly head: string } | 'nothing for a while' | 'refused' | 'reset' | 'closed';

/** So long without an answer is silence. A fast path needs a few milliseconds, a slow machine some more. */
const SILENCE_MS = 400;

/** A client of the path, as the mount is: it keeps its connection. */
export class PathClient implements Disposable {
  readonly #socket: Socket;
  #received = '';
  #end: 'refused' | 'reset' | 'closed' | undefined;
  #changed: () => void = () => undefined;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (bytes) => {
      this.#received += bytes.toString();
      this.#changed();
    });
    this.#socket.on('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      this.#end ??= code === 'ECONNREFUSED' ? 'refused' : 'reset';
      this.#changed();
    });
    this.#socket.on('close', () => {
      this.#end ??= 'closed';
      this.#changed();
    });
  }

  /** Sends a line and waits for its answer. */
  ask(): Promise<Answer> {
    this.#received = '';
    this.#socket.write('ping\n');
    return this.answer();
  }

  /** Waits for the answer to what was sent before. */
  async answer(): Promise<Answer> {
    let isSilent = false;
    const timer = setTimeout(() => {
      isSilent = true;
      this.#changed();
    }, SILENCE_MS);
    const done = (): boolean => this.#received.includes('\n') || this.#end !== undefined || isSilent;
    while (!done()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    clearTimeout(timer);
    if (this.#received.includes('\n')) return { head: this.#received.split('\n')[0]?.trim() ?? '' };
    return this.#end ?? 'nothing for a while';
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** What a new connection gets. */
export async function askAnew(port: number): Promise<Answer> {
  using client = new PathClient(port);
  return await client.ask();
}
