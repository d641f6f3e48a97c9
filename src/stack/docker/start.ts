import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { StartedNetwork, Wait, type ContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { z } from 'zod';
import { withDeadline } from '../../errors/deadline.js';
import { describeError, NobounceError } from '../../errors/errors.js';
import { MX_KEY } from '../../fault/place.js';
import { onlyAnswersOtherwise, type PlannedOutsideMta } from '../../scenario/plan.js';
import { connectToxiproxy, type Toxiproxy } from '../../toxiproxy/adapter.js';
import type { ContainerDefinition, DockerStack, ServiceDefinition } from '../definition.js';
import type { Account, MxLink, RunningStack, ServiceInfo, StartRequest } from '../stack.js';
import { DockerClocks } from './clocks.js';
import { LocalContainer } from './container.js';
import { DeathWatch } from './deaths.js';
import { engineCall } from './call.js';
import { connectEngine } from './engine.js';
import { run } from './exec.js';
import { ensureImage } from './image.js';
import { ensureAll, type ImageMaker } from './images.js';
import { containerName, labels } from './labels.js';
import { Lease } from './lease.js';
import { listRuns, removeRun, sweepDeadRuns } from './leftovers.js';
import { keepsTime, movesClocks } from './movable.js';
import { MOUNTING_RIGHTS, MOUNTS, Mounts, mountsDefinition, mountsImage, SHARED_TARGET } from './mounts.js';
import { outsideMtaDefinition, outsideMtaImage } from './outside-mta.js';
import { RunningDockerStack, type RunningParts } from './running.js';
import { ServiceLog } from './service-log.js';
import { bindSeeing, bindShared, isNotShared, notShared, sharedFolder } from './shared-folder.js';
import type { DockerService } from './service.js';
import {
  arrayDefinition,
  arrayImage,
  OUTSIDE,
  OUTSIDE_COMMAND,
  outsideDefinition,
  outsideImage,
  TOXIPROXY,
  toxiproxyDefinition,
} from './test-bed.js';
import { toxiproxyImage } from './toxiproxy-image.js';
import { ArrayVolume, firstUpstream } from './volume.js';

const START_TIMEOUT_MS = 30_000;
/** Of one container, from its making to its being ready: an engine that does not answer must not be waited for. */
const CONTAINER_TIMEOUT_MS = START_TIMEOUT_MS + 45_000;
const STOP_TIMEOUT_MS = 20_000;
const TOXIPROXY_API_PORT = 8_474;
const FIRST_LINK_PORT = 24_101;
const MX_PORT = 24_100;
/** Where the outside's container answers every connection with 421 (images/outside). */
const CLOSED_MX_PORT = 2_525;
/** How long a mount waits for a silent array; 0: for as long as it takes. */
const PING_TIMEOUT_S = { soft: 10, hard: 0 } as const;

const versionsSchema = z.record(z.string(), z.string());

/** The image of a stack's own service. */
async function imageOf(
  client: ContainerRuntimeClient,
  service: ServiceDefinition,
  progress: (line: string) => void,
): Promise<string> {
  const { context: contextDir, dockerfile, arguments: args } = service.build;
  const part = dirname(dockerfile) === '.' ? [] : [dirname(dockerfile)];
  // A folder may have any name, an image only lower-case letters, digits and hyphens.
  const name = [basename(contextDir), ...part]
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return ensureImage(client, { name, contextDir, dockerfile, args }, progress);
}

/** Under which the image of the outside MTAs is known here. */
const OUTSIDE_MTA = 'outside-mta';

/** What only some containers have. */
interface Extras {
  readonly command?: readonly string[];
  /** Of Toxiproxy's API, which also tells that it is ready. */
  readonly apiPort?: number;
  readonly binds?: readonly string[];
  readonly devices?: readonly string[];
  readonly securityOptions?: readonly string[];
}

interface NamedService {
  readonly name: string;
  readonly definition: ServiceDefinition;
}

type Parts = Readonly<Record<ServiceDefinition['role'], NamedService>>;

/** Starts a stack's services as containers, in the order in which they need one another. */
export async function startStack(stack: DockerStack, request: StartRequest): Promise<RunningStack> {
  const client = await connectEngine();
  await sweepDeadRuns(client).catch((error: unknown) => {
    // What another run left must not keep this one from starting.
    request.progress(`what a dead run left is still there: ${describeError(error)}`);
  });
  return new Start(client, stack, request).run();
}

/** One start of a stack. */
class Start {
  readonly #client: ContainerRuntimeClient;
  readonly #stack: DockerStack;
  readonly #request: StartRequest;
  readonly #accounts: readonly Account[];
  readonly #started = new Map<string, DockerService>();
  readonly #shared = sharedFolder();
  #lease: Lease | undefined;

  constructor(client: ContainerRuntimeClient, stack: DockerStack, request: StartRequest) {
    this.#client = client;
    this.#stack = stack;
    this.#request = request;
    this.#accounts = request.plan.mailboxes.map((mailbox) => ({
      ...mailbox,
      password: randomBytes(12).toString('base64url'),
    }));
  }

  async run(): Promise<RunningStack> {
    const { run: runId, keep, onTeardown, progress } = this.#request;
    const parts = this.#parts();
    const images = await this.#images();
    onTeardown('remove containers and network', STOP_TIMEOUT_MS + 1_000, async () => {
      this.#lease?.release();
      if (!keep) await this.#remove();
    });
    const lease = await Lease.take(this.#client, runId, {
      image: images.get(OUTSIDE) ?? '',
      keep,
      shared: this.#shared,
    });
    this.#lease = lease;
    const deaths = await DeathWatch.open(this.#client, runId);
    onTeardown('stop listening to the engine', STOP_TIMEOUT_MS, () => deaths.stop());
    const network = await this.#network();
    progress('starting containers');
    const bed = await this.#containers(parts, images, network);
    return this.#running(parts, { ...bed, lease, deaths, infos: await this.#infos() });
  }

  #parts(): Parts {
    const [store, mta] = [this.#service('store'), this.#service('mta')];
    if (store === undefined || mta === undefined) {
      throw new NobounceError('usage', `the stack ${this.#stack.name} needs a store and an mta`);
    }
    return { store, mta };
  }

  /** All of them side by side; the mounts come last, and every mail container sees them. */
  async #containers(
    { store, mta }: Parts,
    images: ReadonlyMap<string, string>,
    network: StartedNetwork,
  ): Promise<{ readonly toxiproxy: Toxiproxy; readonly mounts: Mounts }> {
    const { plan } = this.#request;
    const imageOfRole = (name: string): string => images.get(name) ?? '';
    const arrays = plan.volumes.map((volume) =>
      this.#container(`array-${volume}`, arrayDefinition, imageOfRole(arrayImage.name), network, {}),
    );
    const linking = this.#linkThenMount(arrays, imageOfRole, network);
    const sink = { command: OUTSIDE_COMMAND };
    await all([
      linking,
      ...plan.outsideMtas.map((planned) => this.#outsideMta(planned, imageOfRole(OUTSIDE_MTA), network)),
      this.#container(OUTSIDE, outsideDefinition, imageOfRole(OUTSIDE), network, {}, sink),
      ...[store, mta].map((service) => this.#mail(service, imageOfRole(service.name), network)),
    ]);
    const bed = await linking;
    await bed.mounts.mustBeSeen(plan.volumes, true);
    return bed;
  }

  async #running(
    { store, mta }: Parts,
    bed: Pick<RunningParts, 'toxiproxy' | 'mounts' | 'lease' | 'deaths' | 'infos'>,
  ): Promise<RunningStack> {
    const { plan } = this.#request;
    const { toxiproxy, mounts } = bed;
    const volumes = plan.volumes.map((name): [string, ArrayVolume] => {
      const array = this.#get(`array-${name}`).container;
      return [name, new ArrayVolume(name, linkName(name), array, mounts, onlyAnswersOtherwise(plan, name))];
    });
    const version = await toxiproxy.version();
    return new RunningDockerStack({
      ...bed,
      client: this.#client,
      definition: this.#stack,
      toxiproxyTitle: version.builtIn
        ? `built-in Toxiproxy ${version.version}`
        : `Toxiproxy ${version.version}`,
      services: this.#started,
      accounts: this.#accounts,
      volumes: new Map(volumes),
      mta: this.#get(mta.name),
      store: this.#get(store.name),
      outside: this.#get(OUTSIDE),
      outsideMtas: plan.outsideMtas.map(({ name }) => this.#get(name)),
      mxLink: await this.#mxLink(toxiproxy, mta),
      mxProbe: ['--volume', MX_KEY, '--host', 'toxiproxy', '--port', String(MX_PORT)],
      clocks: movesClocks(plan)
        ? new DockerClocks([...this.#started.values()].filter(({ definition: { role } }) => keepsTime(role)))
        : null,
    });
  }

  /** By label: it finds also what was being started when something failed. */
  async #remove(): Promise<void> {
    const { run: runId } = this.#request;
    try {
      await withDeadline(removeRun(this.#client, runId), STOP_TIMEOUT_MS, 'their removal');
    } catch (cause) {
      const names = [...this.#started.keys(), 'lease'].map((name) => containerName(runId, name));
      const left = `left are ${names.join(', ')} and their network`;
      throw new NobounceError(
        'environment',
        `${left}; \`nobounce clean\` removes them once the engine answers`,
        {
          cause,
        },
      );
    }
  }

  /** The mounts come last: they go through the links, which need the arrays. */
  async #linkThenMount(
    arrays: readonly Promise<unknown>[],
    imageOfRole: (name: string) => string,
    network: StartedNetwork,
  ): Promise<{ readonly toxiproxy: Toxiproxy; readonly mounts: Mounts }> {
    const linking = Promise.all([this.#toxiproxy(imageOfRole(TOXIPROXY), network), all(arrays)]).then(
      async ([toxiproxy]) => {
        await this.#link(toxiproxy);
        return toxiproxy;
      },
    );
    const starting = this.#mounts(imageOfRole(MOUNTS), network);
    await all([linking, starting]);
    const [toxiproxy, mounts] = await Promise.all([linking, starting]);
    await mounts.mountAll();
    return { toxiproxy, mounts };
  }

  async #mounts(image: string, network: StartedNetwork): Promise<Mounts> {
    const { plan, run: runId } = this.#request;
    const { mountPoint, owner, failoverSeconds } = this.#stack.volumes;
    const given = {
      run: runId,
      volumes: plan.volumes.map((name, index) => ({
        name,
        host: 'toxiproxy',
        port: FIRST_LINK_PORT + index,
        pingTimeoutS: PING_TIMEOUT_S[plan.scenario.storage.mount],
      })),
      mountPoint,
      owner,
      failoverS: failoverSeconds,
    };
    const environment = { NOBOUNCE_STACK: JSON.stringify(given) };
    const extras = { ...MOUNTING_RIGHTS, binds: [bindShared(this.#shared, SHARED_TARGET)] };
    try {
      await this.#container(MOUNTS, mountsDefinition, image, network, environment, extras);
    } catch (error) {
      throw isNotShared(error) ? notShared(this.#shared, error) : error;
    }
    const mounts = new Mounts(this.#client, this.#get(MOUNTS), runId, () =>
      [...this.#started.values()].filter(({ definition }) => definition.volumesAt !== undefined),
    );
    await this.#sweepFolders(mounts);
    return mounts;
  }

  /** Folders of runs of which nothing else is left, as when somebody removed their containers by hand. */
  async #sweepFolders(mounts: Mounts): Promise<void> {
    const others = await mounts.others();
    if (others.length === 0) return;
    // In this order: a lease is taken before a folder is made.
    const known = new Set((await listRuns(this.#client)).map(({ run: runId }) => runId));
    const orphans = others.filter((runId) => !known.has(runId));
    if (orphans.length > 0) await mounts.remove(orphans);
  }

  #images(): Promise<ReadonlyMap<string, string>> {
    const { progress, toxiproxy, plan } = this.#request;
    const client = this.#client;
    const makers = new Map<string, ImageMaker>([
      [arrayImage.name, (tell) => ensureImage(client, arrayImage, tell)],
      ...Object.entries(this.#stack.services).map(([name, service]): [string, ImageMaker] => [
        name,
        (tell) => imageOf(client, service, tell),
      ]),
      [OUTSIDE, (tell) => outsideImage(client, tell)],
      [MOUNTS, (tell) => ensureImage(client, mountsImage, tell)],
      [TOXIPROXY, async (tell) => (await toxiproxyImage(client, toxiproxy, tell)).image],
    ]);
    if (plan.outsideMtas.length > 0) makers.set(OUTSIDE_MTA, (tell) => outsideMtaImage(client, tell));
    return ensureAll(makers, progress);
  }

  async #network(): Promise<StartedNetwork> {
    const name = `nobounce-${this.#request.run}`;
    const creating = this.#client.network.create({
      Name: name,
      Driver: 'bridge',
      Internal: false,
      Labels: labels(this.#request.run, this.#request.keep),
    });
    const network = await engineCall(creating, 'a network');
    return new StartedNetwork(this.#client, name, network);
  }

  #service(role: ServiceDefinition['role']): NamedService | undefined {
    const found = Object.entries(this.#stack.services).find(([, service]) => service.role === role);
    return found === undefined ? undefined : { name: found[0], definition: found[1] };
  }

  #get(name: string): DockerService {
    const service = this.#started.get(name);
    if (service === undefined) throw new NobounceError('environment', `the service ${name} was not started`);
    return service;
  }

  /** The link to the MX through which the outside MTAs deliver; null where there are none. */
  async #mxLink(toxiproxy: Toxiproxy, mta: NamedService): Promise<MxLink | null> {
    const port = mta.definition.ports.mx;
    if (this.#request.plan.outsideMtas.length === 0 || port === undefined) return null;
    const link = {
      proxy: MX_KEY,
      open: `${mta.name}:${String(port)}`,
      closed: `${OUTSIDE}:${String(CLOSED_MX_PORT)}`,
    };
    await toxiproxy.createProxy({
      name: link.proxy,
      listen: `0.0.0.0:${String(MX_PORT)}`,
      upstream: link.open,
    });
    return link;
  }

  async #outsideMta(
    { name, lifetime, warning }: PlannedOutsideMta,
    image: string,
    network: StartedNetwork,
  ): Promise<void> {
    const given = {
      run: this.#request.run,
      name,
      domains: this.#request.plan.scenario.domains.map((domain) => ({ name: domain.name })),
      services: { outside: OUTSIDE },
      mx: { host: 'toxiproxy', port: MX_PORT },
      lifetimeS: Math.round(lifetime / 1_000),
      warningS: Math.round(warning / 1_000),
    };
    await this.#container(name, outsideMtaDefinition, image, network, this.#environment(given));
  }

  #environment(given: object): Record<string, string> {
    return {
      NOBOUNCE_STACK: JSON.stringify(given),
      ...(movesClocks(this.#request.plan) ? { NOBOUNCE_CLOCK: 'movable' } : {}),
    };
  }

  async #mail(service: NamedService, image: string, network: StartedNetwork): Promise<void> {
    const { plan } = this.#request;
    const domains = plan.scenario.domains.map(({ name }) => ({
      name,
      mailboxes: this.#accounts.filter(({ address }) => address.endsWith(`@${name}`)),
    }));
    const given = {
      run: this.#request.run,
      domains,
      volumes: plan.volumes.map((name) => ({ name })),
      services: { store: this.#service('store')?.name, outside: OUTSIDE },
    };
    const { volumesAt } = service.definition;
    const binds =
      volumesAt === undefined ? [] : [bindSeeing(`${this.#shared}/${this.#request.run}`, volumesAt)];
    await this.#container(service.name, service.definition, image, network, this.#environment(given), {
      binds,
    });
  }

  async #toxiproxy(image: string, network: StartedNetwork): Promise<Toxiproxy> {
    // The engine may be on another machine, by whose name the API is called then.
    const definition = toxiproxyDefinition(this.#client.info.containerRuntime.host);
    const container = await this.#container(
      TOXIPROXY,
      definition,
      image,
      network,
      {},
      {
        apiPort: TOXIPROXY_API_PORT,
      },
    );
    const { host, port } = { host: container.getHost(), port: container.getMappedPort(TOXIPROXY_API_PORT) };
    return connectToxiproxy(`http://${host}:${String(port)}`);
  }

  async #link(toxiproxy: Toxiproxy): Promise<void> {
    const { plan } = this.#request;
    await all(
      plan.volumes.map(async (volume, index) => {
        const array = this.#get(`array-${volume}`).container;
        await toxiproxy.createProxy({
          name: linkName(volume),
          listen: `0.0.0.0:${String(FIRST_LINK_PORT + index)}`,
          upstream: await firstUpstream(volume, array, onlyAnswersOtherwise(plan, volume)),
        });
      }),
    );
  }

  async #container(
    name: string,
    definition: ContainerDefinition,
    image: string,
    network: StartedNetwork,
    environment: Record<string, string>,
    { command, apiPort, binds = [], devices = [], securityOptions = [] }: Extras = {},
  ): Promise<StartedTestContainer> {
    const { run: runId, logsDir, signal, keep } = this.#request;
    signal.throwIfAborted();
    const log = new ServiceLog(name, join(logsDir, `${name}.log`));
    const ports = [...Object.values(definition.ports), ...(apiPort === undefined ? [] : [apiPort])];
    const container = new LocalContainer(image)
      .withDevices(devices)
      .withBinds(binds)
      .withLimits(definition.limits)
      .withName(containerName(runId, name))
      .withLabels(labels(runId, keep))
      .withNetwork(network)
      .withNetworkAliases(name)
      .withEnvironment({ ...definition.environment, ...environment })
      .withExposedPorts(...ports)
      .withDroppedCapabilities('ALL')
      .withAddedCapabilities(...definition.capabilities)
      .withSecurityOpt(...securityOptions, 'no-new-privileges')
      .withStartupTimeout(START_TIMEOUT_MS)
      .withWaitStrategy(
        apiPort === undefined ? Wait.forLogMessage('nobounce: ready') : Wait.forHttp('/version', apiPort),
      )
      .whenStarted((id) => log.follow(this.#client, id));
    if (command !== undefined) container.withCommand([...command]);
    try {
      const started = await withDeadline(container.start(), CONTAINER_TIMEOUT_MS, 'its start');
      this.#started.set(name, { name, definition, container: started, image, log });
      return started;
    } catch (cause) {
      const said = log.tail.join('\n  ');
      throw new NobounceError('environment', `the service ${name} does not start\n  ${said}`, {
        cause,
        advice: `its log is ${join(logsDir, `${name}.log`)}`,
      });
    }
  }

  async #infos(): Promise<readonly ServiceInfo[]> {
    return Promise.all(
      [...this.#started.values()].map(
        async ({ name, container, definition, image }): Promise<ServiceInfo> => {
          const isNode = definition.role === 'outside' || definition.role === 'toxiproxy';
          try {
            const printed = await run(container, name, isNode ? ['node', '--version'] : ['versions'], 10_000);
            const versions = isNode ? { node: printed.trim() } : versionsSchema.parse(JSON.parse(printed));
            return { name, image, versions };
          } catch (error) {
            // The official Toxiproxy image holds nothing but its own binary; its API has said its version.
            return { name, image, versions: { unknown: describeError(error).slice(0, 200) } };
          }
        },
      ),
    );
  }
}

function linkName(volume: string): string {
  return `storage-${volume}`;
}

/** Waits for all, also when one fails: nothing may still be starting when the teardown begins. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}
