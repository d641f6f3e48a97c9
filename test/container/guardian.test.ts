import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SHARED_TARGET } from '../../src/stack/docker/mounts.js';
import { containerName } from '../../src/stack/docker/labels.js';
import { EXIT_CODE } from '../../src/errors/errors.js';
import { hasToxic, leasedDrill, linkOf, until } from '../support/leased-drill.js';
import { HAS_DOCKER, nobounce } from './drill.js';
import { leftOf } from './engine.js';

const HEALED_WITHIN_MS = 15_000;
const LEASE = { driver: 'docker', silentMs: 10_000, hold: '10m' } as const;

/** Whether a write reaches the disk of a volume, on the very mount that the mail containers see. */
function canWrite(run: string, volume: string): boolean {
  const file = `${SHARED_TARGET}/${run}/${volume}/written-by-a-test`;
  const write = ['timeout', '3', 'dd', 'if=/dev/zero', `of=${file}`, 'bs=1', 'count=1', 'conv=fsync'];
  try {
    execFileSync('docker', ['exec', containerName(run, 'mounts'), ...write], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a harness left, once somebody has looked for what dead harnesses leave. */
async function leftAfterClean(run: string): Promise<string[]> {
  const swept = await nobounce(['clean', '--dead']);
  expect(swept.exitCode, swept.output).toBe(0);
  return leftOf(run);
}

describe.skipIf(!HAS_DOCKER)('a harness that broke the storage', () => {
  it('and was killed is healed within 15 s by another, and leaves nothing that `clean` does not find', async () => {
    const inject = { fault: 'vendor-os-bug', volume: 'gold' };
    await leasedDrill({ ...LEASE, inject }, async ({ harness, run, guardian }) => {
      expect(canWrite(run, 'gold')).toBe(false);
      harness.kill('SIGKILL');
      const tookMs = await until(() => Promise.resolve(canWrite(run, 'gold')), HEALED_WITHIN_MS);
      console.info(`killed: well after ${tookMs.toFixed(0)} ms`);
      await until(async () => (await guardian()).some(({ did }) => did === 'ended'), HEALED_WITHIN_MS);
      expect((await guardian()).at(-1)).toMatchObject({ did: 'ended', code: 0 });
      expect(await leftAfterClean(run)).toEqual([]);
    });
  });

  it('and hangs is healed within 15 s by another, and is no pass when it goes on', async () => {
    const inject = { fault: 'latency', volume: 'gold', latency: '400ms' };
    await leasedDrill({ ...LEASE, inject }, async ({ harness, run, guardian, history, ended }) => {
      const { url } = linkOf(await guardian());
      expect(await hasToxic(url)).toBe(true);
      harness.kill('SIGSTOP');
      const tookMs = await until(async () => !(await hasToxic(url)), HEALED_WITHIN_MS);
      console.info(`hung: well after ${tookMs.toFixed(0)} ms`);
      harness.kill('SIGCONT');
      const { exitCode, verdict } = await ended();
      expect(await history()).toContain('"what":"the lease"');
      expect({ exitCode, verdict }).toEqual({ exitCode: EXIT_CODE.harness, verdict: 'inconclusive' });
      expect(leftOf(run)).toEqual([]);
    });
  });
});
