import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EXIT_CODE } from '../../src/errors/errors.js';
import type { Tidings } from '../../src/guardian/protocol.js';
import { connectToxiproxy, type Toxiproxy } from '../../src/toxiproxy/adapter.js';
import { startToxiproxyServer } from '../../src/toxiproxy/server.js';
import { hasToxic, leasedDrill, linkOf, recorded, until, type Entry } from '../support/leased-drill.js';

const KEY = 'latency@gold#1';
const LINK = 'storage-gold';
const LATENCY = {
  driver: 'embedded',
  silentMs: 3_000,
  inject: { fault: 'latency', volume: 'gold', latency: '25ms' },
  hold: '120s',
} as const;

interface Guarded {
  readonly guardian: ChildProcessByStdio<Writable, Readable, null>;
  readonly tell: (...tidings: readonly Tidings[]) => void;
  readonly hold: Tidings;
  readonly isBroken: () => Promise<boolean>;
  /** How it ended, and what it had written by then. */
  readonly ended: () => Promise<{ code: number | null; did: readonly string[]; entries: readonly Entry[] }>;
}

async function slowDown(toxiproxy: Toxiproxy): Promise<void> {
  await toxiproxy.addToxic(LINK, {
    name: 'slow',
    stream: 'upstream',
    type: 'latency',
    attributes: { latency: 1_000 },
  });
}

/** A guardian of its own, told by a test what a harness would tell it, and a link that is slow. */
async function guarded(use: (parts: Guarded) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'nobounce-guardian-'));
  const server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
  const file = join(home, 'guardian.jsonl');
  const setup = JSON.stringify({ record: file, silentMs: 1_500 });
  const guardian = spawn(process.execPath, ['dist/guardian/main.js', setup], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const toxiproxy = await connectToxiproxy(server.url);
    await toxiproxy.createProxy({ name: LINK, listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });
    await slowDown(toxiproxy);
    const exited = once(guardian, 'exit');
    await use({
      guardian,
      tell: (...tidings) => {
        for (const told of tidings) guardian.stdin.write(`${JSON.stringify(told)}\n`);
      },
      hold: {
        tell: 'hold',
        key: KEY,
        undo: [{ via: 'remove-toxic', url: server.url, proxy: LINK, toxic: 'slow' }],
      },
      isBroken: () => hasToxic(server.url),
      ended: async () => {
        await exited;
        const code = guardian.exitCode;
        const entries = await recorded(file);
        return { code, did: entries.map(({ did }) => did), entries };
      },
    });
  } finally {
    guardian.kill('SIGKILL');
    await server.close();
    await rm(home, { recursive: true, force: true });
  }
}

describe.concurrent('a guardian', () => {
  it('heals what it holds when the pipe to it closes, twice, and ends', () =>
    guarded(async ({ guardian, tell, hold, isBroken, ended }) => {
      tell(hold);
      guardian.stdin.end();
      const { code, did, entries } = await ended();
      expect(did).toEqual(['started', 'holds', 'took-over', 'healed', 'healed', 'ended']);
      expect(entries[2]).toMatchObject({ why: 'gone', keys: [KEY] });
      expect({ code, isBroken: await isBroken() }).toEqual({ code: 0, isBroken: false });
    }));

  it('heals when nothing is heard any more, and beats keep it from that', () =>
    guarded(async ({ tell, hold, isBroken, ended }) => {
      tell(hold);
      for (let beats = 0; beats < 6; beats += 1) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        tell({ tell: 'beat' });
      }
      expect(await isBroken()).toBe(true);
      const { code, entries } = await ended();
      expect(entries[2]).toMatchObject({ did: 'took-over', why: 'silent' });
      expect({ code, isBroken: await isBroken() }).toEqual({ code: 0, isBroken: false });
    }));

  it('leaves alone what was released, and ends at the end of the run', () =>
    guarded(async ({ tell, hold, isBroken, ended }) => {
      tell(hold, { tell: 'release', key: KEY }, { tell: 'bye' });
      const { code, did } = await ended();
      expect({ code, did, isBroken: await isBroken() }).toEqual({
        code: 0,
        did: ['started', 'holds', 'released', 'ended'],
        isBroken: true,
      });
    }));

  it('heals when what it is told makes no sense', () =>
    guarded(async ({ guardian, tell, hold, isBroken, ended }) => {
      tell(hold);
      guardian.stdin.write('{"tell":"nonsense"}\n');
      const { did } = await ended();
      expect(did.slice(1, 5)).toEqual(['holds', 'not-understood', 'took-over', 'healed']);
      expect(await isBroken()).toBe(false);
    }));
});

describe.concurrent('a drill with a lease, of which nothing is heard any more', () => {
  it('is healed while it is stopped, and knows it when it goes on', () =>
    leasedDrill(LATENCY, async ({ harness, guardian, history, ended }) => {
      const { url } = linkOf(await guardian());
      expect(await hasToxic(url)).toBe(true);
      harness.kill('SIGSTOP');
      await until(async () => (await guardian()).some(({ did }) => did === 'ended'), 15_000);
      expect(await hasToxic(url)).toBe(false);
      harness.kill('SIGCONT');
      const { exitCode, verdict } = await ended();
      const failed = (await history()).split('\n').filter((line) => line.includes('"harness.failed"'));
      expect(failed[0]).toContain('"what":"the lease"');
      expect(failed[0]).toContain('took over and heals latency@gold#1: nothing was heard of this process');
      expect({ exitCode, verdict }).toEqual({ exitCode: EXIT_CODE.harness, verdict: 'inconclusive' });
    }));

  it('takes its stack with it when it is killed, and its guardian ends as well', () =>
    leasedDrill(LATENCY, async ({ harness, guardian }) => {
      const entries = await guardian();
      const { url } = linkOf(entries);
      harness.kill('SIGKILL');
      await until(async () => (await guardian()).some(({ did }) => did === 'ended'), 30_000);
      await expect(fetch(url)).rejects.toThrow();
      const { pid } = z.looseObject({ pid: z.number() }).parse(entries[0]);
      await until(() => Promise.resolve(!existsSync(`/proc/${String(pid)}`)), 5_000);
      expect(existsSync(`/proc/${String(pid)}`)).toBe(false);
    }));
});

describe('a drill with a lease that comes to its end', () => {
  it('ends as ever, with a guardian that healed nothing', () =>
    leasedDrill({ ...LATENCY, hold: '1s' }, async ({ guardian, history, ended }) => {
      await ended();
      expect(await history()).not.toContain('harness.failed');
      expect(await history()).toContain('"reason":"completed"');
      const did = (await guardian()).map((one) => one.did);
      expect(did).toEqual(['started', 'holds', 'released', 'ended']);
    }));
});
