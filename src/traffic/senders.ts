import {
  canaryMessage,
  largestMessageBytes,
  plannedMessage,
  STREAMS,
  type PlannedMessage,
  type Stream,
} from '../scenario/schedule.js';
import type { Address, RunningStack } from '../stack/stack.js';
import { composeMessage } from './compose.js';
import type { Source, TrafficContext } from './context.js';
import { transferMs } from './patience.js';
import { pause, until } from './pause.js';
import { attemptSmtp, type Attempt, type AttemptResult } from './smtp-attempt.js';

/** One attempt with a small message; a mail server that needs longer has not kept to what senders wait for in practice. */
const ATTEMPT_TIMEOUT_MS = 30_000;
/** RFC 5321 section 4.5.4.1 asks for 30 minutes between retries; a drill of seconds needs seconds. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000] as const;
const MAX_IN_FLIGHT = 50;
/** So often a stream that waits says that it does. */
const PULSE_MS = 5_000;
/** Connections that a burst opens at once, and the first mail to every mailbox. */
const BURST_AT_ONCE = 10;
const SEEDED_AT_ONCE = 8;
/** Filling mailboxes with large messages is not to be a test of what a stack can carry. */
const SEEDED_BYTES_AT_ONCE = 33_554_432;
/** Of the message that readers of a mailbox look at again and again. */
const SMALL_BYTES = 65_536;

/**
 * Where a correspondent hands over mail: to an MTA of their own, the same one for all their mail, or to the MX where
 * correspondents have none.
 */
function inboundServer({ endpoints, outsideMtas }: RunningStack, { kind, from }: PlannedMessage): Address {
  // What tests the stack itself goes to it directly.
  if (kind === 'canary' || outsideMtas.length === 0) return endpoints.mx;
  const correspondent = Number(/^c(\d+)\+/.exec(from)?.[1] ?? '0');
  return outsideMtas[correspondent % outsideMtas.length]?.endpoint ?? endpoints.mx;
}

function attemptTimeoutMs(bytes: number): number {
  return ATTEMPT_TIMEOUT_MS + transferMs(bytes);
}

/** The first mail to every mailbox, while it is being sent. */
export interface Seeding {
  readonly ids: readonly string[];
  /** What the last attempt at each came to, as far as there was one. */
  readonly answers: ReadonlyMap<string, AttemptResult>;
  /** Resolves when each was accepted or refused for good. */
  readonly settled: Promise<void>;
}

