import { execFileSync } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HAS_DOCKER, nobounce } from './drill.js';

function docker(...args: readonly string[]): string[] {
  return execFileSync('docker', [...args], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}

/** Containers and networks of one run. */
function leftOf(run: string): string[] {
  const filter = `label=org.nobounce.run=${run}`;
  return [...docker('ps', '-aq', '--filter', filter), ...docker('network', 'ls', '-q', '--filter', filter)];
}

function runOf(dir: string): string {
  return readlinkSync(join(dir, 'latest')).slice(-6);
}

describe.skipIf(!HAS_DOCKER)('stopped in the middle of an outage', () => {
  it('heals, tears down, exits 130 and leaves a readable history after Ctrl-C', async () => {
    const reports = await mkdtemp(join(tmpdir(), 'nobounce-reports-'));
    let interrupted = false;
    const { exitCode, output } = await nobounce(
      ['run', 'vendor-os-bug', '--report-dir', reports],
      (text, kill) => {
        if (interrupted || !text.includes('inject')) return;
        interrupted = true;
        kill('SIGINT');
      },
    );
    expect(exitCode, output).toBe(130);
    const dir = join(reports, 'vendor-os-bug');
    const events = (await readFile(join(dir, 'latest', 'history.jsonl'), 'utf8')).trim().split('\n');
    const types = events.map((line) => /"type":"([^"]+)"/.exec(line)?.[1]);
    expect(types).toContain('fault.healed');
    expect(events.at(-1)).toContain('"reason":"interrupted"');
    expect(existsSync(join(dir, 'latest', 'results.json'))).toBe(true);
    expect(leftOf(runOf(dir))).toEqual([]);
  });

  it('leaves nothing after SIGKILL that the next run or `clean` does not find', async () => {
    const reports = await mkdtemp(join(tmpdir(), 'nobounce-reports-'));
    let killed = false;
    const { exitCode } = await nobounce(['run', 'vendor-os-bug', '--report-dir', reports], (text, kill) => {
      if (killed || !text.includes('steady')) return;
      killed = true;
      kill('SIGKILL');
    });
    expect(exitCode).toBeNull();
    const run = runOf(join(reports, 'vendor-os-bug'));
    expect(leftOf(run).length).toBeGreaterThan(0);
    // Only what belongs to dead harnesses: other runs on this machine go on.
    const swept = await nobounce(['clean', '--dead']);
    expect(swept.exitCode, swept.output).toBe(0);
    expect(leftOf(run)).toEqual([]);
  });
});
