import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, mkdtemp } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readHistory } from '../src/history/reader.js';

/** What one drill on real containers cost beside its own timeline. */
export interface DrillPoint {
  readonly scenario: string;
  readonly wallMs: number;
  /** The timeline's own phases, waits for a fault to be felt and gone included. */
  readonly phasesMs: number;
  readonly upMs: number;
  readonly downMs: number;
  /** Wall time that is neither the timeline's nor containers starting or stopping: the harness's own. */
  readonly overheadMs: number;
  /** Of the harness's process; what runs in containers is not counted. Null where the system does not tell. */
  readonly peakRssBytes: number | null;
  /** Of the machine, when the drill began: a busy machine measures itself. */
  readonly loadBefore: number;
}

/** Issue 3, on 2 cores, from images that are built. */
const AIM = { upMs: 6_000, downMs: 4_000, overheadMs: 1_500, peakRssBytes: 250e6 };
const SCENARIO = 'vendor-os-bug';
const RSS_EVERY_MS = 100;
const SELF = fileURLToPath(import.meta.url);

/** Runs drills with what `npm run build` made, as a user does, and measures each. Needs a Docker engine. */
export async function run(times = 1, scenario = SCENARIO): Promise<readonly DrillPoint[]> {
  const points: DrillPoint[] = [];
  while (points.length < times) {
    const point = await drill(scenario);
    // The first drill on a machine builds the images: it measures the package mirror.
    if (point !== 'images were built') points.push(point);
  }
  return points;
}

async function drill(scenario: string): Promise<DrillPoint | 'images were built'> {
  const dir = await mkdtemp(join(tmpdir(), 'nobounce-bench-'));
  try {
    const [loadBefore = 0] = loadavg();
    const startedMs = performance.now();
    const child = spawn(process.execPath, ['dist/cli/main.js', 'run', scenario, '--report-dir', dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const rss = watchPeakRss(child.pid ?? 0);
    await once(child, 'close');
    const wallMs = performance.now() - startedMs;
    const peakRssBytes = rss.stop();
    if (output.includes('building image')) return 'images were built';
    if (child.exitCode !== 0) throw new Error(`the drill ended with ${String(child.exitCode)}\n${output}`);
    const times = await timesOf(join(dir, scenario, 'latest', 'history.jsonl'));
    const overheadMs = wallMs - times.phasesMs - times.upMs - times.downMs;
    return { scenario, wallMs, ...times, overheadMs, peakRssBytes, loadBefore };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function timesOf(history: string): Promise<Pick<DrillPoint, 'phasesMs' | 'upMs' | 'downMs'>> {
  let upMs = 0;
  let phasesMs = 0;
  let stockMs = 0;
  let endMs = 0;
  for await (const event of readHistory(history)) {
    if (event.type === 'stack.ready') upMs = event.tookMs;
    else if (event.type === 'phase.started') phasesMs -= event.t;
    else if (event.type === 'phase.ended') phasesMs += event.t;
    // Mailboxes and files are listed last; from there on everything is taken down.
    else if (event.type === 'mailbox.listed' || event.type === 'file.found') stockMs = event.t;
    else if (event.type === 'run.ended') endMs = event.t;
  }
  return { upMs, phasesMs, downMs: endMs - stockMs };
}

/** Follows the high-water mark of a process's memory (proc_pid_status(5), VmHWM), where there is a /proc. */
function watchPeakRss(pid: number): { readonly stop: () => number | null } {
  let peakBytes: number | null = null;
  const timer = setInterval(() => {
    readFile(`/proc/${String(pid)}/status`, 'utf8').then(
      (status) => {
        const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
        if (kib !== undefined) peakBytes = Number(kib) * 1_024;
      },
      () => undefined,
    );
  }, RSS_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return peakBytes;
    },
  };
}

/** The drills as a table, with the aims. */
export function table(points: readonly DrillPoint[]): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
  const megabytes = (bytes: number | null): string =>
    bytes === null ? 'unknown' : `${(bytes / 1e6).toFixed(0)} MB`;
  const row = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(16)}${cells.map((cell) => cell.padStart(11)).join('')}`;
  return [
    row('scenario', ['stack up', 'stack down', 'overhead', 'peak RSS', 'timeline', 'wall', 'load']),
    ...points.map(({ scenario, upMs, downMs, overheadMs, peakRssBytes, phasesMs, wallMs, loadBefore }) =>
      row(scenario, [
        ...[upMs, downMs, overheadMs].map(seconds),
        megabytes(peakRssBytes),
        ...[phasesMs, wallMs].map(seconds),
        loadBefore.toFixed(1),
      ]),
    ),
    row('aim, at most', [
      ...[AIM.upMs, AIM.downMs, AIM.overheadMs].map(seconds),
      megabytes(AIM.peakRssBytes),
      '',
      '',
      `of ${String(cpus().length)}`,
    ]),
  ].join('\n');
}

if (process.argv[1] === SELF) console.log(table(await run(Number(process.argv[2] ?? '1'))));
