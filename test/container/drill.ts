import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { resultsSchema, type Results } from '../../src/check/results.js';

export const HAS_DOCKER = inject('docker');

export interface Drill {
  readonly exitCode: number | null;
  readonly output: string;
  readonly results: Results;
  readonly dir: string;
}

export interface Ended {
  readonly exitCode: number | null;
  /** What it printed for people and programs, and the same with what it said on the way. */
  readonly stdout: string;
  readonly output: string;
}

/** Runs the command line as a user does, on what `npm run build` made. */
export async function nobounce(
  args: readonly string[],
  onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    onOutput?.(output, (signal) => child.kill(signal));
  };
  child.stdout.on('data', collect);
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', collect);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { exitCode, stdout, output };
}

/** Runs one scenario on real containers and reads its results. */
export async function drill(scenario: string, ...args: readonly string[]): Promise<Drill> {
  const reports = await mkdtemp(join(tmpdir(), 'nobounce-reports-'));
  const ended = await nobounce(['run', scenario, '--report-dir', reports, ...args]);
  const name = /([^/]+?)(?:\.yaml)?$/.exec(scenario)?.[1] ?? scenario;
  const dir = join(reports, name, 'latest');
  const results = resultsSchema.parse(JSON.parse(await readFile(join(dir, 'results.json'), 'utf8')));
  return { ...ended, results, dir };
}

/** The name by which the containers of a scenario's latest run are known. @param dir of the scenario's reports. */
export function runOf(dir: string): string {
  return readlinkSync(join(dir, 'latest')).slice(-6);
}

export function verdictOf(results: Results, check: string): string | undefined {
  return results.checks.find(({ name }) => name === check)?.verdict;
}
