import type { ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { NobounceError } from '../../errors/errors.js';
import { parsePostfixLine } from '../postfix-log.js';
import type { Mta, MtaRecord, QueueEntry, QueueLifetimes, Watch, WatchListener } from '../stack.js';
import { follow, run } from './exec.js';
import { parsed, watchLines } from './lines.js';
import type { DockerService } from './service.js';

const FLUSH_TIMEOUT_MS = 10_000;
const LIFETIMES_TIMEOUT_MS = 10_000;

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

type Command = keyof NonNullable<DockerService['definition']['commands']>;

/** A Postfix in a container, by the commands that its service declares (docs/stacks.md). */
export class DockerMta implements Mta {
  readonly service: string;
  readonly #client: ContainerRuntimeClient;
  readonly #mta: DockerService;

  constructor(client: ContainerRuntimeClient, mta: DockerService) {
    this.service = mta.name;
    this.#client = client;
    this.#mta = mta;
  }

  watchQueue(intervalMs: number, listener: WatchListener<readonly QueueEntry[]>): Promise<Watch> {
    const command = this.#required('watchQueue').map((part) =>
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
    return follow(this.#client, this.#mta.container, command, { broken: listener.broken, next });
  }

  watchLog(listener: WatchListener<MtaRecord>): Promise<Watch> {
    return watchLines(this.#mta, (line) => {
      const entry = parsePostfixLine(line);
      if (entry !== null) listener.next(entry);
    });
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
    const { mail, bounces, warning } = lifetimesLine.parse(JSON.parse(printed));
    return { mailMs: mail * 1_000, bouncesMs: bounces * 1_000, warningMs: warning * 1_000 };
  }

  #required(which: Command): readonly string[] {
    const command = this.#mta.definition.commands?.[which];
    if (command === undefined)
      throw new NobounceError('usage', `the service ${this.service} declares no command ${which}`);
    return command;
  }
}
