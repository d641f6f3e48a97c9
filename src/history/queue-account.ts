/** Two accounts of one queue that could not both be true. Times are `t`. */
export interface Disagreement {
  readonly service: string;
  /** What the depth of the queue was held against: the messages that its listings name, or those that the log says wait. */
  readonly against: 'listings' | 'log';
  readonly from: number;
  readonly to: number;
  /** The depth (by listings, if they name fewer), and how many messages the other account had, when they differed last. */
  readonly depth: number;
  readonly claimed: number;
}

/**
 * A listing is not atomic, and a log may lag behind: what differs for less than this, or by less than this share,
 * proves nothing.
 */
const LASTING_MS = 5_000;
const TOLERANCE = 1.1;

/** The messages of one queue, as its listings, its depth and the log of its MTA tell of them. */
export class QueueAccount {
  readonly service: string;
  /** One for each queue of the run, from 1 on. */
  readonly number: number;
  /** Messages that the listings name and that did not leave. */
  #listed = 0;
  /** Those of them that the last listing but one had, or would have had. */
  #carried = 0;
  #waiting = 0;
  #depth = 0;
  #sampledAt: number | null = null;
  readonly #since = new Map<Disagreement['against'], number>();
  readonly #longest = new Map<Disagreement['against'], Disagreement>();

  constructor(service: string, number: number) {
    this.service = service;
    this.number = number;
  }

  /** The longest disagreement of each kind. */
  get disagreements(): readonly Disagreement[] {
    return [...this.#longest.values()];
  }

  /** The last listing found the queue empty, though messages are named that did not leave: they are about to. */
  get isEmptied(): boolean {
    return this.#sampledAt !== null && this.#depth === 0 && this.#listed > 0;
  }

  /** Messages in the queue that cannot be told: notices, others' mail, or mail that the listing could not name. */
  get untold(): number {
    return Math.max(0, this.#depth - this.#listed);
  }

  list(): void {
    this.#listed += 1;
  }

  unlist(): void {
    this.#listed -= 1;
    this.#carried -= 1;
  }

  /** The log says that one message more waits, or one less. */
  wait(change: 1 | -1): void {
    this.#waiting += change;
  }

  sample(t: number, depth: number): void {
    // What a listing lacks is named as gone only behind the next one.
    this.#compare('listings', this.#carried, this.#depth, this.#sampledAt ?? t);
    this.#compare('log', this.#waiting, Math.min(depth, this.#listed), t);
    this.#carried = this.#listed;
    this.#depth = depth;
    this.#sampledAt = t;
  }

  #compare(against: Disagreement['against'], claimed: number, depth: number, t: number): void {
    if (claimed <= depth * TOLERANCE) {
      this.#since.delete(against);
      return;
    }
    const from = this.#since.get(against) ?? t;
    this.#since.set(against, from);
    const known = this.#longest.get(against);
    if (t - from < LASTING_MS || (known !== undefined && known.to - known.from > t - from)) return;
    this.#longest.set(against, { service: this.service, against, from, to: t, depth, claimed });
  }
}
