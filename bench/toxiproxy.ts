import { fileURLToPath } from 'node:url';
import { Bench, type Target } from './toxiproxy-servers.js';

/** What a figure has to reach; null where what it is held against was not in the run. */
interface Aim {
  readonly text: string;
  readonly reached: boolean | null;
}

/** One measured figure: the median of what each target reached, and the medians of the ratios in each round. */
export interface BenchFigure {
  readonly name: string;
  readonly unit: string;
  readonly direct?: number;
  readonly builtIn: number;
  readonly original?: number;
  /** Built-in to direct. */
  readonly toDirect?: number;
  /** Built-in to original. */
  readonly toOriginal?: number;
  readonly aims: readonly Aim[];
  /** Whether the client's and the far end's own speed is part of the figure. */
  readonly dependsOnClient: boolean;
}

export interface BenchResult {
  readonly title: string;
  readonly figures: readonly BenchFigure[];
}

const ROUNDS = 7;
const TIMED_ROUNDS = 3;
const MANY_CONNECTIONS = 50;
const VISITS = 3_000;
const RATES_KBPS = [1_000, 20_000, 100_000];
/** Up to here the time has to be within 1 % of the ideal, above it no worse than the original's. */
const EXACT_RATE_KBPS = 20_000;
const TIMED_MS = 2_500;
const GIB = 2 ** 30;
const SELF = fileURLToPath(import.meta.url);

/** What one target did in one round. */
type Sample = Readonly<Record<string, number>>;
type Samples = ReadonlyMap<Target['name'], readonly Sample[]>;
type Figure = Omit<BenchFigure, 'name' | 'unit' | 'aims' | 'dependsOnClient'>;

/**
 * Measures the built-in server beside a direct connection and, where `NOBOUNCE_TOXIPROXY_SERVER` is the
 * path of one, the official server, with the same clients in the same run. Client, far end and proxies are
 * processes of their own, and the targets take turns, so that a busy machine slows all of them.
 */
export async function run(): Promise<BenchResult> {
  const bench = new Bench();
  try {
    const targets = await bench.start(process.env['NOBOUNCE_TOXIPROXY_SERVER'], RATES_KBPS);
    return {
      title: `Toxiproxy: ${targets.map(({ name }) => name).join(', ')}`,
      figures: [
        ...(await measureBulk(bench, targets, 1, 0.5)),
        ...(await measureBulk(bench, targets, MANY_CONNECTIONS, 0.6)),
        ...(await measureRoundTrip(bench, targets)),
        ...(await measureConnections(bench, targets)),
        ...(await measureBandwidth(bench, targets)),
      ],
    };
  } finally {
    bench.stop();
  }
}

/** Lets every target do the same in turns; each sample has the CPU time of the proxy too. */
async function inTurns(
  targets: readonly Target[],
  rounds: number,
  once: (target: Target) => Promise<Sample>,
): Promise<Samples> {
  const samples = new Map<Target['name'], Sample[]>(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Back and forth: none always comes after the same other.
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      const cpuBeforeMs = await target.cpuMs();
      const sample = await once(target);
      samples.get(target.name)?.push({ ...sample, cpuMs: (await target.cpuMs()) - cpuBeforeMs });
    }
  }
  return samples;
}

async function measureBulk(
  bench: Bench,
  targets: readonly Target[],
  count: number,
  share: number,
): Promise<readonly BenchFigure[]> {
  const samples = await inTurns(targets, ROUNDS, async ({ sink }) => bench.client('bulk', sink, count));
  const name = `${String(count)} connection${count === 1 ? '' : 's'}`;
  const speed = compare(samples, ({ bytes = 0, seconds = 0 }) => bytes / 1e6 / seconds);
  const cpu = compare(samples, ({ cpuMs = 0, bytes = 0 }) => cpuMs / 1_000 / (bytes / GIB), 'proxies');
  const text = `>= ${String(share)} of direct`;
  return [
    {
      ...{ name: `throughput, ${name}`, unit: 'MB/s', dependsOnClient: true, ...speed },
      aims: [{ text, reached: (speed.toDirect ?? 0) >= share }, atLeastOriginal(speed)],
    },
    {
      ...{ name: `CPU per GiB, ${name}`, unit: 's', dependsOnClient: true, ...cpu },
      aims: [atMostOriginal(cpu)],
    },
  ];
}

