import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ServerProcess, startServerProcess } from './server-process.js';
import { pause } from '../../support/waiting.js';
import { closeClients, open, portOf, startBlackHole, startServer, type TestServer } from './tcp.js';

/*
 * Every way in which two toxics can end one connection, in any order, on a server in a process of its own:
 * it holds nothing afterwards that it did not hold before, and ends when it is told to.
 */

/** Connections for each pair; `NOBOUNCE_TOXIC_PAIR_CONNECTIONS=2000` is the thorough run of docs/toxiproxy.md. */
const CONNECTIONS = Number(process.env['NOBOUNCE_TOXIC_PAIR_CONNECTIONS'] ?? '12');
const AT_ONCE = 200;
/** SIGTERM and the end of the process, whatever its sockets do. */
const END_MS = 1_000;
/** Enough for a hundred connections to end on a busy machine; a leak lasts for ever. */
const SETTLE_MS = 15_000;
/** More than a server may take to start, so that its own deadline tells what it said. */
const HOOK_MS = 30_000;

interface Variant {
  readonly type: string;
  readonly attributes: Readonly<Record<string, number>>;
}

const VARIANTS: readonly Variant[] = [
  { type: 'noop', attributes: {} },
  { type: 'latency', attributes: { latency: 1, jitter: 1 } },
  { type: 'bandwidth', attributes: { rate: 1_000 } },
  { type: 'slicer', attributes: { average_size: 1, delay: 10 } },
  ...[0, 1].flatMap((value) => [
    { type: 'slow_close', attributes: { delay: value } },
    { type: 'timeout', attributes: { timeout: value } },
    { type: 'reset_peer', attributes: { timeout: value } },
    { type: 'limit_data', attributes: { bytes: value } },
  ]),
];
const DIRECTED = VARIANTS.flatMap((variant) =>
  (['upstream', 'downstream'] as const).map((stream) => ({ ...variant, stream })),
);
type Directed = (typeof DIRECTED)[number];

let server: ServerProcess;
let upstream: TestServer;

beforeEach(async () => {
  server = await startServerProcess();
  // Sends one byte at once, and answers the end of the client's stream with its own.
  upstream = await startServer((socket) => {
    socket.write('u');
    socket.on('end', () => socket.end());
    socket.resume();
  });
}, HOOK_MS);

afterEach(async () => {
  server[Symbol.dispose]();
  await upstream[Symbol.asyncDispose]();
});

async function call(method: string, path: string, body?: unknown): Promise<string> {
  const response = await fetch(server.url + path, {
    method,
    // A connection of the API must not be counted as one of a proxy.
    headers: { Connection: 'close' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
  return text;
}

async function addProxy(name: string, toxics: readonly Directed[]): Promise<number> {
  const proxy = { name, listen: '127.0.0.1:0', upstream: upstream.address };
  const [, listen = ''] = /"listen":"([^"]+)"/.exec(await call('POST', '/proxies', proxy)) ?? [];
  for (const [index, toxic] of toxics.entries()) {
    await call('POST', `/proxies/${name}/toxics`, { name: `t${String(index)}`, ...toxic });
  }
  return portOf(listen);
}

/** Ways in which a client can leave: at once, after the first word, never by itself, rudely. */
const LEAVE: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.end(),
  (socket) => {
    socket.once('data', () => socket.end());
    socket.setTimeout(20, () => socket.end());
  },
  (socket) => socket.setTimeout(20, () => socket.end()),
  (socket) => socket.setTimeout(5, () => socket.resetAndDestroy()),
];

/** Opens a connection that sends one byte, and resolves when it is over. */
async function visit(port: number, index: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: index % 8 > 3 });
  // How a toxic ends the connection is not the subject here.
  socket.on('error', () => undefined);
  socket.on('end', () => {
    if (!socket.writableEnded) socket.end();
  });
  socket.resume();
  socket.write('c');
  LEAVE[index % LEAVE.length]?.(socket);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  // What neither side ends (a client's end that a toxic holds back, say) the client ends at last.
  const bored = setTimeout(() => socket.destroy(), 1_000);
  await closed;
  clearTimeout(bored);
}

async function visitAll(port: number, count: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, i) => done + i);
    await Promise.all(indexes.map(async (index) => visit(port, index)));
  }
}

/** Waits until the server holds no more than it should. Resolves to what it holds then, or at the deadline. */
async function settled(wanted: Readonly<Record<string, number>>): Promise<Readonly<Record<string, number>>> {
  const endsAtMs = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await server.resources();
    const isSettled = Object.entries(now).every(([kind, count]) => count <= (wanted[kind] ?? 0));
    if (isSettled || performance.now() > endsAtMs) return now;
    await pause(10);
  }
}

