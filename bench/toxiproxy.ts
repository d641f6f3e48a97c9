import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectToxiproxy } from '../src/toxiproxy/adapter.js';

/** One measured figure, and the same for a direct connection in the same run. */
export interface BenchFigure {
  readonly name: string;
  readonly unit: string;
  readonly direct: number;
  readonly proxied: number;
  /** What the aim is about: the ratio for throughput, the difference for times. */
  readonly result: number;
  readonly aim: string;
  readonly reached: boolean;
}

export interface BenchResult {
  readonly title: string;
  readonly figures: readonly BenchFigure[];
}

interface Addresses {
  readonly sink: number;
  readonly echo: number;
}

interface Times {
  readonly p50Micros: number;
  readonly p99Micros: number;
}

const ROUNDS = 9;
const BULK_MS = 1_000;
const WRITE_BYTES = 256 * 1024;
/** The last byte of a bulk transfer. An end of stream would not do: the original does not pass half-closes on. */
const END_MARK = 0;
const MANY_CONNECTIONS = 50;
const MESSAGE_BYTES = 64;
const MESSAGES = 8_000;
const SELF = fileURLToPath(import.meta.url);

/**
 * Measures the built-in server: bulk throughput of one connection and of fifty, and the added round-trip
 * time of small messages, each beside a direct connection. Client, server and proxy are processes of their
 * own, and direct and proxied rounds take turns, so that a busy machine slows both.
 * `NOBOUNCE_TOXIPROXY_URL` measures another Toxiproxy server on this machine instead.
 */
export async function run(): Promise<BenchResult> {
  const children: ChildProcess[] = [];
  try {
    const far = await startChild(children, [SELF, '--role', 'far-end']);
    const ports = readPorts(far);
    const given = process.env['NOBOUNCE_TOXIPROXY_URL'];
    const url = given ?? (await startProxy(children));
    const toxiproxy = await connectToxiproxy(url);
    const proxyTo = async (name: string, port: number): Promise<number> => {
      const { listen } = await toxiproxy.createProxy({
        name: `bench-${name}`,
        listen: '127.0.0.1:0',
        upstream: `127.0.0.1:${String(port)}`,
      });
      return Number(listen.slice(listen.lastIndexOf(':') + 1));
    };
    const proxied: Addresses = {
      sink: await proxyTo('sink', ports.sink),
      echo: await proxyTo('echo', ports.echo),
    };
    try {
      const { version, builtIn } = await toxiproxy.version();
      return {
        title: builtIn ? 'built-in Toxiproxy server' : `Toxiproxy ${version}`,
        figures: [
          await measureBulk(1, ports, proxied, 0.5),
          await measureBulk(MANY_CONNECTIONS, ports, proxied, 0.6),
          ...(await measureRoundTrip(ports, proxied)),
        ],
      };
    } finally {
      await toxiproxy.deleteProxy('bench-sink');
      await toxiproxy.deleteProxy('bench-echo');
    }
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

async function startProxy(children: ChildProcess[]): Promise<string> {
  const main = fileURLToPath(new URL('../src/toxiproxy/main.ts', import.meta.url));
  const line = await startChild(children, [main, '--host', '127.0.0.1', '--port', '0']);
  const url = /http:\/\/\S+/.exec(line)?.[0];
  if (url === undefined) throw new Error(`the server did not say where it listens: ${line}`);
  return url;
}

/** Starts a TypeScript file in a process of its own and resolves to the first line it prints. */
async function startChild(children: ChildProcess[], args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const data of child.stdout) return String(data);
  throw new Error(`${args.join(' ')} ended before it was ready`);
}

async function runClient<T>(args: readonly string[], read: (line: string) => T): Promise<T> {
  const children: ChildProcess[] = [];
  const line = await startChild(children, [SELF, '--role', ...args]);
  for (const child of children) child.kill('SIGKILL');
  return read(line);
}

async function measureBulk(
  count: number,
  direct: Addresses,
  proxied: Addresses,
  aim: number,
): Promise<BenchFigure> {
  const rounds: { direct: number; proxied: number }[] = [];
  const bulk = async (port: number): Promise<number> =>
    runClient(['bulk', String(port), String(count)], Number);
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ direct: await bulk(direct.sink), proxied: await bulk(proxied.sink) });
  }
  const result = median(rounds.map((round) => round.proxied / round.direct));
  return {
    name: `throughput, ${String(count)} connection${count === 1 ? '' : 's'}`,
    unit: 'MB/s',
    direct: median(rounds.map((round) => round.direct)),
    proxied: median(rounds.map((round) => round.proxied)),
    result,
    aim: `ratio >= ${String(aim)}`,
    reached: result >= aim,
  };
}