async function measureRoundTrip(bench: Bench, targets: readonly Target[]): Promise<readonly BenchFigure[]> {
  const samples = await inTurns(targets, ROUNDS, async ({ echo }) => bench.client('echo', echo));
  return (['p50Micros', 'p99Micros'] as const).map((percentile) => {
    const limitMicros = percentile === 'p50Micros' ? 40 : 200;
    const times = compare(samples, (sample) => sample[percentile] ?? Number.NaN);
    const added = times.builtIn - (times.direct ?? 0);
    const aim = {
      text: `<= direct + ${String(limitMicros)}, is + ${added.toFixed(0)}`,
      reached: added <= limitMicros,
    };
    return {
      ...{ name: `round trip of 64 bytes, ${percentile.slice(0, 3)}`, unit: 'µs', ...times },
      ...{ aims: [aim, atMostOriginal(times)], dependsOnClient: true },
    };
  });
}

async function measureConnections(bench: Bench, targets: readonly Target[]): Promise<readonly BenchFigure[]> {
  const samples = await inTurns(targets, ROUNDS, async ({ echo }) =>
    bench.client('connections', echo, VISITS),
  );
  const rate = compare(samples, ({ perSecond = 0 }) => perSecond);
  const cpu = compare(samples, ({ cpuMs = 0 }) => cpuMs / VISITS, 'proxies');
  return [
    {
      ...{ name: 'connections a second', unit: '/s', ...rate },
      ...{ aims: [atLeastOriginal(rate)], dependsOnClient: true },
    },
    {
      ...{ name: 'CPU for a connection', unit: 'ms', ...cpu },
      ...{ aims: [atMostOriginal(cpu)], dependsOnClient: false },
    },
  ];
}

async function measureBandwidth(bench: Bench, targets: readonly Target[]): Promise<readonly BenchFigure[]> {
  const proxies = targets.filter(({ name }) => name !== 'direct');
  const figures: BenchFigure[] = [];
  for (const rate of RATES_KBPS) {
    const samples = await inTurns(proxies, TIMED_ROUNDS, async ({ limited }) =>
      bench.client('timed', limited.get(rate) ?? 0, rate * TIMED_MS),
    );
    const times = compare(samples, ({ ms = 0 }) => ms);
    const exact = {
      text: `within 1 % of ${String(TIMED_MS)}`,
      reached: Math.abs(times.builtIn / TIMED_MS - 1) <= 0.01,
    };
    figures.push({
      ...{ name: `${String(TIMED_MS)} ms of data at ${String(rate)} KB/s`, unit: 'ms', ...times },
      ...{ aims: [rate <= EXACT_RATE_KBPS ? exact : atMostOriginal(times)], dependsOnClient: false },
    });
  }
  return figures;
}

/** @param of `proxies` for what a direct connection has none of. */
function compare(samples: Samples, read: (sample: Sample) => number, of?: 'proxies'): Figure {
  const values = (name: Target['name']): readonly number[] => (samples.get(name) ?? []).map(read);
  const builtIn = values('built-in');
  const against = (others: readonly number[]): number =>
    median(builtIn.map((value, round) => value / (others[round] ?? Number.NaN)));
  const direct = of === 'proxies' ? [] : values('direct');
  const original = values('original');
  return {
    builtIn: median(builtIn),
    ...(direct.length === 0 ? {} : { direct: median(direct), toDirect: against(direct) }),
    ...(original.length === 0 ? {} : { original: median(original), toOriginal: against(original) }),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function atLeastOriginal({ toOriginal }: Figure): Aim {
  return { text: ">= the original's", reached: toOriginal === undefined ? null : toOriginal >= 1 };
}

function atMostOriginal({ toOriginal }: Figure): Aim {
  return { text: "<= the original's", reached: toOriginal === undefined ? null : toOriginal <= 1 };
}

/** The figures as a table, with the aims; `*` marks those that depend on the client. */
export function format({ title, figures }: BenchResult): string {
  const header = ['', 'direct', 'built-in', 'original', 'to direct', 'to original', 'aims'];
  const rows = figures.map(({ name, unit, dependsOnClient, aims, ...values }) => [
    `${name}, ${unit}${dependsOnClient ? ' *' : ''}`,
    ...[values.direct, values.builtIn, values.original].map(number),
    ...[values.toDirect, values.toOriginal].map((ratio) => ratio?.toFixed(2) ?? '–'),
    aims.map(({ text, reached }) => `${word(reached)} (${text})`).join(', '),
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines, '* depends on the client and the far end too: compare it within a run only'].join(
    '\n',
  );
}

function word(reached: boolean | null): string {
  if (reached === null) return 'no original here';
  return reached ? 'reached' : 'missed';
}

function number(value: number | undefined): string {
  if (value === undefined) return '–';
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

if (process.argv[1] === SELF) {
  const result = await run();
  console.log(process.argv.includes('--json') ? JSON.stringify(result, null, 2) : format(result));
}
