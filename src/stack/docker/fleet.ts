import { join } from 'node:path';
import { StartedNetwork, Wait, type ContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { z } from 'zod';
import { withDeadline } from '../../errors/deadline.js';
import { describeError, NobounceError } from '../../errors/errors.js';
import type { ContainerDefinition } from '../definition.js';
import type { ServiceInfo, StartRequest } from '../stack.js';
import { engineCall } from './call.js';
import { LocalContainer } from './container.js';
import { run } from './exec.js';
import { containerName, labels } from './labels.js';
import { ServiceLog } from './service-log.js';
import type { DockerService } from './service.js';

const START_TIMEOUT_MS = 30_000;
/** Of one container, from its making to its being ready: an engine that does not answer must not be waited for. */
const CONTAINER_TIMEOUT_MS = START_TIMEOUT_MS + 45_000;

const versionsSchema = z.record(z.string(), z.string());

/** One container that is to be started. */
export interface ContainerRequest {
  readonly name: string;
  readonly definition: ContainerDefinition;
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** Of Toxiproxy's API, which also tells that it is ready. */
  readonly apiPort?: number;
  readonly binds?: readonly string[];
  readonly devices?: readonly string[];
  readonly securityOptions?: readonly string[];
}

/** The containers of one run, in a network of their own. */
export class Fleet {
  readonly #client: ContainerRuntimeClient;
  readonly #request: StartRequest;
  readonly #network: StartedNetwork;
  readonly #started = new Map<string, DockerService>();

  private constructor(client: ContainerRuntimeClient, request: StartRequest, network: StartedNetwork) {
    this.#client = client;
    this.#request = request;
    this.#network = network;
  }

  /** Makes the network, with nothing in it yet. */
  static async open(client: ContainerRuntimeClient, request: StartRequest): Promise<Fleet> {
    const { run: runId, keep } = request;
    const name = `nobounce-${runId}`;
    const creating = client.network.create({
      Name: name,
      Driver: 'bridge',
      Internal: false,
      Labels: labels(runId, keep),
    });
    const network = await engineCall(creating, 'a network');
    return new Fleet(client, request, new StartedNetwork(client, name, network));
  }

  /** Those that were started so far, by name. */
  get services(): ReadonlyMap<string, DockerService> {
    return this.#started;
  }

  /** A service that was started. */
  get(name: string): DockerService {
    const service = this.#started.get(name);
    if (service === undefined) throw new NobounceError('environment', `the service ${name} was not started`);
    return service;
  }

  /** Resolves once the container says that it is ready. */
  async start({
    name,
    definition,
    image,
    environment = {},
    command,
    apiPort,
    binds = [],
    devices = [],
    securityOptions = [],
  }: ContainerRequest): Promise<StartedTestContainer> {
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
      .withNetwork(this.#network)
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

  /** What runs in each of them, as it says itself. */
  async infos(): Promise<readonly ServiceInfo[]> {
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
