import type { MtaRecord, QueueEntry } from '../mta/dialect.js';

/** What an MTA has done with one message that it could not deliver. */
interface Waiting {
  tried: boolean;
  warned: boolean;
  bounced: boolean;
  delivered: boolean;
  removed: boolean;
  /** The DSN of failure that its sender got, by its queue id. */
  noticeId: string | null;
}

/** What became of the messages of one kind, together: whether it has happened to any of them. */
export interface Happened {
  readonly warned: boolean;
  readonly bounced: boolean;
  /** It is gone: neither delivered, nor was anybody told. */
  readonly lost: boolean;
  readonly delivered: boolean;
}

/** Follows single messages through an MTA's log and its queue, by queue id. */
export class Fates {
  readonly #messages = new Map<string, Waiting>();
  readonly #queueIdByMessageId = new Map<string, string>();
  #present: ReadonlySet<string> = new Set();
  /** How many listings of the queue have been seen. */
  listings = 0;
  /** Why the log or the queue cannot be seen any more. */
  broken: Error | null = null;

  see(entry: MtaRecord): void {
    const message = this.#message(entry.queueId);
    switch (entry.kind) {
      case 'message':
        this.#queueIdByMessageId.set(entry.messageId.replace(/^<|>$/g, ''), entry.queueId);
        break;
      case 'delivery':
        message.tried = true;
        if (entry.status === 'sent') message.delivered = true;
        else if (entry.status !== 'deferred') message.bounced = true;
        break;
      case 'notice':
        if (entry.about === 'delay') message.warned = true;
        else message.noticeId = entry.noticeId;
        break;
      case 'removed':
        message.removed = true;
        break;
    }
  }

  list(entries: readonly QueueEntry[]): void {
    this.#present = new Set(entries.map(({ queueId }) => queueId));
    this.listings += 1;
  }

  /** The queue id of the message with this Message-ID, once the log has told it. */
  queueIdOf(messageId: string): string | undefined {
    return this.#queueIdByMessageId.get(messageId);
  }

  /** The queue id of the DSN about a message that bounced. */
  noticeOf(queueId: string): string | null {
    return this.#messages.get(queueId)?.noticeId ?? null;
  }

  /** From here on a message counts as tried only when it is tried again. */
  forgetTries(): void {
    for (const message of this.#messages.values()) message.tried = false;
  }

  /** Whether all that is still listed, of these, has been tried. */
  areTried(queueIds: readonly string[]): boolean {
    return queueIds.every((queueId) => !this.#present.has(queueId) || this.#message(queueId).tried);
  }

  /** Whether each of these has been tried. */
  wereTried(queueIds: readonly string[]): boolean {
    return queueIds.every((queueId) => this.#message(queueId).tried);
  }

  happened(queueIds: readonly string[]): Happened {
    const messages = queueIds.map((queueId) => this.#message(queueId));
    return {
      warned: messages.some(({ warned }) => warned),
      bounced: messages.some(({ bounced }) => bounced),
      lost: messages.some(({ removed, delivered, noticeId }) => removed && !delivered && noticeId === null),
      delivered: messages.some(({ delivered }) => delivered),
    };
  }

  #message(queueId: string): Waiting {
    let message = this.#messages.get(queueId);
    if (message === undefined) {
      message = {
        tried: false,
        warned: false,
        bounced: false,
        delivered: false,
        removed: false,
        noticeId: null,
      };
      this.#messages.set(queueId, message);
    }
    return message;
  }
}
