import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultsSchema } from '../../src/check/results.js';
import { EngineProxy } from './engine-proxy.js';

const MAIN = 'dist/cli/main.js';
const POLL_MS = 25;
/** A run that has not ended by then does not end: it is killed. */
const END_TIMEOUT_MS = 240_000;

/** When a mishap befalls a run: so long after the history says that this began. */
export const MOMENTS = ['start', 'steady', 'hold', 'settle'] as const;
export type Moment = (typeof MOMENTS)[number];

/** A run that goes on. */
export interface Living {
  readonly child: ChildProcess;
  readonly run: string;
  readonly driver: 'docker' | 'embedded';
  readonly reportDir: string;
  readonly proxy: EngineProxy | null;
  /** The pids of the run's own processes by what their command line holds (embedded). */
  readonly pidsOf: (text: string) => readonly number[];
}

/** Something that befalls a run. */
export interface Mishap {
  readonly name: string;
  readonly driver: 'docker' | 'embedded';
  readonly when: Moment;
  readonly befall: (living: Living) => Promise<void> | void;
  /** Before the command, such as a shell that sets a limit; it execs its arguments. */
  readonly shell?: string;
  /** Where the reports go, where that is part of the mishap. */
  readonly reports?: (home: string) => Promise<{ readonly dir: string; readonly undo: () => Promise<void> }>;
  /** Whether the harness reaches the engine through a proxy. */
  readonly behindProxy?: boolean;
}

export interface Outcome {
  readonly mishap: Mishap;
  readonly delayMs: number;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly verdict: string | null;
  /** What the run itself says of its end. */
  readonly reason: string;
  /** From the mishap to the end of the process. */
  readonly endedAfterMs: number;
  /** Containers, networks and processes of the run when it had ended, and after `nobounce clean`. */
  readonly leftAtEnd: readonly string[];
  readonly leftAfterClean: readonly string[];
  readonly output: string;
}

function scenario(driver: 'docker' | 'embedded'): string {
  return `name: reliability
title: A run that something befalls
stack: ${driver === 'docker' ? 'postfix-dovecot' : 'embedded'}
domains:
  - { name: libero.test, mailboxes: 2, volumes: [gold] }
  - { name: virgilio.test, mailboxes: 2, volumes: [silver] }
${driver === 'docker' ? 'outside: { mta: postfix }\n' : ''}traffic:
  inbound: { rate: 5/s, size: 1 KiB..8 KiB }
  outbound: { rate: 1/s }
  readers: { every: 500ms }
timeline:
  - steady: 5s
  - inject: { fault: vendor-os-bug, volume: gold }
  - hold: 6s
  - heal: all
  - settle: 30s
`;
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
const docker = (...args: readonly string[]): readonly string[] =>
  lines(execFileSync('docker', [...args], { encoding: 'utf8' }));

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Processes whose environment names the folder: those that a run started there, and it alone. */
function processesIn(folder: string): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder)) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        // One that is dead already, and not yet waited for, has no command line.
        return command === '' ? [] : [{ pid: Number(pid), command }];
      } catch {
        return [];
      }
    });
}

/** What a run left: containers and networks by its label, processes and folders by its own temporary folder. */
function leftOf(run: string | null, temporary: string, driver: 'docker' | 'embedded'): readonly string[] {
  const processes = processesIn(temporary).map(({ command }) => command.slice(0, 80));
  const folders = readdirSync(temporary).filter((name) => name.startsWith('nobounce-'));
  if (run === null || driver === 'embedded') return [...processes, ...folders];
  const filter = ['--filter', `label=org.nobounce.run=${run}`];
  return [
    ...docker('ps', '-a', ...filter, '--format', '{{.Names}}'),
    ...docker('network', 'ls', ...filter, '--format', '{{.Name}}'),
    ...processes,
    ...folders,
  ];
}

function historyOf(reportDir: string): string | null {
  const dir = join(reportDir, 'reliability');
  const run = existsSync(dir) ? readdirSync(dir).find((name) => name !== 'latest') : undefined;
  const file = run === undefined ? '' : join(dir, run, 'history.jsonl');
  return existsSync(file) ? file : null;
}

