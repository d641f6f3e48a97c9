import type { EventOf } from './event.js';
import { FirstOf, type Note } from './notes.js';

/** One operation against IMAP or submission and how long it took. */
export interface Operation extends Note {
  readonly ms: number;
}

/** So many of the slowest operations are kept: enough to say which ones hung. */
const SLOWEST = 500;

/**
 * The logins of a run, tried for their own sake, by readers, and by senders at submission.
 * Sources: RFC 5530 section 3 (AUTHENTICATIONFAILED), RFC 4954 section 6 (535).
 */
export class Logins {
  correct = 0;
  wrong = 0;
  /** Correct ones while a fault was felt. */
  inOutage = 0;
  /** Correct credentials that were called wrong. */
  readonly refused = new FirstOf<Note>();
  /** Wrong credentials that were let in. */
  readonly admitted = new FirstOf<Note>();
  operations = 0;
  slowestMs = 0;
  timeouts = 0;
  /** The harness gave up on an operation after no longer than this. */
  shortestTimeoutMs = Infinity;
  #slowest: Operation[] = [];

  /** The slowest operations, slowest first. */
  get slowest(): readonly Operation[] {
    return this.#slowest.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  }

  tried(event: EventOf<'login.tried'>, felt: boolean): void {
    const { t, service, mailbox, credentials, outcome, code, text, ms } = event;
    const what = `${service} login of ${mailbox} with ${credentials} credentials: ${outcome} ${code ?? ''} ${text}`;
    this.#operation(t, ms, outcome === 'timeout', what);
    if (credentials === 'wrong') {
      this.wrong += 1;
      if (outcome === 'ok') this.admitted.add({ at: t, text: what });
      return;
    }
    this.#countCorrect(felt);
    if (outcome === 'refused' || (outcome === 'unavailable' && callsCredentialsWrong(code, text)))
      this.refused.add({ at: t, text: what });
  }

  visited(event: EventOf<'reader.visited'>, felt: boolean): void {
    for (const { step, outcome, code, text, ms } of event.steps) {
      const what = `IMAP ${step} of ${event.mailbox}: ${outcome} ${code ?? ''} ${text}`;
      this.#operation(event.t, ms, outcome === 'timeout', what);
      if (step !== 'login') continue;
      this.#countCorrect(felt);
      if (outcome === 'no' && callsCredentialsWrong(code, text))
        this.refused.add({ at: event.t, text: what });
    }
  }

  /** A sender's attempt that came no further than AUTH. */
  submitted(event: EventOf<'attempt.ended'>, felt: boolean): void {
    this.#countCorrect(felt);
    if (event.code === 535) {
      this.refused.add({ at: event.t, text: `submission of ${event.id}: ${event.reply}` });
    }
  }

  #countCorrect(felt: boolean): void {
    this.correct += 1;
    if (felt) this.inOutage += 1;
  }

  #operation(at: number, ms: number, timedOut: boolean, text: string): void {
    this.operations += 1;
    this.slowestMs = Math.max(this.slowestMs, ms);
    if (timedOut) {
      this.timeouts += 1;
      this.shortestTimeoutMs = Math.min(this.shortestTimeoutMs, ms);
    }
    this.#slowest.push({ at, ms, text: text.trimEnd() });
    if (this.#slowest.length >= 2 * SLOWEST) this.#slowest = [...this.slowest];
  }
}

/** Words of servers that say no code: Cyrus, Courier, Exchange, and others (RFC 3501 section 6.2.3 asks for none). */
const WRONG_CREDENTIALS =
  /\b(log[io]n|authenticat\w*|password|credentials|user ?name)\b.*\b(fail\w*|invalid|incorrect|wrong|rejected|denied|mismatch)\b|\b(fail\w*|invalid|incorrect|wrong|bad|unknown)\b.*\b(log[io]n|credentials|password|user( ?name)?)\b/i;
/** Words that say that it is not the credentials. */
const NOT_NOW =
  /temporar|unavailable|try again|later|internal|server|timed? ?out|in use|backend|storage|lock|too many|limit|i\/o/i;

/**
 * Whether the answer to a login calls its credentials wrong: by its code (RFC 5530 section 3, RFC 4954 section 6), or,
 * where it has none, by its words. An answer with another code means something else, whatever its words.
 */
export function callsCredentialsWrong(code: string | null, text: string): boolean {
  if (code !== null) return code === 'AUTHENTICATIONFAILED' || code === '535';
  return WRONG_CREDENTIALS.test(text) && !NOT_NOW.test(text);
}
