/** The processes at both ends of a measured proxy: `tsx bench/toxiproxy-peers.ts ROLE ARGUMENT...`, one line of JSON each. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const BULK_MS = 1_000;
const WRITE_BYTES = 256 * 1024;
/** The last byte of a bulk transfer. An end of stream would not do: the original does not pass half-closes on. */
const END_MARK = 0;
const MESSAGE_BYTES = 64;
const MESSAGES = 8_000;
const AT_ONCE = 50;

/** The server: one port that reads everything and answers the end mark with one byte, one that echoes. */
async function farEnd(): Promise<unknown> {
  const quiet = (socket: Socket): Socket => socket.on('error', () => undefined);
  const sink = createServer((socket) => {
    quiet(socket).on('data', (bytes) => {
      if (bytes.at(-1) === END_MARK) socket.write('.');
    });
  });
  const echo = createServer({ noDelay: true }, (socket) => {
    quiet(socket).on('data', (bytes) => socket.write(bytes));
  });
  return { sink: await listen(sink), echo: await listen(echo) };
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Writes as fast as it goes for a while; the bytes and seconds until the far end had read everything. */
async function bulk(port: number, count: number): Promise<unknown> {
  const payload = Buffer.alloc(WRITE_BYTES, 'x');
  const sockets = await Promise.all(Array.from({ length: count }, async () => open(port)));
  let bytes = 0;
  const startedAt = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      const answered = once(socket, 'data');
      while (performance.now() - startedAt < BULK_MS) {
        bytes += payload.length;
        if (!socket.write(payload)) await once(socket, 'drain');
      }
      socket.write(Buffer.of(END_MARK));
      await answered;
    }),
  );
  return { bytes, seconds: (performance.now() - startedAt) / 1_000 };
}

/** Sends so many bytes in one go; milliseconds until the far end had the last one. */
async function timed(port: number, bytes: number): Promise<unknown> {
  const socket = await open(port);
  const payload = Buffer.alloc(bytes, 'x');
  payload[bytes - 1] = END_MARK;
  const answered = once(socket, 'data');
  const startedAt = performance.now();
  socket.write(payload);
  await answered;
  return { ms: performance.now() - startedAt };
}

/** Sends one message at a time; percentiles of the round-trip time. */
async function echo(port: number): Promise<unknown> {
  const socket = await open(port);
  const message = Buffer.alloc(MESSAGE_BYTES, 'x');
  const micros: number[] = [];
  await new Promise<void>((resolve) => {
    let sentAt = performance.now();
    let received = 0;
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (received < MESSAGE_BYTES) return;
      micros.push((performance.now() - sentAt) * 1_000);
      received = 0;
      if (micros.length === MESSAGES) {
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(message);
    });
    socket.write(message);
  });
  // The first quarter warms up the compilers of all three processes.
  const sorted = micros.slice(MESSAGES / 4).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50Micros: at(0.5), p99Micros: at(0.99) };
}

/** Opens connections, each for one byte and its echo, some at once; how many a second. */
async function connections(port: number, count: number): Promise<unknown> {
  let left = count;
  const startedAt = performance.now();
  const visit = async (): Promise<void> => {
    const socket = await open(port);
    socket.write('x');
    await once(socket, 'data');
    socket.end();
    await once(socket, 'close');
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await visit();
    }),
  );
  return { perSecond: (count / (performance.now() - startedAt)) * 1_000 };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

const ROLES: Readonly<Record<string, (port: number, amount: number) => Promise<unknown>>> = {
  'far-end': farEnd,
  bulk,
  timed,
  echo,
  connections,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [role = '', port, amount] = process.argv.slice(2);
  console.log(JSON.stringify(await ROLES[role]?.(Number(port), Number(amount))));
}