/** Waits until a run has come so far; false where it ended before. */
async function reached(moment: Moment, reportDir: string, child: ChildProcess): Promise<boolean> {
  const sign = moment === 'start' ? '"type":"run.started"' : `"phase.started","phase":"${moment}"`;
  while (child.exitCode === null && child.signalCode === null) {
    const file = historyOf(reportDir);
    if (file !== null && readFileSync(file, 'utf8').includes(sign)) return true;
    await wait(POLL_MS);
  }
  return false;
}

function told(file: string | null): string {
  if (file === null) return 'no history';
  const events = lines(readFileSync(file, 'utf8'));
  const ended = events.findLast((line) => line.includes('"type":"run.ended"'));
  if (ended === undefined) return 'the history is cut off';
  const [, reason = '', detail = ''] = /"reason":"(\w+)","detail":"((?:[^"\\]|\\.)*)"/.exec(ended) ?? [];
  return detail === '' ? reason : `${reason}: ${detail}`;
}

/** Runs one scenario, lets a mishap befall it `delayMs` after its moment has come, and looks at what is left. */
export async function suffer(mishap: Mishap, delayMs: number): Promise<Outcome> {
  const home = await mkdtemp(join(tmpdir(), 'reliability-'));
  const temporary = join(home, 'tmp');
  await mkdir(temporary);
  await writeFile(join(home, 'reliability.yaml'), scenario(mishap.driver));
  const reports = await (mishap.reports?.(home) ?? {
    dir: join(home, 'reports'),
    undo: () => Promise.resolve(),
  });
  const proxy = mishap.behindProxy === true ? await EngineProxy.open(join(home, 'engine.sock')) : null;
  try {
    return await sufferIn({ home, temporary, reportDir: reports.dir, proxy }, mishap, delayMs);
  } finally {
    await proxy?.[Symbol.asyncDispose]();
    await reports.undo();
    await rm(home, { recursive: true, force: true });
  }
}

interface Place {
  readonly home: string;
  readonly temporary: string;
  readonly reportDir: string;
  readonly proxy: EngineProxy | null;
}

async function sufferIn(place: Place, mishap: Mishap, delayMs: number): Promise<Outcome> {
  const { home, temporary, reportDir, proxy } = place;
  const { driver } = mishap;
  const command = [process.execPath, MAIN, 'run', join(home, 'reliability.yaml'), '--driver', driver];
  const shell = mishap.shell === undefined ? [] : ['sh', '-c', `${mishap.shell}; exec "$0" "$@"`];
  const [program, ...args] = [...shell, ...command, '--report-dir', reportDir];
  const child = spawn(program, args, {
    env: {
      ...process.env,
      TMPDIR: temporary,
      ...(proxy === null ? {} : { DOCKER_HOST: proxy.url }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  await reached(mishap.when, reportDir, child);
  const run = /-(\w{6})\/history\.jsonl$/.exec(historyOf(reportDir) ?? '')?.[1] ?? null;
  await wait(delayMs);
  const startMs = performance.now();
  const pidsOf = (text: string): readonly number[] =>
    processesIn(temporary)
      .filter(({ command: line }) => line.includes(text))
      .map(({ pid }) => pid);
  await mishap.befall({ child, run: run ?? '', driver, reportDir, proxy, pidsOf });
  const killer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
  await ended;
  clearTimeout(killer);
  const endedAfterMs = performance.now() - startMs;
  // A process that lost its harness has a moment to see it.
  await wait(1_000);
  const leftAtEnd = leftOf(run, temporary, driver);
  execFileSync(process.execPath, [MAIN, 'clean'], { env: { ...process.env, TMPDIR: temporary } });
  const file = historyOf(reportDir);
  const results = file === null ? '' : join(file, '..', 'results.json');
  let verdict: string | null = null;
  try {
    verdict = resultsSchema.parse(JSON.parse(readFileSync(results, 'utf8'))).verdict;
  } catch {
    // Killed, or no room for it.
  }
  return {
    mishap,
    delayMs,
    exitCode: child.exitCode,
    signal: child.signalCode,
    verdict,
    reason: told(file),
    endedAfterMs,
    leftAtEnd,
    leftAfterClean: leftOf(run, temporary, driver),
    output,
  };
}
