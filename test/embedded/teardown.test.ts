import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drill } from './drill.js';

const TIMELINE = ['steady: 1s', 'inject: { fault: stall, volume: gold }', 'hold: 20s', 'heal: all'];

/** The services of a harness: their home is the run's folder, which has the harness's pid in its name. */
function processesOf(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return environment.includes(mark) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : [];
      } catch {
        // It ended meanwhile, or is another user's.
        return [];
      }
    });
}

async function gone(mark: string): Promise<string[]> {
  const endsAtMs = performance.now() + 10_000;
  for (;;) {
    const left = processesOf(mark);
    if (left.length === 0 || performance.now() > endsAtMs) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Stops a drill when its fault is in, and says which processes there were then. */
async function stopped(
  name: string,
  signal: 'SIGINT' | 'SIGKILL',
  look: (drill: {
    exitCode: number | null;
    output: string;
    dir: string;
    mark: string;
    seen: number;
  }) => Promise<void>,
): Promise<void> {
  let mark = '';
  let seen = 0;
  await drill(
    {
      name,
      timeline: TIMELINE,
      onOutput: (text, { pid, kill }) => {
        if (seen > 0 || !text.includes('inject')) return;
        mark = `/nobounce-embedded-${String(pid)}-`;
        seen = processesOf(mark).length;
        kill(signal);
      },
    },
    async ({ exitCode, output, dir }) => look({ exitCode, output, dir, mark, seen }),
  );
}

describe.skipIf(process.platform !== 'linux')('stopped in the middle of an outage', () => {
  it('heals, tears down, exits 130 and leaves a readable history after Ctrl-C', async () => {
    await stopped('interrupted', 'SIGINT', async ({ exitCode, output, dir, mark, seen }) => {
      expect(exitCode, output).toBe(130);
      expect(seen).toBeGreaterThan(5);
      const events = (await readFile(join(dir, 'latest', 'history.jsonl'), 'utf8')).trim().split('\n');
      expect(events.some((line) => line.includes('"type":"fault.healed"'))).toBe(true);
      expect(events.at(-1)).toContain('"reason":"interrupted"');
      expect(await gone(mark)).toEqual([]);
    });
  });

  it('leaves no process behind when it is killed with SIGKILL', async () => {
    await stopped('killed', 'SIGKILL', async ({ exitCode, mark, seen }) => {
      expect(exitCode).toBeNull();
      expect(seen).toBeGreaterThan(5);
      expect(await gone(mark)).toEqual([]);
    });
  });
});
