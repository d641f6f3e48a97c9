import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connectToxiproxy } from '../src/toxiproxy/adapter.js';

/** What connections go through in a measurement. */
export interface Target {
  readonly name: 'direct' | 'built-in' | 'original';
  readonly sink: number;
  readonly echo: number;
  /** Ports with a `bandwidth` toxic before the sink, by its rate in KB/s; none for direct. */
  readonly limited: ReadonlyMap<number, number>;
  /** CPU time that the proxy has used, ms; 0 for direct. */
  cpuMs(): Promise<number>;
}

/** A clock tick of /proc: USER_HZ, which Linux keeps at 100 on all architectures that Node.js runs on. */
const TICK_MS = 10;
const MAIN = fileURLToPath(new URL('../src/toxiproxy/main.ts', import.meta.url));
const PEERS = fileURLToPath(new URL('toxiproxy-peers.ts', import.meta.url));

/** Far end, built-in server and, where its path is given, an official one, as processes of their own. */
export class Bench {
  readonly #children: ChildProcess[] = [];

  /** @param originalPath an official toxiproxy-server on this machine. */
  async start(originalPath: string | undefined, rates: readonly number[]): Promise<readonly Target[]> {
    const far = this.#spawn(process.execPath, ['--import', 'tsx', PEERS, 'far-end']);
    const ports = readNumbers(await firstLine(far));
    const direct = { sink: ports['sink'] ?? 0, echo: ports['echo'] ?? 0 };
    const args = ['--import', 'tsx', MAIN, '--host', '127.0.0.1', '--port', '0'];
    const builtIn = this.#spawn(process.execPath, args);
    const url = /http:\/\/\S+/.exec(await firstLine(builtIn))?.[0] ?? '';
    const targets: Target[] = [
      { name: 'direct', ...direct, limited: new Map(), cpuMs: async () => Promise.resolve(0) },
      await proxied('built-in', url, builtIn, direct, rates),
    ];
    if (originalPath !== undefined) {
      const port = await freePort();
      const original = this.#spawnQuiet(originalPath, ['-host', '127.0.0.1', '-port', String(port)]);
      targets.push(await proxied('original', `http://127.0.0.1:${String(port)}`, original, direct, rates));
    }
    return targets;
  }

  /** Runs a client of `toxiproxy-peers.ts` to its end; what it measured. */
  async client(role: string, port: number, amount = 0): Promise<Readonly<Record<string, number>>> {
    const args = ['--import', 'tsx', PEERS, role, String(port), String(amount)];
    const child = this.#spawn(process.execPath, args);
    const line = await firstLine(child);
    child.kill('SIGKILL');
    return readNumbers(line);
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  #spawn(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(child);
    return child;
  }

  /** The original logs every connection; ours does not, so neither writes anything. */
  #spawnQuiet(command: string, args: readonly string[]): ChildProcess {
    const env = { ...process.env, LOG_LEVEL: 'error' };
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
    // Told by what does not answer then.
    child.on('error', (error) => {
      console.error(error.message);
    });
    this.#children.push(child);
    return child;
  }
}

async function proxied(
  name: 'built-in' | 'original',
  url: string,
  { pid = 0 }: ChildProcess,
  direct: { readonly sink: number; readonly echo: number },
  rates: readonly number[],
): Promise<Target> {
  const toxiproxy = await reach(url);
  const proxyTo = async (proxy: string, port: number): Promise<number> => {
    const upstream = `127.0.0.1:${String(port)}`;
    const { listen } = await toxiproxy.createProxy({ name: proxy, listen: '127.0.0.1:0', upstream });
    return Number(listen.slice(listen.lastIndexOf(':') + 1));
  };
  const limited = new Map<number, number>();
  for (const rate of rates) {
    const proxy = `rate-${String(rate)}`;
    limited.set(rate, await proxyTo(proxy, direct.sink));
    await toxiproxy.addToxic(proxy, {
      name: 'b',
      type: 'bandwidth',
      stream: 'upstream',
      attributes: { rate },
    });
  }
  return {
    name,
    sink: await proxyTo('sink', direct.sink),
    echo: await proxyTo('echo', direct.echo),
    limited,
    async cpuMs() {
      const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
      // Behind the name, which may hold anything: state is field 3, utime 14 and stime 15 (proc(5)).
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
  };
}

/** The server's API, once it answers; the original does not say when that is. */
async function reach(url: string): ReturnType<typeof connectToxiproxy> {
  const endsAtMs = performance.now() + 10_000;
  for (;;) {
    try {
      return await connectToxiproxy(url);
    } catch (error) {
      if (performance.now() > endsAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function firstLine({ stdout, spawnargs }: ChildProcess): Promise<string> {
  for await (const data of stdout ?? []) return String(data);
  throw new Error(`${spawnargs.join(' ')} ended before it was ready`);
}

function readNumbers(line: string): Record<string, number> {
  const read: unknown = JSON.parse(line);
  if (typeof read !== 'object' || read === null) throw new Error(`unexpected: ${line}`);
  return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, Number(value)]));
}