function nameOf({ type, stream, attributes }: Directed): string {
  return `${type} ${stream} ${JSON.stringify(attributes)}`;
}

describe('two toxics on one connection', () => {
  it.each(DIRECTED.map((first) => [nameOf(first), first] as const))(
    'after %s any other',
    async (_, first) => {
      // The listener of the API, and nothing else.
      const idle = { TCPServerWrap: 1 };
      expect(await settled(idle)).toEqual(idle);
      for (const second of DIRECTED) {
        const port = await addProxy('p', [first, second]);
        await visitAll(port, CONNECTIONS);
        // The proxy's listener is there still; its connections are not.
        const after = await settled({ TCPServerWrap: 2 });
        expect(after, nameOf(second)).toEqual({ TCPServerWrap: 2 });
        await call('DELETE', '/proxies/p');
      }
      expect(await settled(idle)).toEqual(idle);
      const { code, ms } = await server.end('SIGTERM', 5_000);
      expect(code).toBe(0);
      expect(ms).toBeLessThan(END_MS);
    },
    CONNECTIONS * 2_000 + 60_000,
  );
});

/** What can befall connections while toxics, peers and the API are all at work on them. */
const ACTS: Readonly<Record<string, () => Promise<unknown>>> = {
  'its proxy is deleted': () => call('DELETE', '/proxies/p'),
  'its proxy is disabled': () => call('PATCH', '/proxies/p', { enabled: false }),
  'its upstream is changed': () => call('PATCH', '/proxies/p', { upstream: '127.0.0.1:1' }),
  'its first toxic is removed': () => call('DELETE', '/proxies/p/toxics/t0'),
  'its second toxic is changed': () => call('PATCH', '/proxies/p/toxics/t1', { toxicity: 0 }),
  'everything is reset': () => call('POST', '/reset'),
  'its server vanishes': async () => {
    for (const socket of upstream.sockets) socket.resetAndDestroy();
    return Promise.resolve();
  },
  'its server ends': async () => {
    for (const socket of upstream.sockets) socket.end();
    return Promise.resolve();
  },
};

/** Every toxic that ends a connection, and two that keep it waiting. */
const ENDING = DIRECTED.filter(({ type }) => !['noop', 'latency', 'slicer'].includes(type));

describe('two toxics and something else on one connection', () => {
  it.each(Object.entries(ACTS))(
    'when %s',
    async (_, act) => {
      for (const [index, first] of ENDING.entries()) {
        const second = ENDING[(index * 7 + 3) % ENDING.length] ?? first;
        const port = await addProxy('p', [first, second]);
        const visits = Promise.all(Array.from({ length: 16 }, async (_visit, i) => visit(port, i)));
        // At another moment of the connections' lives each time.
        await pause(index % 5);
        await act();
        await visits;
        const proxies = await call('GET', '/proxies');
        const listeners = { TCPServerWrap: proxies.includes('"enabled":true') ? 2 : 1 };
        expect(await settled(listeners), `${nameOf(first)}, ${nameOf(second)}`).toEqual(listeners);
        await call('POST', '/populate', [{ name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' }]);
        await call('DELETE', '/proxies/p');
      }
      expect((await server.end('SIGTERM', 5_000)).ms).toBeLessThan(END_MS);
    },
    120_000,
  );
});

describe('SIGTERM', () => {
  it.each(['dials', 'held', 'unread', 'look-up'])('ends the process in 1 s with %s', async (what) => {
    await using hole = await startBlackHole();
    const toxics: readonly Directed[] =
      what === 'held' ? [{ type: 'latency', attributes: { latency: 600_000 }, stream: 'upstream' }] : [];
    const port = await addProxy('p', toxics);
    if (what === 'dials') await call('PATCH', '/proxies/p', { upstream: hole.address });
    const clients = await Promise.all(Array.from({ length: 50 }, async () => open(port)));
    for (const { socket } of clients) {
      if (what === 'unread') socket.pause();
      socket.write(what === 'unread' ? Buffer.alloc(1_000_000) : 'c');
    }
    // A name that a resolver may take its time over; how it ends is not the subject.
    const lookUp =
      what === 'look-up' ? [{ name: 'l', listen: 'no.such.host.invalid:1', upstream: 'u:1' }] : [];
    const asked = call('POST', '/populate', lookUp).catch(String);
    await pause(20);
    const { code, ms } = await server.end('SIGTERM', 5_000);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(END_MS);
    await asked;
    closeClients();
  });
});
