import { MESSAGE_ID_PATTERN } from '../scenario/message-id.js';
import type { MtaRecord, QueueEntry } from '../mta/dialect.js';
import type { Mta, Watch } from '../stack/stack.js';
import type { TrafficContext } from './context.js';
import { until } from './pause.js';
import { enhancedCode } from './smtp-attempt.js';

const QUEUE_INTERVAL_MS = 400;
/** A listing may take 10 s on a busy machine, and one that fails is tried again. */
const QUEUE_DEADLINE_MS = 25_000;
/** Its log carries a mark each second. */
const LOG_DEADLINE_MS = 15_000;

const IN_TEXT = new RegExp(String.raw`(?:\+|<)(${MESSAGE_ID_PATTERN})[.@]`);

/** The id in an address that carries one (`friend+RUN-o000001@…`), or in a Message-ID. */
function idIn(text: string): string | undefined {
  return IN_TEXT.exec(text)?.[1];
}

interface Sighting {
  readonly id: string;
  readonly reason: string;
  missing: number;
}

/**
 * Ties what the MTA says of its queue, in listings and in its log, to the messages that were sent. The log tells which
 * queue id carries which Message-ID; where the log is late, the envelope's addresses tell.
 */
export class QueueRecorder {
  readonly #context: TrafficContext;
  readonly #mta: Mta;
  readonly #idByQueueId = new Map<string, string>();
  readonly #listed = new Map<string, Sighting>();
  #listings = 0;
  /** The last listing, whoever's mail it is: queue id → the queue that it is in. */
  #present: ReadonlyMap<string, string> = new Map();
  /** Queue ids that the MTA has tried to deliver since the last `run`. */
  #tried = new Set<string>();
  readonly #sent = new Set<string>();

  constructor(context: TrafficContext, mta: Mta) {
    this.#context = context;
    this.#mta = mta;
  }

  /** The messages that wait in the queue: in the last listing, and not delivered since by the log. */
  get ids(): ReadonlySet<string> {
    const waiting = [...this.#listed].filter(
      ([queueId, { missing }]) => missing === 0 && !this.#sent.has(queueId),
    );
    return new Set(waiting.map(([, { id }]) => id));
  }

  /**
   * Makes the MTA try its whole queue, and waits, at most `timeoutMs`, until its log tells of an attempt at each
   * message that is still listed, and none is being delivered. Postfix puts a message that is still being delivered when
   * the next run begins aside for a minute (qmgr_active.c, QMGR_MESSAGE_LOCKED).
   */
  async run(timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.#tried = new Set();
    const from = this.#listings;
    await this.#mta.flushQueue();
    // The first listing may have been made before the flush.
    const worked = (): boolean =>
      this.#listings >= from + 2 &&
      [...this.#present].every(([queueId, queue]) => this.#tried.has(queueId) && queue !== 'active');
    await until(worked, { everyMs: 50, timeoutMs, signal });
  }

  async start(broken: (error: Error) => void): Promise<Watch> {
    const subject = this.#mta.service;
    const logSource = this.#context.source({ kind: 'log', subject, deadlineMs: LOG_DEADLINE_MS });
    const log = await this.#mta.watchLog({
      next: (entry) => {
        logSource.alive(1);
        this.#onLog(entry);
      },
      alive: logSource.alive,
      broken,
    });
    const queueSource = this.#context.source({ kind: 'queue', subject, deadlineMs: QUEUE_DEADLINE_MS });
    const queue = await this.#mta.watchQueue(QUEUE_INTERVAL_MS, {
      next: (entries) => {
        queueSource.alive(1);
        this.#onListing(entries);
      },
      broken,
    });
    return {
      stop: async () => {
        logSource.ended();
        queueSource.ended();
        await Promise.all([log.stop(), queue.stop()]);
      },
    };
  }

  #onLog(entry: MtaRecord): void {
    if (entry.kind === 'message') {
      const id = idIn(entry.messageId);
      if (id !== undefined) this.#idByQueueId.set(entry.queueId, id);
    } else if (entry.kind === 'delivery') {
      const { queueId, recipient, status, enhanced, reply, nextHop } = entry;
      this.#tried.add(queueId);
      if (status === 'sent') this.#sent.add(queueId);
      const id = this.#idByQueueId.get(queueId) ?? null;
      this.#context.record({
        type: 'mta.logged',
        service: this.#mta.service,
        id,
        queueId,
        recipient,
        status,
        enhanced,
        reply,
        nextHop,
      });
    }
  }

  #onListing(entries: readonly QueueEntry[]): void {
    const { record } = this.#context;
    const present = new Map<string, string>();
    this.#present = present;
    for (const { queueId, queue, sender, recipients } of entries) {
      present.set(queueId, queue);
      // A DSN goes back to the address that carries the id; it is not the message (showq(8) names the null sender).
      const isDsn = sender === '' || /^mailer-daemon(@|$)/i.test(sender);
      const addresses = isDsn ? [] : [sender, ...recipients.map(({ address }) => address)];
      const id = this.#idByQueueId.get(queueId) ?? addresses.map(idIn).find((found) => found !== undefined);
      if (id === undefined) continue;
      const reason = recipients.find((recipient) => recipient.reason !== '')?.reason ?? '';
      const before = this.#listed.get(queueId);
      this.#listed.set(queueId, { id, reason, missing: 0 });
      if (before?.reason === reason) continue;
      record({
        type: 'queue.seen',
        service: this.#mta.service,
        id,
        queueId,
        queue,
        reason,
        enhanced: enhancedCode(reason),
      });
    }
    for (const [queueId, sighting] of this.#listed) {
      if (present.has(queueId)) continue;
      // A listing is not atomic: a message on its way between two queues can be missing from one.
      sighting.missing += 1;
      if (sighting.missing < 2) continue;
      this.#listed.delete(queueId);
      record({ type: 'queue.left', service: this.#mta.service, id: sighting.id, queueId });
    }
    this.#listings += 1;
    record({ type: 'queue.sampled', service: this.#mta.service, depth: entries.length });
  }
}