async function measureRoundTrip(direct: Addresses, proxied: Addresses): Promise<readonly BenchFigure[]> {
  const rounds: { direct: Times; proxied: Times }[] = [];
  const echo = async (port: number): Promise<Times> => runClient(['echo', String(port)], readTimes);
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ direct: await echo(direct.echo), proxied: await echo(proxied.echo) });
  }
  return (['p50Micros', 'p99Micros'] as const).map((percentile) => {
    const result = median(rounds.map((round) => round.proxied[percentile] - round.direct[percentile]));
    const aim = percentile === 'p50Micros' ? 40 : 200;
    return {
      name: `round trip of ${String(MESSAGE_BYTES)} bytes, ${percentile.slice(0, 3)}`,
      unit: 'µs',
      direct: median(rounds.map((round) => round.direct[percentile])),
      proxied: median(rounds.map((round) => round.proxied[percentile])),
      result,
      aim: `added <= ${String(aim)}`,
      reached: result <= aim,
    };
  });
}

/** The server: one port that reads everything and answers the end mark with one byte, one that echoes. */
async function farEnd(): Promise<void> {
  const quiet = (socket: Socket): Socket => socket.on('error', () => undefined);
  const sink = createServer((socket) => {
    quiet(socket).on('data', (bytes) => {
      if (bytes.at(-1) === END_MARK) socket.write('.');
    });
  });
  const echo = createServer({ noDelay: true }, (socket) => {
    quiet(socket).on('data', (bytes) => socket.write(bytes));
  });
  console.log(JSON.stringify({ sink: await listen(sink), echo: await listen(echo) }));
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Writes as fast as it goes for a while; prints MB/s, counted until the far end has read everything. */
async function bulkClient(port: number, count: number): Promise<void> {
  const payload = Buffer.alloc(WRITE_BYTES, 'x');
  const sockets = await Promise.all(Array.from({ length: count }, async () => open(port)));
  let sentBytes = 0;
  const startedAt = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      const answered = once(socket, 'data');
      while (performance.now() - startedAt < BULK_MS) {
        sentBytes += payload.length;
        if (!socket.write(payload)) await once(socket, 'drain');
      }
      socket.write(Buffer.of(END_MARK));
      await answered;
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(String(sentBytes / 1e6 / seconds));
}

/** Sends one message at a time; prints percentiles of the round-trip time. */
async function echoClient(port: number): Promise<void> {
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
  console.log(JSON.stringify({ p50Micros: at(0.5), p99Micros: at(0.99) }));
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function readPorts(line: string): Addresses {
  const ports: unknown = JSON.parse(line);
  if (typeof ports === 'object' && ports !== null && 'sink' in ports && 'echo' in ports) {
    return { sink: Number(ports.sink), echo: Number(ports.echo) };
  }
  throw new Error(`unexpected: ${line}`);
}

function readTimes(line: string): Times {
  const times: unknown = JSON.parse(line);
  if (typeof times === 'object' && times !== null && 'p50Micros' in times && 'p99Micros' in times) {
    return { p50Micros: Number(times.p50Micros), p99Micros: Number(times.p99Micros) };
  }
  throw new Error(`unexpected: ${line}`);
}

/** The figures as a table, with the aims. */
export function format({ title, figures }: BenchResult): string {
  const lines = figures.map(({ name, unit, direct, proxied, result, aim, reached }) => {
    const digits = unit === 'MB/s' ? 0 : 1;
    return [
      name.padEnd(34),
      `direct ${direct.toFixed(digits)} ${unit}`.padEnd(20),
      `proxied ${proxied.toFixed(digits)} ${unit}`.padEnd(21),
      (unit === 'MB/s' ? `ratio ${result.toFixed(2)}` : `added ${result.toFixed(1)}`).padEnd(13),
      `${reached ? 'reached' : 'missed '} (${aim})`,
    ].join('  ');
  });
  return [title, ...lines].join('\n');
}

async function main(args: readonly string[]): Promise<void> {
  const [flag, role, port, count] = args;
  if (flag === '--role' && role === 'far-end') await farEnd();
  else if (flag === '--role' && role === 'bulk') await bulkClient(Number(port), Number(count));
  else if (flag === '--role' && role === 'echo') await echoClient(Number(port));
  else {
    const result = await run();
    console.log(args.includes('--json') ? JSON.stringify(result, null, 2) : format(result));
  }
}

if (process.argv[1] === SELF) await main(process.argv.slice(2));
