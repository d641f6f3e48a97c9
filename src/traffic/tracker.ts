import type { HistoryEvent } from '../history/event.js';

/** What the live display and the end of `settle` need to know while a run goes on; verdicts come from the history. */
export class Tracker {
  /** Accepted, not found yet: id → when it was accepted. */
  readonly #waiting = new Map<string, number>();
  readonly #foundEarly = new Set<string>();
  readonly #acceptedIds = new Set<string>();
  /** Received by the outside, or listed in a mailbox at the end of the run. */
  readonly #seenAtEnd = new Set<string>();
  accepted = 0;
  delivered = 0;
  deferred = 0;
  rejected = 0;
  bounced = 0;
  readonly #delays = new Map<string, string>();
  readonly #depths = new Map<string, number>();

  /** Accepted messages that are not in a mailbox or at the outside yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Accepted messages that neither the outside has received nor a mailbox lists at the end of the run. */
  get absentAtEnd(): number {
    let absent = 0;
    for (const id of this.#acceptedIds) if (!this.#seenAtEnd.has(id)) absent += 1;
    return absent;
  }

  /** Messages in all queues by their last listings, DSNs and others included. */
  get queueDepth(): number {
    return [...this.#depths.values()].reduce((sum, depth) => sum + depth, 0);
  }

  /** How many of these accepted messages are not found yet. */
  waitsFor(ids: readonly string[]): number {
    return ids.filter((id) => this.#waiting.has(id)).length;
  }

  /** What an MTA's log said last of why this message, which is not found yet, has to wait. */
  delayOf(id: string): string | undefined {
    return this.#waiting.has(id) ? this.#delays.get(id) : undefined;
  }

  /** Accepted messages that are neither found nor in this queue: on their way, or lost. */
  missing(queued: ReadonlySet<string>): number {
    let missing = 0;
    for (const id of this.#waiting.keys()) if (!queued.has(id)) missing += 1;
    return missing;
  }

  readonly observe = (event: HistoryEvent): void => {
    switch (event.type) {
      case 'attempt.ended':
        if (event.outcome === 'accepted') {
          this.accepted += 1;
          this.#acceptedIds.add(event.id);
          if (this.#foundEarly.delete(event.id)) this.delivered += 1;
          else this.#waiting.set(event.id, event.t);
        } else if (event.outcome === 'deferred') this.deferred += 1;
        else if (event.outcome === 'rejected') this.rejected += 1;
        break;
      case 'copy.found':
      case 'outside.received':
        if (event.id === null) break;
        if (event.type === 'outside.received') this.#seenAtEnd.add(event.id);
        this.#delays.delete(event.id);
        if (this.#waiting.delete(event.id)) this.delivered += 1;
        else this.#foundEarly.add(event.id);
        break;
      case 'mailbox.listed':
        if (event.stage !== 'after') break;
        for (const { id } of event.messages) if (id !== null) this.#seenAtEnd.add(id);
        break;
      case 'dsn.received':
        if (event.action !== 'failed') break;
        this.bounced += 1;
        if (event.id !== null) this.#waiting.delete(event.id);
        break;
      case 'mta.logged':
        // Given up: nobody need wait for it, also where its notice cannot be delivered.
        if (event.id === null) break;
        if (event.status === 'deferred') this.#delays.set(event.id, event.reply);
        else if (event.status !== 'sent') this.#waiting.delete(event.id);
        break;
      case 'queue.sampled':
        this.#depths.set(event.service, event.depth);
        break;
      default:
        break;
    }
  };
}
