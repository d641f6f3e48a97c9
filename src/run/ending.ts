import { NobounceError } from '../errors/errors.js';
import { isStacksDoing } from '../history/deaths.js';
import type { ServiceDeath } from '../stack/stack.js';

/** For the engine to tell that a service ended, after its streams did. */
const STREAM_GRACE_MS = 1_000;

/** A service of the mail stack ended by itself: its own doing, and no failure of the harness. */
export class StackDied extends Error {}

const HOW: Readonly<Record<ServiceDeath['cause'], string>> = {
  itself: 'ended by itself',
  'out-of-memory': 'was out of memory',
  killed: 'was killed from outside',
  unknown: 'ended, and nobody knows why',
};

/** Ends a run before its time, for the first reason that comes up: what it was about to see can no longer be seen. */
export class Ending {
  /** Aborts where the run is interrupted, or ended here. */
  readonly signal: AbortSignal;
  readonly #interrupt: AbortSignal;
  readonly #controller = new AbortController();
  readonly #fail: (what: string, error: unknown) => void;
  /** Streams that broke, and wait for their reason. */
  readonly #broken = new Map<NodeJS.Timeout, () => void>();
  #closed = false;
  #cause: Error | null = null;

  /** @param fail notes a failure of the harness. */
  constructor(interrupt: AbortSignal, fail: (what: string, error: unknown) => void) {
    this.#interrupt = interrupt;
    this.#fail = fail;
    this.signal = AbortSignal.any([interrupt, this.#controller.signal]);
  }

  /** Why the run is over; null where it is not, or was interrupted first. */
  get cause(): Error | null {
    return this.#cause;
  }

  /** Somebody wanted the run to end, before there was a reason here. */
  get wasInterrupted(): boolean {
    return this.#cause === null && this.#interrupt.aborted;
  }

  /** Something that the run needs broke, and it is no doing of the stack. */
  readonly broke = (what: string, error: Error): void => {
    if (this.#isOver) return;
    this.#fail(what, error);
    this.end(new NobounceError('harness', `${what}: ${error.message}`));
  };

  /** A stream ends when its service does: what is said of the service comes first, and says more. */
  readonly streamBroke = (what: string, error: Error): void => {
    if (this.#isOver) return;
    const tell = (): void => {
      this.#broken.delete(timer);
      this.broke(what, error);
    };
    const timer = setTimeout(tell, STREAM_GRACE_MS);
    this.#broken.set(timer, tell);
  };

  /** A service is gone: the stack's doing where it is the stack's and nobody killed it. */
  readonly died = (death: ServiceDeath): void => {
    if (this.#isOver) return;
    const { service, cause, exitCode } = death;
    const code = exitCode === null ? '' : ` (exit code ${String(exitCode)})`;
    const how = `${HOW[cause]}${code}`;
    if (isStacksDoing(death)) this.end(new StackDied(`the service ${service} ${how}`));
    else this.broke(`the service ${service}`, new Error(how));
  };

  /** The run is over: what still waits for its reason is told, and nothing more is. */
  close(): void {
    for (const [timer, tell] of [...this.#broken]) {
      clearTimeout(timer);
      tell();
    }
    this.#closed = true;
  }

  /** Ends the run for a reason that is told already. */
  end(cause: Error): void {
    if (this.#isOver) return;
    this.#cause = cause;
    for (const timer of this.#broken.keys()) clearTimeout(timer);
    this.#broken.clear();
    this.#controller.abort(cause);
  }

  get #isOver(): boolean {
    return this.#closed || this.#cause !== null || this.#interrupt.aborted;
  }
}
