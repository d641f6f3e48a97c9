import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resultsSchema, type Results } from '../../src/check/results.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const RUN_TIMEOUT_MS = 120_000;

export interface Drill {
  /** Null where it was killed. */
  readonly exitCode: number | null;
  readonly output: string;
  /** The folder of the scenario's runs. */
  readonly dir: string;
  readonly results: Results | null;
}

interface Harness {
  readonly pid: number;
  readonly kill: (signal: 'SIGINT' | 'SIGKILL') => void;
}

export interface DrillRequest {
  readonly name: string;
  /** The steps before `settle`, as YAML. */
  readonly timeline: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly onOutput?: (text: string, harness: Harness) => void;
}

/** Runs the built command on a small scenario; everything it wrote is in a folder that is removed afterwards. */
export async function drill<T>(request: DrillRequest, look: (drill: Drill) => T | Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'nobounce-test-'));
  try {
    const file = join(home, `${request.name}.yaml`);
    await writeFile(file, scenario(request));
    const reports = join(home, 'reports');
    const args = ['run', file, '--driver', 'embedded', '--report-dir', reports, ...(request.args ?? [])];
    const { exitCode, output } = await nobounce(args, request);
    const dir = join(reports, request.name);
    const text = await readFile(join(dir, 'latest', 'results.json'), 'utf8').catch(() => null);
    const results = text === null ? null : resultsSchema.parse(JSON.parse(text));
    return await look({ exitCode, output, dir, results });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function scenario({ name, timeline }: DrillRequest): string {
  return [
    `name: ${name}`,
    `title: A test of ${name}`,
    'stack: embedded',
    'domains:',
    '  - { name: libero.test, mailboxes: 3, volumes: [gold] }',
    '  - { name: virgilio.test, mailboxes: 2, volumes: [silver] }',
    'traffic:',
    '  inbound: { rate: 5/s, size: 1 KiB..16 KiB }',
    '  outbound: { rate: 1/s }',
    '  internal: { rate: 1/s }',
    '  readers: { every: 300ms }',
    'timeline:',
    ...timeline.map((step) => `  - ${step}`),
    '  - settle: 15s',
    '',
  ].join('\n');
}

function nobounce(
  args: readonly string[],
  { env, onOutput }: DrillRequest,
): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: RUN_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      onOutput?.(output, { pid: child.pid ?? 0, kill: (signal) => child.kill(signal) });
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, output });
    });
  });
}
