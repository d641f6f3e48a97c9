import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'vitest';

/** A TCP server of a test, on 127.0.0.1. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly address: string;
  /** The sockets it has accepted and that are open. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Starts a server that hands every connection to `serve`; half-open sockets are allowed. */
export async function startServer(serve: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 });
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    port: bound.port,
    address: `127.0.0.1:${String(bound.port)}`,
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A server that sends back what it gets, and ends when its client does. */
export async function startEcho(): Promise<TestServer> {
  return startServer((socket) => socket.pipe(socket));
}

/** A client of a test that remembers what it has read and how its connection ended. */
export class TestClient implements Disposable {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  #ended = false;
  #error: Error | undefined;
  #changed: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#chunks.push(bytes);
      this.#changed();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#changed();
    });
    socket.on('error', (error) => {
      this.#error = error;
      this.#changed();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#changed();
    });
  }

  /** What was read so far. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** How many reads that took. */
  get reads(): number {
    return this.#chunks.length;
  }

  /** The code of the error that ended the connection, e.g. `ECONNRESET`. */
  get errorCode(): string | undefined {
    return this.#error !== undefined && 'code' in this.#error ? String(this.#error.code) : undefined;
  }

  get ended(): boolean {
    return this.#ended || this.#error !== undefined;
  }

  /** Resolves once this many bytes were read; rejects if the connection ends before. */
  async receive(byteCount: number): Promise<Buffer> {
    await this.#until(() => this.received.length >= byteCount || this.ended);
    if (this.received.length < byteCount) {
      throw new Error(`the connection ended after ${String(this.received.length)} bytes`);
    }
    return this.received;
  }

  /** Resolves to all that was read once the other side has ended, closed or reset the connection. */
  async receiveAll(): Promise<Buffer> {
    await this.#until(() => this.ended);
    return this.received;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

/** Connects to `127.0.0.1:port`, or to the port of an address like `[::]:port`. */
export async function open(portOrAddress: number | string): Promise<TestClient> {
  const socket = connect({
    host: '127.0.0.1',
    port: portOf(portOrAddress),
    allowHalfOpen: true,
    noDelay: true,
  });
  const client = new TestClient(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return client;
}

/** The port of `host:port`. */
export function portOf(portOrAddress: number | string): number {
  if (typeof portOrAddress === 'number') return portOrAddress;
  return Number(portOrAddress.slice(portOrAddress.lastIndexOf(':') + 1));
}

const EVENTUALLY_MS = 15_000;

/** Resolves once the condition holds; asserts it, with what was `saw`n, when it does not in time. */
export async function eventually(condition: () => boolean, saw?: () => unknown): Promise<void> {
  const endsAtMs = performance.now() + EVENTUALLY_MS;
  while (!condition() && performance.now() < endsAtMs) await pause(5);
  const seen = saw === undefined ? '' : `; at the end: ${JSON.stringify(saw())}`;
  expect(condition(), `within ${String(EVENTUALLY_MS / 1_000)} s: ${condition.toString()}${seen}`).toBe(true);
}

export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Bytes that tell where they were in the stream, so that loss, doubling and wrong order show. */
export function patternBytes(byteCount: number): Buffer {
  const bytes = Buffer.allocUnsafe(byteCount);
  for (let i = 0; i < byteCount; i++) bytes[i] = (i * 31 + (i >> 8) * 17 + (i >> 16)) & 0xff;
  return bytes;
}

/** A listener that answers nobody: its process is stopped and its queue of connections is full. */
export async function startBlackHole(): Promise<{ readonly address: string } & AsyncDisposable> {
  const code = `const s = require('net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => console.log(s.address().port))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(String((await once(child.stdout, 'data'))[0]));
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  let isFull = false;
  while (!isFull) {
    const filler = connect({ host: '127.0.0.1', port });
    filler.on('error', () => undefined);
    isFull = await Promise.race([once(filler, 'connect').then(() => false), pause(200).then(() => true)]);
    fillers.push(filler);
  }
  return {
    address: `127.0.0.1:${String(port)}`,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
