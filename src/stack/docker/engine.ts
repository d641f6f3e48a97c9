import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { withDeadline } from '../../errors/deadline.js';
import { describeError, NobounceError } from '../../errors/errors.js';
import { thisMachine } from './docker-config.js';
import { socketPath, type Endpoint } from './endpoint.js';
import { findEngine } from './reach.js';

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

/** The name of a service's container, in which that of the run tells runs apart. */
export function containerName(run: string, service: string): string {
  return `nobounce-${run}-${service}`;
}

/** The labels of everything that one run starts. */
export function labels(run: string): Record<string, string> {
  return { [LABEL]: 'true', [LABEL_RUN]: run, [LABEL_OWNER]: owner() };
}

const modemSchema = z.object({
  socketPath: z.string().optional(),
  host: z.string().optional(),
  port: z.coerce.string().optional(),
});

/** Where a client of testcontainers has in fact connected to. */
function connectedTo(client: ContainerRuntimeClient): string {
  const { socketPath: socket, host, port } = modemSchema.parse(client.container.dockerode.modem);
  return host === undefined ? (socket ?? '') : `${host}:${port ?? ''}`;
}

/**
 * Tells testcontainers which engine to use. Left alone it tries one place after another, and starts containers on
 * whichever answers.
 */
function pin({ uri, certPath }: Endpoint): void {
  process.env['DOCKER_HOST'] = uri;
  if (certPath === null) {
    delete process.env['DOCKER_TLS_VERIFY'];
    delete process.env['DOCKER_CERT_PATH'];
  } else {
    process.env['DOCKER_TLS_VERIFY'] = '1';
    process.env['DOCKER_CERT_PATH'] = certPath;
  }
  // Its own reaper is left out: its image needs a registry, and nobounce sweeps by label itself.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  // Empty counts as not set; without it, an image is pulled to find the host out.
  if ((process.env['TESTCONTAINERS_HOST_OVERRIDE'] ?? '').trim() === '')
    process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';
}

const CONNECT_TIMEOUT_MS = 30_000;

async function connect(): Promise<ContainerRuntimeClient> {
  const { endpoint } = await findEngine(thisMachine());
  pin(endpoint);
  const named = endpoint.namedBy ?? endpoint.uri;
  let client: ContainerRuntimeClient;
  try {
    client = await withDeadline(getContainerRuntimeClient(), CONNECT_TIMEOUT_MS, 'asking the engine');
  } catch (cause) {
    const advice = '`nobounce doctor` says what it sees; DEBUG=testcontainers* what was tried';
    throw new NobounceError('environment', `the engine ${named} answers, but cannot be used`, {
      cause,
      advice,
    });
  }
  const expected = socketPath(endpoint) ?? endpoint.uri.replace('tcp://', '');
  const actual = connectedTo(client);
  if (actual === expected) return client;
  throw new NobounceError(
    'environment',
    `${named} was asked for, but testcontainers has connected to ${actual}`,
    {
      advice: 'the engine stopped answering in between, or this process used another one before',
    },
  );
}

let connecting: Promise<ContainerRuntimeClient> | undefined;

/**
 * Connects to the Docker engine that was named, or to this machine's own where nobody named one.
 * @throws NobounceError (`environment`) that says what is wrong with it, and what to do.
 */
export async function connectEngine(): Promise<ContainerRuntimeClient> {
  connecting ??= connect();
  try {
    return await connecting;
  } catch (error) {
    connecting = undefined;
    throw error;
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
