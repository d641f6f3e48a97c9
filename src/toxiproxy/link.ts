import type { Socket } from 'node:net';
import type { ByteCounters } from './metrics.js';
import { type Receiver, Stage, type StageHost } from './stage.js';
import type { ActiveToxic } from './toxic-list.js';
import type { Ending } from './toxics/toxic.js';

/** Bytes that may wait between the two sockets of a link before its sender is held back. */
const LINK_BUFFER_BYTES = 64 * 1024;

interface LinkStage {
  readonly active: ActiveToxic;
  readonly stage: Stage;
  /** Drawn once: the toxic works on this connection while the draw is below its toxicity. */
  readonly draw: number;
  working: boolean;
}

/**
 * One direction of one connection: source socket → toxics in order → destination socket. Without toxics
 * what is read is written at once. What waits is bounded: the source is not read while the toxics and the
 * destination hold more than the link may.
 *
 * Better than upstream (toxics/toxic.go, Run): whether a toxic works on a connection is drawn once, not again
 * whenever a toxic beside it is changed.
 */
export class Link implements Receiver, StageHost {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #counters: ByteCounters;
  readonly #onFinished: (ending: Ending) => void;
  #stages: LinkStage[] = [];
  #entry: Receiver = this;
  #heldBytes = 0;
  #bufferBytes = LINK_BUFFER_BYTES;
  #paused = false;
  #inputClosed = false;
  #finished = false;

  /** @param onFinished called once, when all bytes that will ever be written to the destination have been. */
  constructor(
    source: Socket,
    destination: Socket,
    counters: ByteCounters,
    toxics: readonly ActiveToxic[],
    onFinished: (ending: Ending) => void,
  ) {
    this.#source = source;
    this.#destination = destination;
    this.#counters = counters;
    this.#onFinished = onFinished;
    for (const toxic of toxics) this.add(toxic);
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Bytes came from the source. Returns whether they are still in use when it returns. */
  receive(bytes: Buffer): boolean {
    this.#counters.receivedBytes += bytes.length;
    if (this.#inputClosed) return false;
    let isInUse = false;
    if (this.#entry !== this) this.#entry.push(Buffer.from(bytes), performance.now());
    else if (this.#destination.connecting || this.#destination.writableLength > 0) {
      this.push(Buffer.from(bytes));
    } else {
      // The kernel mostly takes everything at once. Then nothing has to be copied or kept.
      this.push(bytes);
      isInUse = this.#destination.writableLength > 0;
    }
    if (!this.#paused && this.#isFull()) {
      this.#paused = true;
      this.#source.pause();
    }
    return isInUse;
  }

  /** The source will send no more: it ended its stream, or is gone. */
  sourceEnded(ending: Ending): void {
    if (this.#inputClosed) return;
    this.#inputClosed = true;
    this.#entry.finish(ending);
  }

  /** The destination is gone: what waits is dropped, and what still comes is read and dropped. */
  destinationGone(): void {
    this.#stopForGood();
    this.#resume();
  }

  /** The destination has taken all that was written to it. */
  destinationDrained(): void {
    this.#relieve();
  }

  add(active: ActiveToxic): void {
    if (this.#finished) return;
    const draw = Math.random();
    const stage = new Stage(this, this);
    this.#stages.push({ active, stage, draw, working: draw < active.toxicity });
    this.#connectStages();
    if (draw < active.toxicity) stage.run(active.toxic);
  }

  /** The attributes or the toxicity of a toxic have changed. */
  update(active: ActiveToxic): void {
    if (this.#finished) return;
    const found = this.#stages.find((one) => one.active === active);
    if (found === undefined) return;
    const { stage } = found;
    const worked = found.working;
    found.working = found.draw < active.toxicity;
    if (worked && !found.working) {
      this.#retire(stage, stage.hasHole);
      this.#connectStages();
    } else {
      this.#connectStages();
      if (found.working) stage.run(active.toxic);
    }
  }

  remove(active: ActiveToxic): void {
    if (this.#finished) return;
    const index = this.#stages.findIndex((one) => one.active === active);
    const found = this.#stages[index];
    if (found === undefined) return;
    if (found.working) this.#retire(found.stage, active.toxic.closesWhenRemoved === true);
    this.#stages.splice(index, 1);
    this.#connectStages();
  }

  /** The end of the chain: what the toxics let through is written to the destination. */
  push(bytes: Buffer): void {
    if (this.#finished) return;
    this.#counters.sentBytes += bytes.length;
    this.#destination.write(bytes);
  }

  finish(ending: Ending): void {
    if (this.#finished) return;
    this.#stopForGood();
    this.#onFinished(ending);
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (bytes < 0) this.#relieve();
  }

  cutBefore(stage: Stage): void {
    this.#inputClosed = true;
    for (const before of this.#stages) {
      if (before.stage === stage) break;
      before.stage.discard();
    }
    // Nobody wants what the source sends now: leave it where it is until the connection closes.
    this.#paused = true;
    this.#source.pause();
  }

  /** No toxic may work on, or wait, for a stream that is over: its timers would outlive the connection. */
  #stopForGood(): void {
    this.#finished = true;
    this.#inputClosed = true;
    for (const { stage } of this.#stages) stage.discard();
    this.#stages = [];
    this.#entry = this;
  }

  /** Ends the work of a stage: what it holds flows on, unless a hole in its stream means that nothing may. */
  #retire(stage: Stage, close: boolean): void {
    if (close) stage.cut('close');
    else stage.release();
  }

  #connectStages(): void {
    const working = this.#stages.filter((one) => one.working);
    working.forEach(({ stage }, index) => {
      stage.next = working[index + 1]?.stage ?? this;
    });
    this.#entry = working[0]?.stage ?? this;
    this.#bufferBytes = working.reduce(
      (bytes, { active }) => bytes + (active.toxic.bufferBytes ?? 0),
      LINK_BUFFER_BYTES,
    );
    this.#relieve();
  }

  #isFull(): boolean {
    const { writableLength, writableNeedDrain } = this.#destination;
    if (this.#entry === this) return writableLength > 0 && writableNeedDrain;
    return this.#heldBytes + writableLength >= this.#bufferBytes;
  }

  #relieve(): void {
    if (this.#paused && !this.#inputClosed && !this.#isFull()) this.#resume();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.resume();
  }
}