/** A door that attempts wait at while the clocks are moved. */
interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function gate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

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
  /** Attempts under way; what waits for its next try is in flight, but no attempt. */
  #attempts = 0;
  #gate: Gate | undefined;
  #source: Source | undefined;
  #unaccepted = 0;

  constructor(context: TrafficContext) {
    this.#context = context;
  }

  /** Messages that no server has taken or refused for good yet. */
  get unaccepted(): number {
    return this.#unaccepted;
  }

  /** Begins to send `perMailbox` messages to every mailbox; the first to each is a small one. */
  seed(perMailbox: number): Seeding {
    const { length: mailboxes } = this.#context.plan.mailboxes;
    const waiting = Array.from({ length: perMailbox * mailboxes }, (_, index) => {
      const planned = this.#nextPlanned('inbound');
      return index < mailboxes
        ? { ...planned, sizeBytes: Math.min(planned.sizeBytes, SMALL_BYTES) }
        : planned;
    });
    const ids = waiting.map(({ id }) => id);
    const answers = new Map<string, AttemptResult>();
    const fit = Math.floor(SEEDED_BYTES_AT_ONCE / largestMessageBytes(this.#context.plan));
    const atOnce = Math.max(1, Math.min(SEEDED_AT_ONCE, fit, waiting.length));
    const sending = Array.from({ length: atOnce }, async () => {
      for (let planned = waiting.shift(); planned !== undefined; planned = waiting.shift()) {
        const { id } = planned;
        await this.#deliver(planned, (result) => answers.set(id, result));
      }
    });
    return { ids, answers, settled: Promise.all(sending).then(() => undefined) };
  }

  /** Starts every stream of the scenario at its rate, and sends the first burst of those that send in bursts. */
  start(): void {
    // A stream waits for a free place for no longer than an attempt may take.
    const deadlineMs = attemptTimeoutMs(largestMessageBytes(this.#context.plan)) + 3 * PULSE_MS;
    this.#source = this.#context.source({ kind: 'senders', subject: '', deadlineMs });
    this.#streams = STREAMS.flatMap((stream) => {
      const { rate = 0, at } = this.#context.plan.scenario.traffic[stream] ?? {};
      return [
        ...(at === undefined ? [] : [this.burst(stream)]),
        ...(rate > 0 ? [this.#runStream(stream, 1_000 / rate)] : []),
      ];
    });
    // Where mail comes in bursts alone, nothing else says that somebody is there to send them.
    this.#streams.push(this.#wait(Infinity));
  }

  /** Sends one burst of a stream: its `messages`, or one for every mailbox. Resolves when the last one is under way. */
  async burst(stream: Stream): Promise<void> {
    const { plan } = this.#context;
    const { signal } = this.#noNewMail;
    const stopped = (): boolean => signal.aborted;
    const messages = plan.scenario.traffic[stream]?.messages ?? plan.mailboxes.length;
    for (let sent = 0; sent < messages; sent += 1) {
      if (stopped()) return;
      this.#launch(this.#nextPlanned(stream));
      while (this.#attempts >= BURST_AT_ONCE && !stopped()) await pause(10, signal);
    }
  }

  /** Lets nobody connect until `release`, and waits, at most `timeoutMs`, for the attempts under way. */
  async hold(timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.#gate ??= gate();
    await this.idle(timeoutMs, signal);
  }

  release(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Waits, at most `timeoutMs`, until no attempt is under way. */
  async idle(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await until(() => this.#attempts === 0, { everyMs: 50, timeoutMs, signal });
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
    this.#source?.ended();
  }

  /** Sends nothing more, and waits for nothing: the run is over. */
  abort(): Promise<void> {
    this.#noNewMail.abort();
    this.#giveUp.abort();
    this.release();
    return Promise.all(this.#streams).then(() => this.#source?.ended());
  }

  /** Gives up what is still being retried and waits for the attempts under way. */
  async giveUp(): Promise<void> {
    await this.stop();
    this.#giveUp.abort();
    this.release();
    await Promise.all(this.#inFlight);
  }

  async #runStream(stream: Stream, periodMs: number): Promise<void> {
    const { signal } = this.#noNewMail;
    const startMs = performance.now();
    for (let sent = 0; !signal.aborted; sent += 1) {
      await this.#wait(startMs + (sent + 0.5) * periodMs);
      // Nobody may take anything for as long as the run lasts: the end must not wait for a free place.
      if (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race([...this.#inFlight, this.#stopped]);
      if (!this.#noNewMail.signal.aborted) this.#launch(this.#nextPlanned(stream));
    }
  }

  /** Waits until `untilMs` (performance.now), or until no new mail is wanted. */
  async #wait(untilMs: number): Promise<void> {
    const { signal } = this.#noNewMail;
    for (let leftMs = untilMs - performance.now(); leftMs > 0 && !signal.aborted;) {
      await pause(Math.min(leftMs, PULSE_MS), signal);
      this.#source?.alive();
      leftMs = untilMs - performance.now();
    }
  }

  #nextPlanned(stream: Stream): PlannedMessage {
    const { plan, run, seed } = this.#context;
    const index = this.#next.get(stream) ?? 0;
    this.#next.set(stream, index + 1);
    return plannedMessage(plan, run, seed, stream, index);
  }

  #launch(planned: PlannedMessage): void {
    const delivery = this.#deliver(planned)
      .catch((error: unknown) => {
        this.#context.broke('senders', error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => this.#inFlight.delete(delivery));
    this.#inFlight.add(delivery);
  }

  async #deliver(planned: PlannedMessage, answered?: (result: AttemptResult) => void): Promise<void> {
    this.#unaccepted += 1;
    try {
      await this.#untilTaken(planned, answered);
    } finally {
      this.#unaccepted -= 1;
    }
  }

  async #untilTaken(planned: PlannedMessage, answered?: (result: AttemptResult) => void): Promise<void> {
    const { record, stack, simNowMs } = this.#context;
    const { id, kind, from, to } = planned;
    // Composing counts as part of an attempt: a burst must not compose everything at once.
    this.#attempts += 1;
    const message = await composeMessage(planned, simNowMs()).finally(() => (this.#attempts -= 1));
    const { bytes, bodySha256, headersSha256 } = message.digest;
    record({ type: 'message.created', id, kind, from, to, bytes, bodySha256, headersSha256 });
    const submitted = kind === 'outbound' || kind === 'internal';
    const account = submitted ? stack.accounts.find(({ address }) => address === from) : undefined;
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#attempt(
        { id, attempt },
        {
          server: submitted ? stack.endpoints.submission : inboundServer(stack, planned),
          client: submitted ? 'subscriber.test' : 'correspondent.outside.test',
          ...(account === undefined ? {} : { auth: { user: account.address, pass: account.password } }),
          from,
          to,
          message,
          timeoutMs: attemptTimeoutMs(message.bytes),
        },
      );
      answered?.(result);
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
  }

  async #attempt(
    numbered: { readonly id: string; readonly attempt: number },
    attempt: Attempt,
  ): Promise<AttemptResult> {
    const { record } = this.#context;
    await this.#gate?.opened;
    this.#attempts += 1;
    try {
      record({ type: 'attempt.started', ...numbered });
      const result = await attemptSmtp(attempt);
      this.#source?.alive(1);
      record({ type: 'attempt.ended', ...numbered, ...result });
      return result;
    } finally {
      this.#attempts -= 1;
    }
  }
}
