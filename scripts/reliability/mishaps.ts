import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MOMENTS, type Living, type Mishap, type Moment } from './drill.js';

const UP: readonly Moment[] = MOMENTS.filter((moment) => moment !== 'start');
const CONTAINERS = [
  'store',
  'mta',
  'array-gold',
  'array-silver',
  'mounts',
  'toxiproxy',
  'outside',
  'outside-mta-1',
  'lease',
];
/** The processes of the embedded stack, by what stands in their command lines. */
const PROCESSES: Readonly<Record<string, string>> = {
  store: 'embedded/store/main.js',
  mta: 'haraka',
  array: 'embedded/array/main.js',
  toxiproxy: 'toxiproxy/main.js',
  outside: 'outside/main.js',
};
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGKILL'] as const;
const SMALL_DISK = 'size=2m';

function dockerKill(service: string): Mishap['befall'] {
  return ({ run }) => {
    execFileSync('docker', ['kill', `nobounce-${run}-${service}`], { stdio: 'ignore' });
  };
}

/** Takes all that is left of a disk. */
function fill({ reportDir }: Living): void {
  const file = openSync(join(reportDir, 'full'), 'w');
  const block = Buffer.alloc(4_096);
  try {
    for (;;) writeSync(file, block);
  } catch {
    // It is full.
  } finally {
    closeSync(file);
  }
}

function smallDisk(home: string): ReturnType<NonNullable<Mishap['reports']>> {
  const dir = join(home, 'disk');
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', SMALL_DISK, 'nobounce-reliability', dir]);
  return Promise.resolve({
    dir,
    undo: () => {
      execFileSync('umount', [dir]);
      return Promise.resolve();
    },
  });
}

function onEngine(): readonly Mishap[] {
  const base = { driver: 'docker', behindProxy: true } as const;
  return UP.flatMap((when): readonly Mishap[] => [
    { ...base, when, name: 'log streams cut', befall: ({ proxy }) => void proxy?.cut(/\/logs\?/) },
    { ...base, when, name: 'event stream cut', befall: ({ proxy }) => void proxy?.cut(/\/events\?/) },
    { ...base, when, name: 'engine gone', befall: ({ proxy }) => proxy?.goAway() },
    { ...base, when, name: 'engine frozen', befall: ({ proxy }) => proxy?.freeze() },
  ]);
}

function onHarness(driver: Mishap['driver']): readonly Mishap[] {
  return MOMENTS.flatMap((when): readonly Mishap[] => [
    ...SIGNALS.map((signal) => ({
      name: signal,
      driver,
      when,
      befall: ({ child }: Living) => void child.kill(signal),
    })),
    { name: 'pipe closed', driver, when, befall: ({ child }) => void child.stdout?.destroy() },
    { name: 'report disk full', driver, when, befall: fill, reports: smallDisk },
  ]);
}

/** Everything that the table of docs/reliability.md tells of. */
export const MISHAPS: readonly Mishap[] = [
  ...CONTAINERS.flatMap((service) =>
    UP.map((when): Mishap => ({
      name: `docker kill ${service}`,
      driver: 'docker',
      when,
      befall: dockerKill(service),
    })),
  ),
  ...onEngine(),
  ...onHarness('docker'),
  ...Object.entries(PROCESSES).flatMap(([service, text]) =>
    UP.map((when): Mishap => ({
      name: `kill -9 ${service}`,
      driver: 'embedded',
      when,
      befall: ({ pidsOf }) => {
        const [pid] = pidsOf(text);
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
      },
    })),
  ),
  ...onHarness('embedded'),
  ...(['docker', 'embedded'] as const).map((driver): Mishap => ({
    name: 'ulimit -n 64',
    driver,
    when: 'start',
    shell: 'ulimit -n 64',
    befall: () => undefined,
  })),
];
