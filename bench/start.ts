import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** How long until a command says something, in multiples of what an empty Node.js takes on the same machine. */
interface Start {
  readonly command: string;
  readonly firstMs: number;
  readonly ratio: number;
  /** Files of JavaScript that were loaded by then, without those of Node.js itself. */
  readonly modules: number;
  /** The most that it may take, in the same multiples. */
  readonly atMost: number;
}

const ROUNDS = 7;
const MAIN = 'dist/cli/main.js';
/** 150 ms and 300 ms where an empty Node.js takes 40 ms. */
const VERSION_RATIO = 3.75;
const FIRST_OUTPUT_RATIO = 7.5;

/** What is loaded is counted at the first output, where the process ends. */
const AT_FIRST_OUTPUT = `
import { takeCoverage, stopCoverage } from 'node:v8';
for (const stream of [process.stdout, process.stderr]) {
  stream.write = () => { takeCoverage(); stopCoverage(); process.reallyExit(0); };
}`;

const Coverage = z.object({ result: z.array(z.object({ url: z.string() })) });

/** Runs Node.js until it says something, or ends. */
async function firstOutputMs(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    let firstMs: number | undefined;
    const said = (): void => {
      if (firstMs !== undefined) return;
      firstMs = performance.now() - startMs;
      // It heals and tears down what it has begun.
      child.kill('SIGINT');
    };
    child.stdout.on('data', said);
    child.stderr.on('data', said);
    child.on('error', reject);
    child.on('close', () => {
      resolve(firstMs ?? performance.now() - startMs);
    });
  });
}

async function modulesAtFirstOutput(args: readonly string[]): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'nobounce-start-'));
  try {
    const hook = `data:text/javascript,${encodeURIComponent(AT_FIRST_OUTPUT)}`;
    await firstOutputMs(['--import', hook, ...args], { NODE_V8_COVERAGE: dir });
    const loaded = new Set<string>();
    for (const file of await readdir(dir)) {
      const { result } = Coverage.parse(JSON.parse(await readFile(join(dir, file), 'utf8')));
      for (const { url } of result) if (url.startsWith('file:')) loaded.add(url);
    }
    if (!loaded.has(pathToFileURL(MAIN).href)) throw new Error(`${args.join(' ')} was not measured`);
    return loaded.size;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Beside an empty Node.js that takes turns with it: what else the machine does meanwhile slows both. */
async function timed(args: readonly string[]): Promise<Pick<Start, 'firstMs' | 'ratio'>> {
  const rounds: { readonly firstMs: number; readonly ratio: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const emptyMs = await firstOutputMs(['-e', '0']);
    const firstMs = await firstOutputMs(args);
    rounds.push({ firstMs, ratio: firstMs / emptyMs });
  }
  return {
    firstMs: median(rounds.map(({ firstMs }) => firstMs)),
    ratio: median(rounds.map(({ ratio }) => ratio)),
  };
}

/** Each command with what it needs to begin; none of them needs an engine. */
function commands(out: string): readonly string[] {
  return [
    '--version',
    '--help',
    'list',
    'schema',
    'validate vendor-os-bug',
    'check reports/sample/mount-lost',
    'compare reports/sample/vendor-os-bug reports/sample/mount-lost',
    `report ${join(out, 'mount-lost')} --reporter agent --report-dir ${out}`,
    `show --report-dir ${out}`,
    `init ${join(out, 'outage.yaml')} --force`,
    'doctor',
    'clean',
    'toxiproxy --port 0',
    'horizon --stack embedded',
    `run vendor-os-bug --driver embedded --report-dir ${out}`,
  ];
}

/** Times the first output of every command. */
export async function run(): Promise<readonly Start[]> {
  const out = await mkdtemp(join(tmpdir(), 'nobounce-start-out-'));
  try {
    // Its folder is written into.
    await cp('reports/sample/mount-lost', join(out, 'mount-lost'), { recursive: true });
    const starts: Start[] = [];
    for (const command of commands(out)) {
      const args = [MAIN, ...command.split(' ')];
      starts.push({
        command: command.replaceAll(out, 'DIR'),
        ...(await timed(args)),
        modules: await modulesAtFirstOutput(args),
        atMost: command === '--version' ? VERSION_RATIO : FIRST_OUTPUT_RATIO,
      });
    }
    return starts;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** The starts as a table. */
export function table(starts: readonly Start[]): string {
  const rows = starts.map(({ command, firstMs, ratio, modules, atMost }) =>
    [
      command.padEnd(66),
      `${firstMs.toFixed(0)} ms`.padStart(8),
      `${ratio.toFixed(1)} × node`.padStart(11),
      `at most ${atMost}`.padStart(13),
      ratio <= atMost ? 'yes' : 'NO ',
      `${modules} modules`.padStart(13),
    ].join('  '),
  );
  return ['first output, median of seven; `node -e 0` is 1', ...rows].join('\n');
}
