import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers';
import { describeError, NobounceError } from '../../errors/errors.js';

/** Every container and network of nobounce carries it; `nobounce clean` and the next run find them by it. */
const LABEL = 'org.nobounce';
const LABEL_RUN = 'org.nobounce.run';
const LABEL_OWNER = 'org.nobounce.owner';
/** Images are named, not labelled: testcontainers' builder sets its own labels only. */
export const IMAGE_PREFIX = 'nobounce/';

/** When a process was started, in clock ticks since boot (proc_pid_stat(5), field 22); tells reused pids apart. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function owner(): string {
  return `${hostname()}/${String(process.pid)}/${startTicks(process.pid) ?? '-'}`;
}

function isAlive(ownerLabel: string): boolean {
  const [host, pid, ticks] = ownerLabel.split('/');
  // Another machine that shares this engine may be at work: its things are for `clean`, not for a sweep.
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return ticks === '-' || startTicks(Number(pid)) === ticks;
}

/** Finds everything that one run started, by label. */
export function runFilter(run: string): { readonly label: string[] } {
  return { label: [`${LABEL_RUN}=${run}`] };
}

/** The labels of everything that one run starts. */
export function labels(run: string): Record<string, string> {
  return { [LABEL]: 'true', [LABEL_RUN]: run, [LABEL_OWNER]: owner() };
}

/**
 * Connects to the Docker engine. Throws an environment error that says what to do where there is none.
 * testcontainers' own reaper is left out: its image needs a registry, and nobounce sweeps by label itself.
 */
export async function connectEngine(): Promise<ContainerRuntimeClient> {
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= '127.0.0.1';
  try {
    return await getContainerRuntimeClient();
  } catch (cause) {
    throw new NobounceError('environment', 'no Docker engine answers', {
      cause,
      advice:
        'start it (on Debian and Ubuntu: `sudo bash scripts/setup-docker.sh`), then run `nobounce doctor`',
    });
  }
}

/** What a sweep removed, by name. */
export interface Swept {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly images: readonly string[];
}

async function removing(what: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    // Gone already, or going: another sweep was faster.
    if (/no such|not found|already in progress|is already/i.test(describeError(error))) return;
    throw new NobounceError('environment', `cannot remove ${what}`, { cause: error });
  }
}

/**
 * Removes what nobounce left behind: `dead`: of runs whose process is no more; `all`: of every run on this engine;
 * a run id: of that run. Images only where asked for.
 */
export async function sweep(
  client: ContainerRuntimeClient,
  which: 'dead' | 'all' | { readonly run: string },
  images = false,
): Promise<Swept> {
  const docker = client.container.dockerode;
  const filters = { label: [typeof which === 'object' ? `${LABEL_RUN}=${which.run}` : `${LABEL}=true`] };
  const mine = (found: Record<string, string> | undefined): boolean =>
    which !== 'dead' || !isAlive(found?.[LABEL_OWNER] ?? '');
  const containers = (await docker.listContainers({ all: true, filters })).filter(({ Labels }) =>
    mine(Labels),
  );
  await Promise.all(
    containers.map(({ Id, Names }) =>
      removing(`container ${Names[0] ?? Id}`, docker.getContainer(Id).remove({ force: true, v: true })),
    ),
  );
  const networks = (await docker.listNetworks({ filters })).filter(({ Labels }) => mine(Labels));
  await Promise.all(
    networks.map(({ Id, Name }) => removing(`network ${Name}`, docker.getNetwork(Id).remove())),
  );
  const tags = images
    ? (await docker.listImages())
        .flatMap(({ RepoTags }) => RepoTags ?? [])
        .filter((tag) => tag.startsWith(IMAGE_PREFIX))
    : [];
  for (const tag of tags) await removing(`image ${tag}`, docker.getImage(tag).remove({ force: true }));
  return {
    containers: containers.map(({ Id, Names }) => Names[0]?.replace(/^\//, '') ?? Id),
    networks: networks.map(({ Name }) => Name),
    images: tags,
  };
}
