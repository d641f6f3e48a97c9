import { connect, createServer, type Server, type Socket } from 'node:net';
import { readJson } from './json.js';
import { Metrics } from './metrics.js';
import { closeServer, Proxy } from './proxy.js';

/** So many connections with each of these, half of them with a little data and half with much. */
const ROUNDS = 8;
const TOXICS = [
  [],
  ['latency', 'bandwidth'].map((type) => ({ type, attributes: { latency: 1, rate: 10_000_000 } })),
  ['slicer', 'limit_data', 'slow_close'].map((type) => ({
    type,
    attributes: { average_size: 65_536, bytes: 1e9 },
  })),
];
const MESSAGE = Buffer.alloc(64);
const BULK = Buffer.alloc(128 * 1024);
/** Longer than it takes on any machine that works; then the server starts cold. */
const DEADLINE_MS = 2_000;

let done: Promise<void> | undefined;

/**
 * Lets data through a proxy of its own, once in a process, so that a server's first connection finds
 * everything loaded and compiled: it would be 5 to 8 ms late otherwise, which a test with short delays sees.
 * Where that cannot be done nothing is wrong but the speed of the first connections.
 */
export async function warmUp(): Promise<void> {
  done ??= passData();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DEADLINE_MS);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
}

async function passData(): Promise<void> {
  const echo = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', ignore).pipe(socket));
  const closing = new AbortController();
  try {
    const upstream = `127.0.0.1:${String(await listen(echo))}`;
    for (const toxics of TOXICS) {
      const options = { name: 'warm-up', listen: '127.0.0.1:0', upstream };
      const proxy = new Proxy({ ...options, metrics: new Metrics(), closing: closing.signal });
      for (const stream of ['upstream', 'downstream']) {
        for (const toxic of toxics) proxy.toxics.add(readJson(JSON.stringify({ ...toxic, stream })));
      }
      await proxy.start();
      const port = Number(proxy.listen.slice(proxy.listen.lastIndexOf(':') + 1));
      for (let round = 0; round < ROUNDS; round++) await visit(port, round % 2 === 0 ? MESSAGE : BULK);
      await proxy.stop();
    }
  } catch {
    // No loopback, no free descriptor: the server itself will say what matters of it.
  } finally {
    await closeServer(echo);
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no address');
  return address.port;
}

/** Sends the bytes and reads them back. */
async function visit(port: number, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket: Socket = connect({ host: '127.0.0.1', port });
    socket.on('error', ignore).on('close', () => {
      resolve();
    });
    socket.resume().end(bytes);
  });
}

function ignore(): void {
  // What goes wrong with a connection of the warm-up ends it, and is nobody's concern.
}
