import type { ProbeSample } from '../../fault/probe-sample.js';
import type { ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { MX_KEY } from '../../fault/place.js';
import type { Toxiproxy } from '../../toxiproxy/adapter.js';
import type { DockerStack } from '../definition.js';
import type {
  Account,
  MailFile,
  Mta,
  MxLink,
  OutsideMessage,
  OutsideMta,
  RunningStack,
  ServiceDeath,
  ServiceInfo,
  StackClocks,
  Volume,
  Watch,
  WatchListener,
} from '../stack.js';
import type { DeathWatch } from './deaths.js';
import type { Lease } from './lease.js';
import { follow } from './exec.js';
import { parsed } from './lines.js';
import { PROBE_PACE, probeSamples, type Mounts } from './mounts.js';
import { DockerMta } from './mta.js';
import { endpointOf, type DockerService } from './service.js';

const outsideLine = z.object({ from: z.string(), to: z.string(), raw: z.string() });

export interface RunningParts {
  readonly client: ContainerRuntimeClient;
  readonly deaths: DeathWatch;
  readonly lease: Lease;
  readonly definition: DockerStack;
  readonly toxiproxy: Toxiproxy;
  readonly toxiproxyTitle: string;
  readonly services: ReadonlyMap<string, DockerService>;
  readonly infos: readonly ServiceInfo[];
  readonly accounts: readonly Account[];
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly mta: DockerService;
  readonly store: DockerService;
  readonly outside: DockerService;
  readonly mounts: Mounts;
  readonly outsideMtas: readonly DockerService[];
  readonly mxLink: MxLink | null;
  /** What an `mx-probe` needs to know to reach the MX as the outside MTAs do. */
  readonly mxProbe: readonly string[];
  /** Null where the plan has no `advance`. */
  readonly clocks: StackClocks | null;
}

/** A stack of containers that runs. */
export class RunningDockerStack implements RunningStack {
  readonly driver = 'docker';
  readonly name: string;
  readonly title: string;
  readonly toxiproxy: Toxiproxy;
  readonly toxiproxyTitle: string;
  readonly services: readonly ServiceInfo[];
  readonly endpoints: RunningStack['endpoints'];
  readonly accounts: readonly Account[];
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly mta: Mta;
  readonly outsideMtas: readonly OutsideMta[];
  readonly mxLink: MxLink | null;
  readonly clocks: StackClocks | null;
  readonly #parts: RunningParts;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.name = parts.definition.name;
    this.title = parts.definition.title;
    this.toxiproxy = parts.toxiproxy;
    this.toxiproxyTitle = parts.toxiproxyTitle;
    this.services = parts.infos;
    this.accounts = parts.accounts;
    this.volumes = parts.volumes;
    this.mxLink = parts.mxLink;
    this.clocks = parts.clocks;
    this.mta = new DockerMta(parts.client, parts.mta);
    this.outsideMtas = parts.outsideMtas.map((service) =>
      Object.assign(new DockerMta(parts.client, service), { endpoint: endpointOf(service, 'mx') }),
    );
    this.endpoints = {
      mx: endpointOf(parts.mta, 'mx'),
      submission: endpointOf(parts.mta, 'submission'),
      imap: endpointOf(parts.store, 'imap'),
    };
  }

  async watchProbe(place: string, listener: WatchListener<ProbeSample>): Promise<Watch> {
    const { client, mounts, outsideMtas, mxProbe } = this.#parts;
    if (place !== MX_KEY) return mounts.watchProbe(place, listener);
    const watches = await Promise.all(
      outsideMtas
        .slice(0, 1)
        .map(({ name, container }) =>
          follow(client, container, ['mx-probe', ...mxProbe, ...PROBE_PACE], probeSamples(name, listener)),
        ),
    );
    return {
      stop: async () => {
        await Promise.all(watches.map((watch) => watch.stop()));
      },
    };
  }

  watchServices(listener: WatchListener<ServiceDeath>): Promise<Watch> {
    const services = [...this.#parts.services.values()];
    // A log that is saved in part would not show why a run came out as it did.
    const unwatch = services.map(({ log }) => log.watchEnd(listener.broken));
    unwatch.push(
      this.#parts.lease.watch((error) => {
        listener.broken(new Error('the lease of this run is lost', { cause: error }));
      }),
    );
    const known = services.map(({ name, definition: { role } }) => ({ name, role }));
    const deaths = this.#parts.deaths.watch(known, listener);
    return Promise.resolve({
      stop: () => {
        for (const stop of unwatch) stop();
        return deaths.stop();
      },
    });
  }

  watchOutside(listener: WatchListener<OutsideMessage>): Promise<Watch> {
    const next = parsed(outsideLine, listener.broken, ({ from, to, raw }) => {
      listener.next({ from, to, raw: Buffer.from(raw, 'base64') });
    });
    return this.#parts.outside.log.watch({
      ...listener,
      next: (line) => {
        if (line.startsWith('{')) next(line);
      },
    });
  }

  listMailFiles(): Promise<readonly MailFile[]> {
    return this.#parts.mounts.listMailFiles();
  }
}
