import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import { z } from 'zod';
import { NobounceError } from '../../errors/errors.js';
import type { Toxiproxy } from '../../toxiproxy/adapter.js';
import type { DockerStack, ServiceDefinition } from '../definition.js';
import { parsePostfixLine } from '../postfix-log.js';
import type {
  Account,
  Address,
  MailFile,
  MtaRecord,
  OutsideMessage,
  ProbeSample,
  QueueEntry,
  QueueLifetimes,
  RunningStack,
  ServiceInfo,
  StackClocks,
  Volume,
  Watch,
  WatchListener,
} from '../stack.js';
import { follow, run } from './exec.js';

const PROBE_INTERVAL_MS = 250;
const PROBE_DEADLINE_MS = 3_000;
const LIST_TIMEOUT_MS = 30_000;
const FLUSH_TIMEOUT_MS = 10_000;
const LIFETIMES_TIMEOUT_MS = 10_000;

/** A service's container, and the lines it prints. */
export interface DockerService {
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly container: StartedTestContainer;
  readonly image: string;
  readonly lines: Set<(line: string) => void>;
  /** Lines printed before anybody listened. */
  readonly recent: string[];
}

const probeLine = z.object({
  volume: z.string(),
  operation: z.string(),
  outcome: z.enum(['ok', 'error', 'blocked']),
  errno: z.string().nullable(),
  ms: z.number(),
});

/** postqueue(1), section JSON OBJECT FORMAT. */
const queueLine = z.object({
  entries: z.array(
    z.object({
      queue_name: z.string(),
      queue_id: z.string(),
      sender: z.string(),
      recipients: z.array(z.object({ address: z.string(), delay_reason: z.string().optional() })),
    }),
  ),
});

/** Durations in seconds; `mta-ctl lifetimes` prints them. */
const lifetimesLine = z.object({ mail: z.number(), bounces: z.number(), warning: z.number() });

const outsideLine = z.object({ from: z.string(), to: z.string(), raw: z.string() });

const fileLine = z.object({
  volume: z.string(),
  path: z.string(),
  where: z.enum(['volume', 'under-mount']),
  id: z.string().nullable(),
  bytes: z.number(),
});

interface Parts {
  readonly client: ContainerRuntimeClient;
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
  readonly clocks: StackClocks | null;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.definition.name;
    this.title = parts.definition.title;
    this.toxiproxy = parts.toxiproxy;
    this.toxiproxyTitle = parts.toxiproxyTitle;
    this.services = parts.infos;
    this.accounts = parts.accounts;
    this.volumes = parts.volumes;
    this.clocks = parts.clocks;
    this.endpoints = {
      mx: endpoint(parts.mta, 'mx'),
      submission: endpoint(parts.mta, 'submission'),
      imap: endpoint(parts.store, 'imap'),
    };
  }

  async watchProbe(volume: string, listener: WatchListener<ProbeSample>): Promise<Watch> {
    const mounting = [...this.#parts.services.values()].filter(({ definition }) => definition.mountsVolumes);
    const watches = await Promise.all(
      mounting.map(({ name, container }) => {
        const command = ['storage-probe', '--volume', volume, '--path', `/srv/mail/${volume}`];
        const pace = ['--interval-ms', String(PROBE_INTERVAL_MS), '--deadline-ms', String(PROBE_DEADLINE_MS)];
        return follow(this.#parts.client, container, [...command, ...pace], {
          broken: listener.broken,
          next: parsed(probeLine, listener.broken, (sample) => {
            listener.next({ service: name, ...sample });
          }),
        });
      }),
    );
    return {
      stop: async () => {
        await Promise.all(watches.map((watch) => watch.stop()));
      },
    };
  }

  watchQueue(intervalMs: number, listener: WatchListener<readonly QueueEntry[]>): Promise<Watch> {
    const command = this.#command('watchQueue').map((part) =>
      part.replace('{intervalMs}', String(intervalMs)),
    );
    const next = parsed(queueLine, listener.broken, ({ entries }) => {
      listener.next(
        entries.map(({ queue_id, queue_name, sender, recipients }) => ({
          queueId: queue_id,
          queue: queue_name,
          sender,
          recipients: recipients.map(({ address, delay_reason }) => ({
            address,
            reason: delay_reason ?? '',
          })),
        })),
      );
    });
    return follow(this.#parts.client, this.#parts.mta.container, command, { broken: listener.broken, next });
  }

  watchMtaLog(listener: WatchListener<MtaRecord>): Promise<Watch> {
    return watchLines(this.#parts.mta, (line) => {
      const entry = parsePostfixLine(line);
      if (entry !== null) listener.next(entry);
    });
  }

  watchOutside(listener: WatchListener<OutsideMessage>): Promise<Watch> {
    const next = parsed(outsideLine, listener.broken, ({ from, to, raw }) => {
      listener.next({ from, to, raw: Buffer.from(raw, 'base64') });
    });
    return watchLines(this.#parts.outside, (line) => {
      if (line.startsWith('{')) next(line);
    });
  }

  async listMailFiles(): Promise<readonly MailFile[]> {
    const { container, name } = this.#parts.store;
    const lines = (await run(container, name, ['store-ctl', 'list-files'], LIST_TIMEOUT_MS)).split('\n');
    return lines.filter((line) => line !== '').map((line) => fileLine.parse(JSON.parse(line)));
  }

  async flushQueue(): Promise<void> {
    await run(this.#parts.mta.container, this.#parts.mta.name, this.#command('flushQueue'), FLUSH_TIMEOUT_MS);
  }

  async queueLifetimes(): Promise<QueueLifetimes | null> {
    const { mta } = this.#parts;
    const command = mta.definition.commands?.queueLifetimes;
    if (command === undefined) return null;
    const printed = await run(mta.container, mta.name, command, LIFETIMES_TIMEOUT_MS);
    const { mail, bounces, warning } = lifetimesLine.parse(JSON.parse(printed));
    return {
      service: mta.name,
      mailMs: mail * 1_000,
      bouncesMs: bounces * 1_000,
      warningMs: warning * 1_000,
    };
  }

  #command(which: 'watchQueue' | 'flushQueue'): readonly string[] {
    const commands = this.#parts.mta.definition.commands;
    if (commands === undefined)
      throw new NobounceError('usage', `the mta of ${this.name} declares no commands`);
    return commands[which];
  }
}

function endpoint(
  { container, definition, name }: DockerService,
  purpose: 'mx' | 'submission' | 'imap',
): Address {
  const port = definition.ports[purpose];
  if (port === undefined)
    throw new NobounceError('usage', `the service ${name} declares no port for ${purpose}`);
  return { host: container.getHost(), port: container.getMappedPort(port) };
}

/** Lines printed before the first listener came are given to it first, so that nothing is missed. */
function watchLines(service: DockerService, onLine: (line: string) => void): Promise<Watch> {
  for (const line of service.recent.splice(0)) onLine(line);
  service.lines.add(onLine);
  return Promise.resolve({
    stop: () => {
      service.lines.delete(onLine);
      return Promise.resolve();
    },
  });
}

/** A line that is not what it should be breaks the watch: what else it hides is unknown. */
function parsed<T>(
  schema: z.ZodType<T>,
  broken: (error: Error) => void,
  next: (value: T) => void,
): (line: string) => void {
  return (line) => {
    if (line.trim() === '') return;
    try {
      next(schema.parse(JSON.parse(line)));
    } catch (cause) {
      broken(new Error(`unexpected line: ${line.slice(0, 200)}`, { cause }));
    }
  };
}
