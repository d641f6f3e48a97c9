import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import { onlyAnswersOtherwise, type Plan } from '../../scenario/plan.js';
import { connectToxiproxy, type Toxiproxy } from '../../toxiproxy/adapter.js';
import type { DockerStack } from '../definition.js';
import { all, linkName } from '../start.js';
import type { StartRequest, Volume } from '../stack.js';
import type { Fleet } from './fleet.js';
import type { Images } from './run-images.js';
import { listRuns } from './leftovers.js';
import { MOUNTING_RIGHTS, MOUNTS, Mounts, mountsDefinition, SHARED_TARGET } from './mounts.js';
import { bindShared, isNotShared, notShared, sharedFolder } from './shared-folder.js';
import { arrayDefinition, arrayImage, TOXIPROXY, toxiproxyDefinition } from './test-bed.js';
import { ArrayVolume, firstUpstream } from './volume.js';

const TOXIPROXY_API_PORT = 8_474;
const FIRST_LINK_PORT = 24_101;
/** How long a mount waits for a silent array; 0: for as long as it takes. */
const PING_TIMEOUT_S = { soft: 10, hard: 0 } as const;

/** What the storage of a run is started with. */
export interface StorageParts {
  readonly client: ContainerRuntimeClient;
  readonly request: StartRequest;
  readonly fleet: Fleet;
  readonly images: Images;
  readonly volumes: DockerStack['volumes'];
  /** The engine's folder below which the run has its mount points. */
  readonly shared: string;
}

/** The arrays, the links to them, and the mounts that go through the links. */
export interface Storage {
  readonly toxiproxy: Toxiproxy;
  readonly mounts: Mounts;
}

const arrayName = (volume: string): string => `array-${volume}`;

/** All side by side; the mounts come last: they go through the links, which need the arrays. */
export async function startStorage(parts: StorageParts): Promise<Storage> {
  const { plan } = parts.request;
  const arrays = plan.volumes.map((volume) =>
    parts.fleet.start({
      name: arrayName(volume),
      definition: arrayDefinition,
      image: parts.images(arrayImage.name),
    }),
  );
  const linking = Promise.all([startToxiproxy(parts), all(arrays)]).then(async ([toxiproxy]) => {
    await linkArrays(parts, toxiproxy);
    return toxiproxy;
  });
  const starting = startMounts(parts);
  await all([linking, starting]);
  const [toxiproxy, mounts] = await Promise.all([linking, starting]);
  await mounts.mountAll();
  return { toxiproxy, mounts };
}

/** The volumes of a run whose storage is started. */
export function startedVolumes(plan: Plan, fleet: Fleet, mounts: Mounts): ReadonlyMap<string, Volume> {
  return new Map(
    plan.volumes.map((name): [string, Volume] => {
      const array = fleet.get(arrayName(name)).container;
      return [name, new ArrayVolume(name, linkName(name), array, mounts, onlyAnswersOtherwise(plan, name))];
    }),
  );
}

async function startToxiproxy({ client, fleet, images }: StorageParts): Promise<Toxiproxy> {
  const container = await fleet.start({
    name: TOXIPROXY,
    // The engine may be on another machine, by whose name the API is called then.
    definition: toxiproxyDefinition(client.info.containerRuntime.host),
    image: images(TOXIPROXY),
    apiPort: TOXIPROXY_API_PORT,
  });
  return connectToxiproxy(apiUrl(container));
}

function apiUrl(container: StartedTestContainer): string {
  return `http://${container.getHost()}:${String(container.getMappedPort(TOXIPROXY_API_PORT))}`;
}

async function linkArrays({ request: { plan }, fleet }: StorageParts, toxiproxy: Toxiproxy): Promise<void> {
  await all(
    plan.volumes.map(async (volume, index) => {
      const array = fleet.get(arrayName(volume)).container;
      await toxiproxy.createProxy({
        name: linkName(volume),
        listen: `0.0.0.0:${String(FIRST_LINK_PORT + index)}`,
        upstream: await firstUpstream(volume, array, onlyAnswersOtherwise(plan, volume)),
      });
    }),
  );
}

async function startMounts(parts: StorageParts): Promise<Mounts> {
  const { client, fleet, images, shared, volumes } = parts;
  const { plan, run } = parts.request;
  const given = {
    run,
    volumes: plan.volumes.map((name, index) => ({
      name,
      host: TOXIPROXY,
      port: FIRST_LINK_PORT + index,
      pingTimeoutS: PING_TIMEOUT_S[plan.scenario.storage.mount],
    })),
    mountPoint: volumes.mountPoint,
    owner: volumes.owner,
    failoverS: volumes.failoverSeconds,
  };
  try {
    await fleet.start({
      name: MOUNTS,
      definition: mountsDefinition,
      image: images(MOUNTS),
      environment: { NOBOUNCE_STACK: JSON.stringify(given) },
      ...MOUNTING_RIGHTS,
      binds: [bindShared(shared, SHARED_TARGET)],
    });
  } catch (error) {
    throw isNotShared(error) ? notShared(sharedFolder(), error) : error;
  }
  const mounts = new Mounts(client, fleet.get(MOUNTS), run, () =>
    [...fleet.services.values()].filter(({ definition }) => definition.volumesAt !== undefined),
  );
  await sweepFolders(client, mounts);
  return mounts;
}

/** Folders of runs of which nothing else is left, as when somebody removed their containers by hand. */
async function sweepFolders(client: ContainerRuntimeClient, mounts: Mounts): Promise<void> {
  const others = await mounts.others();
  if (others.length === 0) return;
  // In this order: a lease is taken before a folder is made.
  const known = new Set((await listRuns(client)).map(({ run }) => run));
  const orphans = others.filter((run) => !known.has(run));
  if (orphans.length > 0) await mounts.remove(orphans);
}
