import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HAS_DOCKER, nobounce, runOf } from './drill.js';
import { docker, leftOf, runFolder } from './engine.js';

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

  /** Kills a run while mail flows, and gives its name. */
  async function killed(): Promise<string> {
    const reports = await mkdtemp(join(tmpdir(), 'nobounce-reports-'));
    let isKilled = false;
    const { exitCode } = await nobounce(['run', 'vendor-os-bug', '--report-dir', reports], (text, kill) => {
      if (isKilled || !text.includes('steady')) return;
      isKilled = true;
      kill('SIGKILL');
    });
    expect(exitCode).toBeNull();
    const run = runOf(join(reports, 'vendor-os-bug'));
    expect(leftOf(run).length).toBeGreaterThan(0);
    return run;
  }

  it('leaves nothing after SIGKILL that the next run or `clean` does not find', async () => {
    const run = await killed();
    // Only what belongs to dead harnesses: other runs on this machine go on.
    const swept = await nobounce(['clean', '--dead']);
    expect(swept.exitCode, swept.output).toBe(0);
    expect(leftOf(run)).toEqual([]);
  });

  it('leaves no dead mount either, where somebody removed the containers by hand', async () => {
    const run = await killed();
    docker('rm', '-f', ...docker('ps', '-aq', '--filter', `label=org.nobounce.run=${run}`));
    expect(leftOf(run)).toContain(runFolder(run));
    const swept = await nobounce(['clean']);
    expect(swept.exitCode, swept.output).toBe(0);
    expect(leftOf(run)).toEqual([]);
  });
});
