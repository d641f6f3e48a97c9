import type { ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { describeError, NobounceError } from '../../errors/errors.js';
import { engineCall } from './call.js';
import {
  containerName,
  EVERY_RUN,
  LABEL_KEPT,
  LABEL_LEASE,
  LABEL_OWNER,
  LABEL_RUN,
  LABEL_SHARED,
  runFilter,
} from './labels.js';
import { MOUNTS } from './mounts.js';
import { removeRunFolders } from './run-folders.js';

/** Between making a lease and holding it a run is neither here nor there. */
const TAKING_S = 60;
/** Something may still be starting when all else is removed. */
const MOST_PASSES = 3;

const engineInfo = z.object({ SystemTime: z.string() });

/** A container or network of a run. */
export interface Thing {
  readonly kind: 'container' | 'network';
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a container, as the engine says it: `created`, `running`, `paused`, `exited`, … */
  readonly state: string;
  /** Epoch seconds of the engine's clock. */
  readonly createdS: number;
}

/** Everything of one run that is still there. */
export interface LeftRun {
  readonly run: string;
  readonly things: readonly Thing[];
  /** `unknown`: of a nobounce before 0.2, which took no lease. */
  readonly state: 'living' | 'dead' | 'unknown';
  /** It was left running on purpose. */
  readonly isKept: boolean;
}

function stateOf(things: readonly Thing[], nowS: number): LeftRun['state'] {
  const lease = things.find(({ labels }) => LABEL_LEASE in labels);
  if (lease === undefined) return things.some(({ labels }) => LABEL_OWNER in labels) ? 'unknown' : 'dead';
  const isHeld = lease.state === 'running' || lease.state === 'paused';
  const isBeingTaken = lease.state === 'created' && nowS - lease.createdS < TAKING_S;
  return isHeld || isBeingTaken ? 'living' : 'dead';
}

/** What is there, run by run. Pure. @param nowS epoch seconds of the engine's clock. */
export function byRun(things: readonly Thing[], nowS: number): readonly LeftRun[] {
  const runs = new Map<string, Thing[]>();
  for (const thing of things) {
    const run = thing.labels[LABEL_RUN] ?? '';
    runs.set(run, [...(runs.get(run) ?? []), thing]);
  }
  return [...runs].map(([run, own]) => ({
    run,
    things: own,
    state: stateOf(own, nowS),
    isKept: own.some(({ labels }) => LABEL_KEPT in labels),
  }));
}

async function listThings(
  client: ContainerRuntimeClient,
  filters: { readonly label: string[] },
): Promise<readonly Thing[]> {
  const docker = client.container.dockerode;
  // In this order: a lease is taken before a network is made, so whose network is seen has its lease among what follows.
  const networks = await engineCall(docker.listNetworks({ filters }), 'the list of networks');
  const containers = await engineCall(
    docker.listContainers({ all: true, filters }),
    'the list of containers',
  );
  return [
    ...containers.map(({ Id, Names, Labels, State, Created }): Thing => ({
      kind: 'container',
      id: Id,
      name: Names[0]?.replace(/^\//, '') ?? Id,
      labels: Labels,
      state: State,
      createdS: Created,
    })),
    ...networks.map(({ Id, Name, Labels }): Thing => ({
      kind: 'network',
      id: Id,
      name: Name,
      labels: Labels ?? {},
      state: '',
      createdS: 0,
    })),
  ];
}

/** Every run that has anything on this engine. */
export async function listRuns(client: ContainerRuntimeClient): Promise<readonly LeftRun[]> {
  const things = await listThings(client, EVERY_RUN);
  const isBeingTaken = things.some(({ labels, state }) => LABEL_LEASE in labels && state === 'created');
  // Its clock is asked for only where it counts: it may be another one than this machine's.
  return byRun(things, isBeingTaken ? await engineNowS(client) : 0);
}

async function engineNowS(client: ContainerRuntimeClient): Promise<number> {
  const info: unknown = await engineCall(client.container.dockerode.info(), 'its time');
  return Date.parse(engineInfo.parse(info).SystemTime) / 1_000;
}

async function remove(client: ContainerRuntimeClient, { kind, id, name }: Thing): Promise<void> {
  const docker = client.container.dockerode;
  const removing =
    kind === 'container'
      ? docker.getContainer(id).remove({ force: true, v: true })
      : docker.getNetwork(id).remove();
  try {
    await engineCall(removing, `the removal of ${name}`);
  } catch (error) {
    // Gone already, or going: another sweep was faster.
    if (/no such|not found|already in progress|is already/i.test(describeError(error))) return;
    throw error;
  }
}

/** @throws NobounceError (`environment`) that names what of them is left, and why; all are tried. */
async function removeAll(client: ContainerRuntimeClient, things: readonly Thing[]): Promise<void> {
  const failures: string[] = [];
  let cause: unknown;
  await Promise.all(
    things.map((thing) =>
      remove(client, thing).catch((error: unknown) => {
        failures.push(thing.name);
        cause = error;
      }),
    ),
  );
  if (failures.length === 0) return;
  throw new NobounceError('environment', `cannot remove ${failures.join(', ')}`, {
    cause,
    advice: 'once the engine answers again, `nobounce clean` removes what is left',
  });
}

/**
 * Ends the mounts of a run from within the container that made them, if that still runs. A mail container that waits
 * for a dead array cannot be killed before.
 * @returns whether they are gone, and the run's folder with them.
 */
async function leaveMounts(client: ContainerRuntimeClient, { run, things }: Left): Promise<boolean> {
  const mounts = things.find(({ name }) => name === containerName(run, MOUNTS));
  if (mounts?.state !== 'running') return false;
  const container = client.container.dockerode.getContainer(mounts.id);
  try {
    const leaving = client.container.exec(container, ['mounts-ctl', 'leave']);
    return (await engineCall(leaving, 'an end of its mounts')).exitCode === 0;
  } catch {
    // It ended meanwhile, or hangs: a container of its own does it.
    return false;
  }
}

type Left = Pick<LeftRun, 'run' | 'things'>;

/**
 * Removes everything of one run: its mounts, its containers, its folder on the engine's machine, its network. The lease
 * goes after the folder, and names it: whenever this is cut off, what is left can be found.
 * @param seenIn the shared folder in which one of the run was seen; its lease may be gone.
 * @throws NobounceError (`environment`) that names what is left, and why.
 */
export async function removeLeft(client: ContainerRuntimeClient, left: Left, seenIn?: string): Promise<void> {
  const { run, things } = left;
  const leases = things.filter(({ labels }) => LABEL_LEASE in labels);
  const named = leases.map(({ labels }) => labels[LABEL_SHARED]).find((folder) => folder !== undefined);
  const shared = named ?? seenIn;
  const haveLeft = await leaveMounts(client, left);
  await removeAll(
    client,
    things.filter((thing) => thing.kind === 'container' && !leases.includes(thing)),
  );
  if (shared !== undefined && !haveLeft) await removeRunFolders(client, shared, [run]);
  await removeAll(client, leases);
  await removeAll(
    client,
    things.filter(({ kind }) => kind === 'network'),
  );
}

/** Removes everything of one run, whether it lives or not. @throws as `removeLeft`. */
export async function removeRun(client: ContainerRuntimeClient, run: string): Promise<void> {
  for (let pass = 1; ; pass += 1) {
    const things = await listThings(client, runFilter(run));
    if (things.length === 0) return;
    try {
      await removeLeft(client, { run, things });
    } catch (error) {
      if (pass >= MOST_PASSES) throw error;
    }
    if (pass >= MOST_PASSES) return;
  }
}

/** Removes what dead runs left, but for what was kept on purpose. @throws as `removeLeft`. */
export async function sweepDeadRuns(client: ContainerRuntimeClient): Promise<void> {
  const dead = (await listRuns(client)).filter(({ state, isKept }) => state === 'dead' && !isKept);
  await Promise.all(dead.map((left) => removeLeft(client, left)));
}

/**
 * Removes the images that nobounce built, but for those that a container uses.
 * @returns the names of those that were removed, and of those that are in use.
 */
export async function removeImages(
  client: ContainerRuntimeClient,
  prefix: string,
): Promise<{ readonly removed: readonly string[]; readonly used: readonly string[] }> {
  const docker = client.container.dockerode;
  const containers = await engineCall(docker.listContainers({ all: true }), 'the list of containers');
  const inUse = new Set(containers.map(({ ImageID }) => ImageID));
  const images = await engineCall(docker.listImages(), 'the list of images');
  const [removed, used]: [string[], string[]] = [[], []];
  for (const { Id, RepoTags } of images) {
    for (const tag of (RepoTags ?? []).filter((name) => name.startsWith(prefix))) {
      (inUse.has(Id) ? used : removed).push(tag);
    }
  }
  for (const tag of removed) {
    await engineCall(docker.getImage(tag).remove({ force: true }), `the removal of the image ${tag}`);
  }
  return { removed, used };
}
