import type { EventOf } from './event.js';
import { QueueAccount, type Disagreement } from './queue-account.js';

/** The depth of one service's queue over a run. Times are `t`. */
export interface QueueRecord {
  readonly service: string;
  /** The greatest depth in steady state: before the first fault, or before a run without one settles. */
  baseline: number;
  /** It was looked at in steady state. */
  seenSteady: boolean;
  peak: number;
  /** It was looked at since the last heal; in a run without a fault, at all. */
  seenAfter: boolean;
  /** The first sample since the last heal that was back at the baseline. */
  drainedAt: number | null;
  lastDepth: number;
  lastAt: number;
}

/** How the queues fill and drain. */
export class Queues {
  readonly #queues = new Map<string, QueueRecord>();
  readonly #accounts: QueueAccount[] = [];
  readonly #lifetimes: EventOf<'mta.configured'>[] = [];
  #isSteady = true;

  get all(): readonly QueueRecord[] {
    return [...this.#queues.values()];
  }

  /** How long each MTA keeps what it cannot deliver; empty where none said. */
  get lifetimes(): readonly EventOf<'mta.configured'>[] {
    return this.#lifetimes;
  }

  /** Where the depth of a queue, its listings and its MTA's log could not all be true. */
  get disagreements(): readonly Disagreement[] {
    return this.#accounts.flatMap(({ disagreements }) => disagreements);
  }

  /** A queue is empty by its last listing, and has messages that were not said to leave. */
  get isAnyEmptied(): boolean {
    return this.#accounts.some(({ isEmptied }) => isEmptied);
  }

  /** Messages in all queues, by their last depths, of which no listing says which ones they are. */
  get untold(): number {
    return this.#accounts.reduce((sum, { untold }) => sum + untold, 0);
  }

  /** The account of a service's queue. */
  account(service: string): QueueAccount {
    let account = this.#accounts.find((one) => one.service === service);
    if (account === undefined) {
      account = new QueueAccount(service, this.#accounts.length + 1);
      this.#accounts.push(account);
    }
    return account;
  }

  /** The account that has this number, of all from 1 on. */
  accountOf(number: number): QueueAccount | undefined {
    return this.#accounts[number - 1];
  }

  configured(event: EventOf<'mta.configured'>): void {
    this.#lifetimes.push(event);
  }

  sample({ service, depth, t }: EventOf<'queue.sampled'>): void {
    this.account(service).sample(t, depth);
    let queue = this.#queues.get(service);
    if (queue === undefined) {
      queue = {
        service,
        baseline: 0,
        seenSteady: false,
        peak: 0,
        seenAfter: false,
        drainedAt: null,
        lastDepth: 0,
        lastAt: t,
      };
      this.#queues.set(service, queue);
    }
    if (this.#isSteady) {
      queue.baseline = Math.max(queue.baseline, depth);
      queue.seenSteady = true;
    }
    queue.peak = Math.max(queue.peak, depth);
    queue.seenAfter = true;
    if (depth <= queue.baseline) queue.drainedAt ??= t;
    queue.lastDepth = depth;
    queue.lastAt = t;
  }

  /** Mailboxes have been filled until now: the steady state begins here. */
  beginSteadyState(): void {
    if (!this.#isSteady) return;
    for (const queue of this.#queues.values()) {
      queue.baseline = 0;
      queue.seenSteady = false;
    }
  }

  /** Steady state is over: the baselines stand. */
  endSteadyState(): void {
    this.#isSteady = false;
  }

  /** A fault came or went: what counts is how the queues drain from here on. */
  restart(): void {
    for (const queue of this.#queues.values()) {
      queue.seenAfter = false;
      queue.drainedAt = null;
    }
  }
}
