import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../../support/waiting.js';

const MAIN = fileURLToPath(new URL('../../../src/toxiproxy/main.ts', import.meta.url));
const REPORTER = fileURLToPath(new URL('report-resources.ts', import.meta.url));
const START_MS = 20_000;
const ANSWER_MS = 5_000;

/** A standalone server in a process of its own, which can be asked what it holds open. */
export interface ServerProcess extends Disposable {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has written on standard output and standard error. */
  output(): string;
  /** How many sockets, listeners, dials and timers it holds. */
  resources(): Promise<Resources>;
  /** Sends the signal; resolves to its exit code and how long it took. Rejects where it does not end in time. */
  end(signal: 'SIGTERM' | 'SIGINT', deadlineMs: number): Promise<{ code: unknown; ms: number }>;
}

/** Counts by kind, e.g. `{ TCPSocketWrap: 2 }`; kinds that are not there are not named. */
type Resources = Readonly<Record<string, number>>;

const COUNTED = new Set(['TCPSocketWrap', 'TCPServerWrap', 'ConnectWrap', 'ShutdownWrap', 'Timeout']);

/** Starts `src/toxiproxy/main.ts` on a port of the system's choice. */
export async function startServerProcess(...args: string[]): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--import', REPORTER, MAIN, '--host', '127.0.0.1', '--port', '0', ...args],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  let text = '';
  const listening = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        text += String(data);
        const url = /http:\S+/.exec(text)?.[0];
        if (url !== undefined) resolve(url);
      });
    }
    child.once('exit', () => {
      reject(new Error(`the server ended: ${text}`));
    });
  });
  const url = await within(START_MS, 'the server says where it listens', listening, () => text);
  return {
    child,
    url,
    output: () => text,
    async resources() {
      const answer = once(child, 'message');
      child.send('resources');
      const answers: unknown[] = await within(
        ANSWER_MS,
        'the server tells its resources',
        answer,
        () => text,
      );
      const counts: Record<string, number> = {};
      for (const kind of [answers[0]].flat().map(String)) {
        if (COUNTED.has(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return counts;
    },
    async end(signal, deadlineMs) {
      const exit = once(child, 'exit');
      const askedAtMs = performance.now();
      child.kill(signal);
      const exited: unknown[] = await within(deadlineMs, `the server ends after ${signal}`, exit, () => text);
      return { code: exited[0], ms: performance.now() - askedAtMs };
    },
    [Symbol.dispose]() {
      child.kill('SIGKILL');
    },
  };
}
