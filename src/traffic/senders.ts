import {
  canaryMessage,
  plannedMessage,
  STREAMS,
  type PlannedMessage,
  type Stream,
} from '../scenario/schedule.js';
import { composeMessage, type ComposedMessage } from './compose.js';
import type { TrafficContext } from './context.js';
import { pause } from './pause.js';
import { attemptSmtp } from './smtp-attempt.js';

/** One attempt; a mail server that needs longer has not kept to what senders wait for in practice. */
const ATTEMPT_TIMEOUT_MS = 30_000;
/** RFC 5321 section 4.5.4.1 asks for 30 minutes between retries; a drill of seconds needs seconds. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000] as const;
const MAX_IN_FLIGHT = 50;

/**
 * Correspondents outside, who write to the mailboxes over the MX port, and subscribers, who submit with their
 * password: each stream at its rate, each message retried on 4xx, broken and ambiguous attempts, as RFC 5321
 * section 4.5.4.1 asks of senders, and given up on 5xx.
 */
export class Senders {
  readonly #context: TrafficContext;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #noNewMail = new AbortController();
  readonly #stopped = new Promise<void>((resolve) => {
    this.#noNewMail.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  readonly #giveUp = new AbortController();
  readonly #next = new Map<Stream, number>(STREAMS.map((stream) => [stream, 0]));
  #streams: Promise<void>[] = [];
  #canaries = 0;
  #unaccepted = 0;

  constructor(context: TrafficContext) {
    this.#context = context;
  }

  /** Messages that no server has taken or refused for good yet. */
  get unaccepted(): number {
    return this.#unaccepted;
  }

  /** Sends `perMailbox` messages to every mailbox and waits until the mail stack has answered for each. */
  async seed(perMailbox: number): Promise<readonly ComposedMessage[]> {
    const seeded: ComposedMessage[] = [];
    const total = perMailbox * this.#context.plan.mailboxes.length;
    const waiting = Array.from({ length: total }, () => this.#compose(this.#nextPlanned('inbound')));
    await Promise.all(
      Array.from({ length: Math.min(8, total) }, async () => {
        for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
          seeded.push(message);
          await this.#deliver(message);
        }
      }),
    );
    return seeded;
  }

  /** Starts every stream of the scenario at its rate. */
  start(): void {
    this.#streams = STREAMS.flatMap((stream) => {
      const rate = this.#context.plan.scenario.traffic[stream]?.rate ?? 0;
      return rate > 0 ? [this.#runStream(stream, 1_000 / rate)] : [];
    });
  }

  /** Sends a message that must be refused: its recipient does not exist. */
  canary(): void {
    const { plan, run, seed } = this.#context;
    this.#launch(canaryMessage(plan, run, seed, this.#canaries));
    this.#canaries += 1;
  }

  /** No new mail from here on; what is being retried goes on. */
  async stop(): Promise<void> {
    this.#noNewMail.abort();
    await Promise.all(this.#streams);
  }

  /** Gives up what is still being retried and waits for the attempts under way. */
  async giveUp(): Promise<void> {
    await this.stop();
    this.#giveUp.abort();
    await Promise.all(this.#inFlight);
  }

  async #runStream(stream: Stream, periodMs: number): Promise<void> {
    const { signal } = this.#noNewMail;
    const startMs = performance.now();
    for (let sent = 0; !signal.aborted; sent += 1) {
      await pause(startMs + (sent + 0.5) * periodMs - performance.now(), signal);
      // Nobody may take anything for as long as the run lasts: the end must not wait for a free place.
      if (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race([...this.#inFlight, this.#stopped]);
      if (!this.#noNewMail.signal.aborted) this.#launch(this.#nextPlanned(stream));
    }
  }

  #nextPlanned(stream: Stream): PlannedMessage {
    const { plan, run, seed } = this.#context;
    const index = this.#next.get(stream) ?? 0;
    this.#next.set(stream, index + 1);
    return plannedMessage(plan, run, seed, stream, index);
  }

  #compose(planned: PlannedMessage): ComposedMessage {
    return composeMessage(planned, this.#context.simNowMs());
  }

  #launch(planned: PlannedMessage): void {
    const delivery = this.#deliver(this.#compose(planned)).finally(() => this.#inFlight.delete(delivery));
    this.#inFlight.add(delivery);
  }

  async #deliver({ planned, raw, digest }: ComposedMessage): Promise<void> {
    const { record, stack } = this.#context;
    const { id, kind, from, to } = planned;
    const { bytes, bodySha256, headersSha256 } = digest;
    record({ type: 'message.created', id, kind, from, to, bytes, bodySha256, headersSha256 });
    const submitted = kind === 'outbound' || kind === 'internal';
    const account = submitted ? stack.accounts.find(({ address }) => address === from) : undefined;
    this.#unaccepted += 1;
    try {
      for (let attempt = 1; ; attempt += 1) {
        record({ type: 'attempt.started', id, attempt });
        const result = await attemptSmtp({
          server: submitted ? stack.endpoints.submission : stack.endpoints.mx,
          client: submitted ? 'subscriber.test' : 'correspondent.outside.test',
          ...(account === undefined ? {} : { auth: { user: account.address, pass: account.password } }),
          from,
          to,
          raw,
          timeoutMs: ATTEMPT_TIMEOUT_MS,
        });
        record({ type: 'attempt.ended', id, attempt, ...result });
        if (result.outcome === 'accepted') return;
        if (result.outcome === 'rejected') {
          record({ type: 'message.abandoned', id, reason: 'rejected' });
          return;
        }
        await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length) - 1] ?? 8_000, this.#giveUp.signal);
        if (this.#giveUp.signal.aborted) {
          record({ type: 'message.abandoned', id, reason: 'the run ended before anyone took it' });
          return;
        }
      }
    } finally {
      this.#unaccepted -= 1;
    }
  }
}
