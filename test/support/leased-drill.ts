import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { undoStep } from '../../src/stack/undo.js';
import { pause } from './waiting.js';

const entry = z.looseObject({ did: z.string() });
/** One line of a guardian's record. */
export type Entry = z.output<typeof entry>;
const holds = z.object({ did: z.literal('holds'), undo: z.array(undoStep) });
const told = z.object({ exitCode: z.number(), verdict: z.string() });
const FELT_TIMEOUT_MS = 180_000;

/** What a guardian wrote of itself; nothing where it has not written yet. */
export async function recorded(file: string): Promise<readonly Entry[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => entry.parse(JSON.parse(line)));
}

/** The link that a guardian holds the undo of. */
export function linkOf(entries: readonly Entry[]): { readonly url: string; readonly proxy: string } {
  const steps = entries.flatMap((one) => holds.safeParse(one).data?.undo ?? []);
  const step = steps.find((one) => 'url' in one);
  if (step === undefined) throw new Error(`no link is held: ${JSON.stringify(entries)}`);
  return step;
}

/** Whether there is a toxic on a volume's link. */
export async function hasToxic(url: string, proxy = 'storage-gold'): Promise<boolean> {
  const answer = await fetch(`${url}/proxies/${proxy}/toxics`);
  return z.array(z.unknown()).parse(await answer.json()).length > 0;
}

/** Asks until it is true, and gives how long that took. @throws Error where it is not in time. */
export async function until(isTrue: () => Promise<boolean>, timeoutMs: number): Promise<number> {
  const startMs = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - startMs > timeoutMs)
      throw new Error(`not within ${String(timeoutMs)} ms: ${isTrue.toString()}`);
    await pause(100);
  }
  return performance.now() - startMs;
}

interface Leased {
  readonly harness: { readonly kill: (signal: NodeJS.Signals) => void };
  /** The run's name. */
  readonly run: string;
  readonly guardian: () => Promise<readonly Entry[]>;
  readonly history: () => Promise<string>;
  readonly ended: () => Promise<z.output<typeof told>>;
}

export interface LeasedDrill {
  readonly driver: 'docker' | 'embedded';
  readonly silentMs: number;
  /** The only fault, and how long it stays. */
  readonly inject: Readonly<Record<string, unknown>>;
  readonly hold: string;
}

/** A drill with a lease, run by the built library in a process of its own; handed over when its fault is felt. */
export async function leasedDrill(asked: LeasedDrill, use: (parts: Leased) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'nobounce-leased-'));
  const { driver, silentMs, inject, hold } = asked;
  const program = `
    import { runDrill } from './dist/index.js';
    async function* acts() {
      yield { act: ${JSON.stringify({ inject })}, by: 'a test' };
      yield { act: ${JSON.stringify({ hold })}, by: 'a test' };
    }
    const given = ${JSON.stringify({ driver, reportDir: home, lease: { silentMs } })};
    const { exitCode, judgement } = await runDrill('latency', { ...given, acts: acts() });
    console.log(JSON.stringify({ exitCode, verdict: judgement.verdict }));
  `;
  const harness = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  harness.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const exited = once(harness, 'close');
  const dir = join(home, 'latency', 'latest');
  const history = (): Promise<string> => readFile(join(dir, 'history.jsonl'), 'utf8').catch(() => '');
  try {
    await until(async () => {
      if (harness.exitCode !== null) throw new Error(`the drill ended: ${printed} ${await history()}`);
      return (await history()).includes('"fault.felt"');
    }, FELT_TIMEOUT_MS);
    await use({
      harness: { kill: (signal) => harness.kill(signal) },
      run: /"run":"([^"]+)"/.exec(await history())?.[1] ?? '',
      history,
      guardian: () => recorded(join(dir, 'guardian.jsonl')),
      ended: async () => {
        await exited;
        return told.parse(JSON.parse(printed));
      },
    });
  } finally {
    harness.kill('SIGKILL');
    await exited;
    await rm(home, { recursive: true, force: true });
  }
}
