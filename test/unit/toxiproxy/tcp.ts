import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pause, within } from '../../support/waiting.js';

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
      await within(RECEIVE_MS, 'the server of the test closes', closed, () => ({ sockets: sockets.size }));
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

  /** What a test that waits in vain should tell. */
  readonly seen = (): unknown => ({
    receivedBytes: this.received.length,
    ended: this.ended,
    errorCode: this.errorCode,
    localPort: this.socket.localPort,
  });

  get ended(): boolean {
    return this.#ended || this.#error !== undefined;
  }

  /** Resolves once this many bytes were read; rejects if the connection ends before. */
  async receive(byteCount: number): Promise<Buffer> {
    await this.#until(
      `${String(byteCount)} bytes are received`,
      () => this.received.length >= byteCount || this.ended,
    );
    if (this.received.length < byteCount) {
      throw new Error(`the connection ended after ${String(this.received.length)} bytes`);
    }
    return this.received;
  }

  /** Resolves to all that was read once the other side has ended, closed or reset the connection. */
  async receiveAll(): Promise<Buffer> {
    await this.#until('the connection ends', () => this.ended);
    return this.received;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const holds = async (): Promise<void> => {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          this.#changed = resolve;
        });
      }
    };
    await within(RECEIVE_MS, what, holds(), this.seen);
  }
}

const opened = new Set<TestClient>();

/** Closes all clients that are open still: those of a test that failed must not keep the next one from starting. */
export function closeClients(): void {
  for (const client of opened) client[Symbol.dispose]();
  opened.clear();
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
  opened.add(client);
  socket.once('close', () => opened.delete(client));
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  await within(RECEIVE_MS, `a connection to port ${String(portOf(portOrAddress))}`, connected, () => ({
    readyState: socket.readyState,
  }));
  return client;
}

/** The port of `host:port`. */
export function portOf(portOrAddress: number | string): number {
  if (typeof portOrAddress === 'number') return portOrAddress;
  return Number(portOrAddress.slice(portOrAddress.lastIndexOf(':') + 1));
}

/** For what a test waits for and expects at once: so long only where something is wrong, or the machine very busy. */
const RECEIVE_MS = 20_000;

/** Bytes that tell where they were in the stream, so that loss, doubling and wrong order show. */
export function patternBytes(byteCount: number): Buffer {
  const bytes = Buffer.allocUnsafe(byteCount);
  for (let i = 0; i < byteCount; i++) bytes[i] = (i * 31 + (i >> 8) * 17 + (i >> 16)) & 0xff;
  return bytes;
}

/** A dial on this machine takes no millisecond: one that is open after so long, and after another's success, gets no answer. */
const UNANSWERED_MS = 500;

/** A listener that answers nobody: its process never accepts, and its queue of connections is full. */
export async function startBlackHole(): Promise<{ readonly address: string } & AsyncDisposable> {
  // Blocked before its loop turns once, so that it accepts nobody, however late a signal would come.
  const code = `const s = require('net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    require('fs').writeSync(1, String(s.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const started = once(child.stdout, 'data');
  const said: unknown[] = await within(RECEIVE_MS, 'the black hole listens', started, () => child.exitCode);
  const port = Number(String(said[0]));
  const fillers: Socket[] = [];
  // How many the system holds for a backlog of 1 differs; the first that is not answered is given up.
  while (await isAnswered(port, fillers));
  fillers.pop()?.destroy();
  return {
    address: `127.0.0.1:${String(port)}`,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await within(RECEIVE_MS, 'the black hole ends', exited, () => child.exitCode);
    },
  };
}

/** Dials a port; whether it connects, with time to spare for a machine that is busy with other things. */
async function isAnswered(port: number, dialled: Socket[]): Promise<boolean> {
  const filler = connect({ host: '127.0.0.1', port });
  dialled.push(filler);
  const answered = once(filler, 'connect').then(() => true);
  if (await Promise.race([answered, pause(50).then(() => false)])) return true;
  await using control = await startServer((socket) => socket.end());
  using reachable = await open(control.port);
  await reachable.receiveAll();
  return await Promise.race([answered, pause(UNANSWERED_MS).then(() => false)]);
}
