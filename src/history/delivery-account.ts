import type { Message } from './messages.js';

/** Deliveries that one source showed and another one did not, though it should have. Times are `t`. */
export interface Missed {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** By so much a source may lag behind what another one shows. */
const LAG_MS = 2_000;
/** The watch of the mailboxes polls the less often the more there are: some of its turns. */
const WATCH_LAG_MS = 3_000;
const WATCH_LAG_EACH_MS = 50;
/** So many deliveries, and so large a share of all, may be missed by chance. */
const BY_CHANCE = 2;
const BY_CHANCE_SHARE = 0.02;

class Misses {
  #count = 0;
  #firstAt = Infinity;
  #lastAt = -Infinity;

  add(t: number): void {
    this.#count += 1;
    this.#firstAt = Math.min(this.#firstAt, t);
    this.#lastAt = Math.max(this.#lastAt, t);
  }

  /** Null where it may be chance. @param others of which nobody can say whether they are those. */
  beyondChance(deliveries: number, others = 0): Missed | null {
    const count = this.#count - others;
    if (count <= Math.max(BY_CHANCE, BY_CHANCE_SHARE * deliveries)) return null;
    return { count, firstAt: this.#firstAt, lastAt: this.#lastAt };
  }
}

/**
 * The deliveries of a run as three sources tell of them: what was seen at its recipient stands in the log, what the log
 * handed over was received outside, and what a mailbox lists at the end was seen in it by its watch before.
 */
export class DeliveryAccount {
  #deliveries = 0;
  readonly #endAt: number;
  readonly #watchLagMs: number;
  readonly #unlogged = new Misses();
  readonly #unreceived = new Misses();
  readonly #unwatched = new Misses();
  /** Messages that a queue listed with what they wait for. */
  #delays = 0;
  readonly #undelayed = new Misses();
  readonly #nameless: number;

  /** @param nameless deliveries in the log that do not say of which message. */
  constructor(end: { readonly at: number; readonly mailboxes: number; readonly nameless: number }) {
    this.#endAt = end.at;
    this.#watchLagMs = WATCH_LAG_MS + WATCH_LAG_EACH_MS * end.mailboxes;
    this.#nameless = end.nameless;
  }

  add(message: Message): void {
    const { firstCopyAt, handedOverAt, acceptedAt, deferredAt, queuedAt, mailbox, kind } = message;
    if (message.has('listedWithReason') && queuedAt !== null && queuedAt + LAG_MS <= this.#endAt) {
      this.#delays += 1;
      if (deferredAt === null) this.#undelayed.add(queuedAt);
    }
    if (firstCopyAt === null) {
      if (kind !== 'outbound' || handedOverAt === null || handedOverAt + LAG_MS > this.#endAt) return;
      this.#unreceived.add(handedOverAt);
      return;
    }
    this.#deliveries += 1;
    if (handedOverAt === null && firstCopyAt + LAG_MS <= this.#endAt) this.#unlogged.add(firstCopyAt);
    const listedAt = mailbox?.firstAfterAt ?? Infinity;
    const arrivedAt = handedOverAt ?? acceptedAt ?? firstCopyAt;
    if (firstCopyAt >= listedAt && arrivedAt + this.#watchLagMs <= listedAt) this.#unwatched.add(arrivedAt);
  }

  /** Seen at their recipients, and not in the log. */
  get unlogged(): Missed | null {
    return this.#unlogged.beyondChance(this.#deliveries, this.#nameless);
  }

  /** Listed in a queue with what they wait for, and not put off by the log. */
  get undelayed(): Missed | null {
    return this.#undelayed.beyondChance(this.#delays);
  }

  /** Handed over to the outside by the log, and not received there. */
  get unreceived(): Missed | null {
    return this.#unreceived.beyondChance(this.#deliveries);
  }

  /** In a mailbox at the end, long since, and never seen there by its watch. */
  get unwatched(): Missed | null {
    return this.#unwatched.beyondChance(this.#deliveries);
  }
}
