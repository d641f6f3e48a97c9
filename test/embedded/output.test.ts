import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultsSchema } from '../../src/check/results.js';
import { EXIT_CODE } from '../../src/errors/errors.js';

const SCENARIO = `name: pipe
title: Nobody reads what the run prints
stack: embedded
domains:
  - { name: libero.test, mailboxes: 3, volumes: [gold] }
  - { name: virgilio.test, mailboxes: 2, volumes: [silver] }
traffic:
  inbound: { rate: 10/s, size: 1 KiB..4 KiB }
  readers: { every: 250ms }
timeline:
  - steady: 4s
  - inject: { fault: refuse, volume: gold }
  - hold: 5s
  - heal: all
  - settle: 20s
`;

interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly verdict: string | null;
  readonly reason: string | null;
}

/** Runs a drill; `act` is called with each piece of its output. */
async function run(act: (child: ReturnType<typeof spawn>, output: string) => void): Promise<Ended> {
  const home = await mkdtemp(join(tmpdir(), 'nobounce-pipe-'));
  try {
    await writeFile(join(home, 'pipe.yaml'), SCENARIO);
    const args = ['dist/cli/main.js', 'run', join(home, 'pipe.yaml'), '--report-dir', home, '--seed', '1'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString();
      act(child, output);
    });
    child.stderr.resume();
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      child.once('exit', (code, by) => {
        resolve([code, by]);
      });
    });
    const file = join(home, 'pipe', 'latest', 'results.json');
    const results = resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return { exitCode, signal, verdict: results.verdict, reason: results.ended.reason };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

describe.concurrent('a run whose output', () => {
  it('is read by nobody from its first line on goes on to its own end', async () => {
    const ended = await run((child) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
    expect(ended).toEqual({ exitCode: EXIT_CODE.pass, signal: null, verdict: 'pass', reason: 'completed' });
  });
});

describe.concurrent('a run that is told to end', () => {
  it.each(['SIGHUP', 'SIGQUIT', 'SIGTERM'] as const)('by %s is interrupted in good order', async (name) => {
    let isSent = false;
    const ended = await run((child, output) => {
      if (isSent || !output.includes('inject')) return;
      isSent = true;
      child.kill(name);
    });
    expect(ended).toMatchObject({ exitCode: EXIT_CODE.interrupted, signal: null, reason: 'interrupted' });
    expect(ended.verdict).not.toBe('pass');
  });
});
