import type { Undo } from '../stack/undo.js';
import type { Tidings, Why } from './protocol.js';

/** How often a vigil is asked to look. */
export const LOOK_EVERY_MS = 500;
/** A look that comes later than this says that the guardian itself stood still, and nothing of the harness. */
const OWN_LATENESS_MS = 1_000;

/** What is to be done now. */
type Decision =
  | { readonly now: 'wait' }
  | { readonly now: 'end' }
  | { readonly now: 'heal'; readonly why: Why; readonly held: ReadonlyMap<string, Undo> };

const WAIT: Decision = { now: 'wait' };

/**
 * Decides when a guardian takes over: pure, but for what it was told. Whoever asks does what the first answer that is
 * not `wait` says, and asks no more.
 */
export class Vigil {
  readonly #silentMs: number;
  readonly #held = new Map<string, Undo>();
  #heardMs: number;
  #lookedMs: number;

  constructor(silentMs: number, nowMs: number) {
    this.#silentMs = silentMs;
    this.#heardMs = nowMs;
    this.#lookedMs = nowMs;
  }

  /** How long nothing was heard. */
  silentMs(nowMs: number): number {
    return nowMs - this.#heardMs;
  }

  /** The harness said something. */
  hear(told: Tidings, nowMs: number): Decision {
    this.#heardMs = nowMs;
    switch (told.tell) {
      case 'hold':
        this.#held.set(told.key, told.undo);
        return WAIT;
      case 'release':
        this.#held.delete(told.key);
        return WAIT;
      case 'beat':
        return WAIT;
      case 'bye':
        // Its own heal has failed: it is tried once more, from here.
        return this.#over('left');
    }
  }

  /** To be called every LOOK_EVERY_MS. A silent harness that has broken nothing does no harm, and is waited for. */
  look(nowMs: number): Decision {
    const lateMs = nowMs - this.#lookedMs - LOOK_EVERY_MS;
    this.#lookedMs = nowMs;
    if (lateMs > OWN_LATENESS_MS) this.#heardMs = Math.min(nowMs, this.#heardMs + lateMs);
    return this.#held.size > 0 && this.silentMs(nowMs) >= this.#silentMs ? this.#over('silent') : WAIT;
  }

  /** The harness is no more, or its words cannot be understood: either way nobody else heals. */
  lost(): Decision {
    return this.#over('gone');
  }

  /** Somebody wants the guardian to end. */
  asked(): Decision {
    return this.#over('asked');
  }

  #over(why: Why): Decision {
    return this.#held.size === 0 ? { now: 'end' } : { now: 'heal', why, held: new Map(this.#held) };
  }
}
