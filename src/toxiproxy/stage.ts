import { LONGEST_TIMER_MS } from '../units/timer.js';
import type { Ending, Pipe, Stub, Toxic, Wait } from './toxics/toxic.js';

/** Where the bytes of a stream go next: another toxic, or the socket at the end. */
export interface Receiver {
  /** @param readAtMs when the bytes were read from their socket, in ms of `performance.now()`. */
  push(bytes: Buffer, readAtMs: number): void;
  finish(ending: Ending): void;
}

/** What the stages of one link share: the account of what waits in them, and the way to stop what is before one. */
export interface StageHost {
  /** Called with what a stage holds more (or, negative, less) than before, in bytes including overhead. */
  hold(bytes: number): void;
  /** Called when a toxic cuts the connection: nothing may come from before this stage any more. */
  cutBefore(stage: Stage): void;
}

interface Chunk {
  bytes: Buffer;
  readonly readAtMs: number;
}

/** What a waiting chunk costs beside its bytes, roughly; so that a flood of tiny chunks is bounded as well. */
const CHUNK_OVERHEAD_BYTES = 256;

/**
 * One toxic on one link: holds the chunks that have reached it and runs the toxic's pipe over them. All
 * moves are synchronous, so adding, changing and removing toxics cannot hang and cannot race with data.
 */
export class Stage implements Stub, Receiver {
  next: Receiver;
  readonly #host: StageHost;
  #pipe: Pipe | undefined;
  #wait: Wait | undefined;
  #waitUntilMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #chunks: Chunk[] = [];
  #first = 0;
  #queuedEnding: Ending | undefined;
  #closed = false;
  #passedBytes = 0;
  #hasHole = false;

  constructor(host: StageHost, next: Receiver) {
    this.#host = host;
    this.next = next;
  }

  get headBytes(): number {
    return this.#chunks[this.#first]?.bytes.length ?? 0;
  }

  get headReadAtMs(): number {
    return this.#chunks[this.#first]?.readAtMs ?? performance.now();
  }

  get ending(): Ending | undefined {
    return this.#first === this.#chunks.length ? this.#queuedEnding : undefined;
  }

  get passedBytes(): number {
    return this.#passedBytes;
  }

  /** Whether bytes of this stream were dropped, so that what comes later would not fit what came before. */
  get hasHole(): boolean {
    return this.#hasHole;
  }

  /** Puts a toxic to work, in place of the one before; what waits is the new one's. */
  run(toxic: Toxic): void {
    this.#stopWaiting();
    if (this.#closed) return;
    this.#pipe = toxic.pipe(this);
    this.#advance();
  }

  /** Takes the toxic out of work and passes on at once what waits. */
  release(): void {
    this.#stop();
    while (this.headBytes > 0) this.pass(this.headBytes);
    if (this.#queuedEnding !== undefined) this.passEnding();
  }

  /** Stops for good and drops what waits. */
  discard(): void {
    this.#stop();
    this.#closed = true;
    let heldBytes = 0;
    for (let i = this.#first; i < this.#chunks.length; i++) heldBytes += costOf(this.#chunks[i]);
    this.#chunks = [];
    this.#first = 0;
    this.#host.hold(-heldBytes);
  }

  push(bytes: Buffer, readAtMs: number): void {
    if (this.#closed) return;
    const chunk = { bytes, readAtMs };
    this.#chunks.push(chunk);
    this.#host.hold(costOf(chunk));
    this.#wakeForInput();
  }

  finish(ending: Ending): void {
    if (this.#closed || this.#queuedEnding !== undefined) return;
    this.#queuedEnding = ending;
    this.#wakeForInput();
  }

  pass(bytes: number, readAtMs?: number): void {
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined) return;
    const whole = bytes >= chunk.bytes.length;
    const passed = whole ? chunk.bytes : chunk.bytes.subarray(0, bytes);
    if (whole) this.#shift();
    else {
      chunk.bytes = chunk.bytes.subarray(bytes);
      this.#host.hold(-bytes);
    }
    this.#passedBytes += passed.length;
    this.next.push(passed, readAtMs ?? chunk.readAtMs);
  }

  drop(): void {
    if (this.headBytes === 0) return;
    this.#hasHole = true;
    this.#shift();
  }

  passEnding(): void {
    if (this.#closed || this.#queuedEnding === undefined) return;
    this.#closed = true;
    this.next.finish(this.#queuedEnding);
  }

  cut(how: 'close' | 'reset'): void {
    if (this.#closed) return;
    this.discard();
    this.#host.cutBefore(this);
    this.next.finish(how);
  }

  #shift(): void {
    const cost = costOf(this.#chunks[this.#first]);
    this.#first++;
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0;
      this.#first = 0;
    } else if (this.#first > 1_024 && this.#first * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
    this.#host.hold(-cost);
  }

  #wakeForInput(): void {
    if (this.#wait?.input === true) this.#advance();
  }

  #advance(): void {
    this.#stopWaiting();
    const pipe = this.#pipe;
    while (pipe !== undefined && this.#pipe === pipe) {
      const step = pipe.next();
      if (step.done === true) {
        this.#pipe = undefined;
        return;
      }
      const wait = step.value;
      if (wait.input && (this.headBytes > 0 || this.ending !== undefined)) continue;
      this.#waitFor(wait);
      return;
    }
  }

  #waitFor(wait: Wait): void {
    this.#wait = wait;
    if (wait.ms === 0) {
      this.#turn = setImmediate(() => {
        this.#advance();
      });
    } else if (wait.ms !== Number.POSITIVE_INFINITY) {
      this.#waitUntilMs = performance.now() + wait.ms;
      this.#startTimer();
    }
  }

  #startTimer(): void {
    const ms = Math.min(Math.ceil(this.#waitUntilMs - performance.now()), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      // A timer may fire a little early, and long waits are done in parts.
      if (performance.now() < this.#waitUntilMs) this.#startTimer();
      else this.#advance();
    }, ms);
  }

  #stopWaiting(): void {
    if (this.#wait === undefined) return;
    this.#wait = undefined;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  #stop(): void {
    this.#stopWaiting();
    this.#pipe = undefined;
  }
}

function costOf(chunk: Chunk | undefined): number {
  return chunk === undefined ? 0 : chunk.bytes.length + CHUNK_OVERHEAD_BYTES;
}
