import { fileURLToPath } from 'node:url';
import { Bench, type Target } from './toxiproxy-servers.js';

/** One measured figure: what the targets reached in the same run, and what comes of it. */
export interface BenchFigure {
  readonly name: string;
  readonly unit: string;
  readonly direct?: number;
  readonly builtIn: number;
  readonly original?: number;
  /** What the aim is about. */
  readonly result: number;
  readonly aim: string;
  readonly reached: boolean;
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
const TIMED_MS = 2_500;
const GIB = 2 ** 30;
const SELF = fileURLToPath(import.meta.url);

/** What one target did in one round. */
type Sample = Readonly<Record<string, number>>;
type Samples = ReadonlyMap<Target['name'], readonly Sample[]>;

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
    for (const target of targets) {
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
  aim: number,
): Promise<readonly BenchFigure[]> {
  const samples = await inTurns(targets, ROUNDS, async ({ sink }) => bench.client('bulk', sink, count));
  const name = `${String(count)} connection${count === 1 ? '' : 's'}`;
  const speed = medians(samples, ({ bytes = 0, seconds = 0 }) => bytes / 1e6 / seconds);
  const cpu = medians(samples, ({ cpuMs = 0, bytes = 0 }) => cpuMs / 1_000 / (bytes / GIB));
  return [
    figure(`throughput, ${name}`, 'MB/s', speed, speed.builtIn / (speed.direct ?? 0), {
      aim: `built-in/direct >= ${String(aim)}`,
      isReached: (ratio) => ratio >= aim,
      dependsOnClient: true,
    }),
    againstOriginal(`CPU per GiB, ${name}`, 's', cpu, 'at most'),
  ];
}

async function measureRoundTrip(bench: Bench, targets: readonly Target[]): Promise<readonly BenchFigure[]> {
  const samples = await inTurns(targets, ROUNDS, async ({ echo }) => bench.client('echo', echo));
  return (['p50Micros', 'p99Micros'] as const).map((percentile) => {
    const aim = percentile === 'p50Micros' ? 40 : 200;
    const times = medians(samples, (sample) => sample[percentile] ?? Number.NaN);
    const added = times.builtIn - (times.direct ?? 0);
    return figure(`round trip of 64 bytes, ${percentile.slice(0, 3)}`, 'µs', times, added, {
      aim: `built-in - direct <= ${String(aim)}`,
      isReached: (micros) => micros <= aim,
      dependsOnClient: true,
    });
  });
}

async function measureConnections(bench: Bench, targets: readonly Target[]): Promise<readonly BenchFigure[]> {
  const samples = await inTurns(targets, ROUNDS, async ({ echo }) =>
    bench.client('connections', echo, VISITS),
  );
  const rate = medians(samples, ({ perSecond = 0 }) => perSecond);
  const cpu = medians(samples, ({ cpuMs = 0 }) => cpuMs / VISITS);
  return [
    { ...againstOriginal('connections a second', '/s', rate, 'at least'), dependsOnClient: true },
    againstOriginal('CPU for a connection', 'ms', cpu, 'at most'),
  ];
}

async function measureBandwidth(bench: Bench, targets: readonly Target[]): Promise<readonly BenchFigure[]> {
  const proxies = targets.filter(({ name }) => name !== 'direct');
  const figures: BenchFigure[] = [];
  for (const rate of RATES_KBPS) {
    const samples = await inTurns(proxies, TIMED_ROUNDS, async ({ limited }) =>
      bench.client('timed', limited.get(rate) ?? 0, rate * TIMED_MS),
    );
    const times = medians(samples, ({ ms = 0 }) => ms);
    const name = `${String(TIMED_MS)} ms of data at ${String(rate)} KB/s`;
    figures.push(
      rate < 100_000
        ? figure(name, 'ms', times, times.builtIn / TIMED_MS, {
            aim: 'within 1 % of the ideal',
            isReached: (ratio) => Math.abs(ratio - 1) <= 0.01,
            dependsOnClient: false,
          })
        : againstOriginal(name, 'ms', times, 'at most'),
    );
  }
  return figures;
}

interface Medians {
  readonly direct?: number;
  readonly builtIn: number;
  readonly original?: number;
}

function medians(samples: Samples, read: (sample: Sample) => number): Medians {
  const of = (name: Target['name']): number | undefined => {
    const sorted = samples
      .get(name)
      ?.map(read)
      .sort((a, b) => a - b);
    return sorted?.[Math.floor(sorted.length / 2)];
  };
  const direct = of('direct');
  const original = of('original');
  return {
    builtIn: of('built-in') ?? Number.NaN,
    ...(direct === undefined ? {} : { direct }),
    ...(original === undefined ? {} : { original }),
  };
}

function figure(
  name: string,
  unit: string,
  values: Medians,
  result: number,
  judged: {
    readonly aim: string;
    readonly isReached: (result: number) => boolean;
    readonly dependsOnClient: boolean;
  },
): BenchFigure {
  const { aim, isReached, dependsOnClient } = judged;
  return { name, unit, ...values, result, aim, reached: isReached(result), dependsOnClient };
}

/** Without an original in the run there is nothing to reach; the figures are told all the same. */
function againstOriginal(
  name: string,
  unit: string,
  values: Medians,
  limit: 'at least' | 'at most',
): BenchFigure {
  const ratio = values.builtIn / (values.original ?? Number.NaN);
  return figure(name, unit, values, ratio, {
    aim: `${limit} the original's`,
    isReached: () => Number.isNaN(ratio) || (limit === 'at least' ? ratio >= 1 : ratio <= 1),
    dependsOnClient: false,
  });
}

/** The figures as a table, with the aims; `*` marks those that depend on the client. */
export function format({ title, figures }: BenchResult): string {
  const header = ['', 'direct', 'built-in', 'original', 'result', 'aim'];
  const rows = figures.map(
    ({ name, unit, direct, builtIn, original, result, aim, reached, dependsOnClient }) => [
      `${name}, ${unit}${dependsOnClient ? ' *' : ''}`,
      ...[direct, builtIn, original].map((value) => (value === undefined ? '–' : number(value))),
      Number.isNaN(result) ? '–' : number(result),
      `${Number.isNaN(result) ? 'not measured' : reached ? 'reached' : 'missed'} (${aim})`,
    ],
  );
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

function number(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

if (process.argv[1] === SELF) {
  const result = await run();
  console.log(process.argv.includes('--json') ? JSON.stringify(result, null, 2) : format(result));
}
