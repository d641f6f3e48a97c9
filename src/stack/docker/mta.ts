import type { ContainerRuntimeClient } from 'testcontainers';
import { NobounceError } from '../../errors/errors.js';
import type { MtaDialect, MtaRecord, QueueEntry, QueueLifetimes } from '../../mta/dialect.js';
import { DIALECTS } from '../../mta/registry.js';
import type { Mta, Watch, WatchListener } from '../stack.js';
import { follow, run } from './exec.js';
import { reading } from './lines.js';
import { proveLog } from './log-proof.js';
import type { DockerService } from './service.js';

const FLUSH_TIMEOUT_MS = 10_000;
const LIFETIMES_TIMEOUT_MS = 10_000;

type Command = keyof NonNullable<DockerService['definition']['commands']>;

/** An MTA in a container, in its dialect and by the commands that its service declares (docs/stacks.md). */
export class DockerMta implements Mta {
  readonly service: string;
  readonly #client: ContainerRuntimeClient;
  readonly #mta: DockerService;
  readonly #dialect: MtaDialect;

  constructor(client: ContainerRuntimeClient, mta: DockerService) {
    this.service = mta.name;
    this.#client = client;
    this.#mta = mta;
    this.#dialect = DIALECTS[mta.definition.dialect];
  }

  watchQueue(intervalMs: number, listener: WatchListener<readonly QueueEntry[]>): Promise<Watch> {
    const command = this.#required('watchQueue').map((part) =>
      part.replace('{intervalMs}', String(intervalMs)),
    );
    const next = reading(this.#dialect.parseListing, listener);
    return follow(this.#client, this.#mta.container, command, { broken: listener.broken, next });
  }

  async watchLog(listener: WatchListener<MtaRecord>): Promise<Watch> {
    const lines = await this.#mta.log.watch({
      ...listener,
      next: (line) => {
        const entry = this.#dialect.parseLogLine(line);
        if (entry !== null) listener.next(entry);
      },
    });
    const proof = proveLog(this.#client, this.#mta, () => listener.alive?.());
    return {
      stop: async () => {
        await Promise.all([proof.stop(), lines.stop()]);
      },
    };
  }

  async flushQueue(): Promise<void> {
    const { container, name } = this.#mta;
    await run(container, name, this.#required('flushQueue'), FLUSH_TIMEOUT_MS);
  }

  async queueLifetimes(): Promise<QueueLifetimes | null> {
    const { container, name, definition } = this.#mta;
    const command = definition.commands?.queueLifetimes;
    if (command === undefined) return null;
    const printed = await run(container, name, command, LIFETIMES_TIMEOUT_MS);
    return this.#dialect.parseLifetimes(printed);
  }

  #required(which: Command): readonly string[] {
    const command = this.#mta.definition.commands?.[which];
    if (command === undefined)
      throw new NobounceError('usage', `the service ${this.service} declares no command ${which}`);
    return command;
  }
}
