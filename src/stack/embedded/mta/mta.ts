import { withDeadline } from '../../../errors/deadline.js';
import { describeError } from '../../../errors/errors.js';
import type { MtaRecord, QueueEntry } from '../../../mta/dialect.js';
import type { Mta, Watch, WatchListener } from '../../stack.js';
import type { Child } from '../child.js';
import { stopped } from '../stopped.js';
import { parseMtaLine } from './events.js';
import type { QueueFolder } from './queue.js';

const LIST_TIMEOUT_MS = 30_000;

/** Haraka, by its log and the files of its queue. */
export class EmbeddedMta implements Mta {
  readonly service = 'mta';
  readonly #process: Child;
  readonly #queue: QueueFolder;
  /** The last reason for each message that waits, as the MTA's log gave it. */
  readonly #reasons = new Map<string, string>();

  constructor(process: Child, queue: QueueFolder) {
    this.#process = process;
    this.#queue = queue;
  }

  watchQueue(intervalMs: number, listener: WatchListener<readonly QueueEntry[]>): Promise<Watch> {
    let timer: NodeJS.Timeout | undefined;
    let over = false;
    const look = async (): Promise<void> => {
      const entries = await withDeadline(
        this.#queue.list((queueId) => this.#reasons.get(queueId) ?? ''),
        LIST_TIMEOUT_MS,
        "listing the MTA's queue",
      );
      if (over) return;
      listener.next(entries);
      timer = setTimeout(again, intervalMs);
    };
    const again = (): void => {
      look().catch((error: unknown) => {
        if (!over) listener.broken(error instanceof Error ? error : new Error(describeError(error)));
      });
    };
    again();
    return Promise.resolve(
      stopped(() => {
        over = true;
        clearTimeout(timer);
      }),
    );
  }

  watchLog(listener: WatchListener<MtaRecord>): Promise<Watch> {
    const stop = this.#process.listen((line) => {
      listener.alive?.();
      const entry = parseMtaLine(line);
      if (entry === null) return;
      if (entry.kind === 'delivery' && entry.status === 'deferred')
        this.#reasons.set(entry.queueId, entry.reply);
      if (entry.kind === 'removed') this.#reasons.delete(entry.queueId);
      listener.next(entry);
    }, listener.broken);
    return Promise.resolve(stopped(stop));
  }

  flushQueue(): Promise<void> {
    // Haraka `haraka.js`: SIGHUP makes everything that waits due now.
    this.#process.signal('SIGHUP');
    return Promise.resolve();
  }

  queueLifetimes(): Promise<null> {
    // Haraka counts attempts, not days.
    return Promise.resolve(null);
  }
}
