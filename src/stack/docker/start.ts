import type { ContainerRuntimeClient } from 'testcontainers';
import { withDeadline } from '../../errors/deadline.js';
import { NobounceError } from '../../errors/errors.js';
import type { DockerStack, ServiceDefinition } from '../definition.js';
import { all, newAccounts, sweepFirst } from '../start.js';
import type { RunningStack, StartRequest } from '../stack.js';
import { DockerClocks } from './clocks.js';
import { DeathWatch } from './deaths.js';
import { connectEngine } from './engine.js';
import { Fleet } from './fleet.js';
import { imagesOf } from './run-images.js';
import { containerName } from './labels.js';
import { Lease } from './lease.js';
import { removeRun, sweepDeadRuns } from './leftovers.js';
import { linkMx, MX_PROBE, startMail, type MailServices, type NamedService } from './mail.js';
import { keepsTime, movesClocks } from './movable.js';
import { RunningDockerStack } from './running.js';
import { engineFolder } from './shared-folder.js';
import { startedVolumes, startStorage } from './storage.js';
import { OUTSIDE } from './test-bed.js';

const STOP_TIMEOUT_MS = 20_000;

/** Starts a stack's services as containers, in the order in which they need one another. */
export async function startStack(stack: DockerStack, request: StartRequest): Promise<RunningStack> {
  const client = await connectEngine();
  await sweepFirst(() => sweepDeadRuns(client), request);
  return startContainers(client, stack, request);
}

async function startContainers(
  client: ContainerRuntimeClient,
  stack: DockerStack,
  request: StartRequest,
): Promise<RunningStack> {
  const { run, keep, onTeardown, plan } = request;
  const services = servicesOf(stack);
  const accounts = newAccounts(plan);
  const shared = await engineFolder(client);
  const images = await imagesOf(client, stack, request);
  const held: { lease?: Lease; fleet?: Fleet } = {};
  onTeardown('remove containers and network', STOP_TIMEOUT_MS + 1_000, async () => {
    held.lease?.release();
    if (!keep) await remove(client, run, [...(held.fleet?.services.keys() ?? [])]);
  });
  const lease = await Lease.take(client, run, { image: images(OUTSIDE), keep, shared });
  held.lease = lease;
  const deaths = await DeathWatch.open(client, run);
  onTeardown('stop listening to the engine', STOP_TIMEOUT_MS, () => deaths.stop());
  const fleet = await Fleet.open(client, request);
  held.fleet = fleet;
  request.progress('starting containers');
  const storing = startStorage({ client, request, fleet, images, volumes: stack.volumes, shared });
  await all([
    storing,
    startMail({ request, fleet, images, services, accounts, runFolder: `${shared}/${run}` }),
  ]);
  const { toxiproxy, mounts } = await storing;
  await mounts.mustBeSeen(plan.volumes, true);
  const { builtIn, version } = await toxiproxy.version();
  return new RunningDockerStack({
    client,
    deaths,
    lease,
    definition: stack,
    toxiproxy,
    toxiproxyTitle: `${builtIn ? 'built-in Toxiproxy' : 'Toxiproxy'} ${version}`,
    services: fleet.services,
    infos: await fleet.infos(),
    accounts,
    volumes: startedVolumes(plan, fleet, mounts),
    mta: fleet.get(services.mta.name),
    store: fleet.get(services.store.name),
    outside: fleet.get(OUTSIDE),
    mounts,
    outsideMtas: plan.outsideMtas.map(({ name }) => fleet.get(name)),
    mxLink: await linkMx(plan, toxiproxy, services.mta),
    mxProbe: MX_PROBE,
    clocks: movesClocks(plan)
      ? new DockerClocks([...fleet.services.values()].filter(({ definition: { role } }) => keepsTime(role)))
      : null,
  });
}

function servicesOf({ name, services }: DockerStack): MailServices {
  const ofRole = (role: ServiceDefinition['role']): NamedService => {
    const found = Object.entries(services).find(([, service]) => service.role === role);
    if (found === undefined) throw new NobounceError('usage', `the stack ${name} needs a store and an mta`);
    return { name: found[0], definition: found[1] };
  };
  return { store: ofRole('store'), mta: ofRole('mta') };
}

/** By label: it finds also what was being started when something failed. */
async function remove(
  client: ContainerRuntimeClient,
  run: string,
  started: readonly string[],
): Promise<void> {
  try {
    await withDeadline(removeRun(client, run), STOP_TIMEOUT_MS, 'their removal');
  } catch (cause) {
    const names = [...started, 'lease'].map((name) => containerName(run, name));
    const left = `left are ${names.join(', ')} and their network`;
    throw new NobounceError(
      'environment',
      `${left}; \`nobounce clean\` removes them once the engine answers`,
      { cause },
    );
  }
}
