import { withDeadline } from '../errors/deadline.js';
import type { EventOf } from '../history/event.js';
import { callsCredentialsWrong } from '../history/logins.js';
import type { Account } from '../stack/stack.js';
import type { Source, TrafficContext } from './context.js';
import { imapFailure, imapSession, type ImapSession, type ReaderStep } from './imap.js';
import { mailData } from './mail-data.js';
import { pause, until } from './pause.js';
import { beginReading, type KnownMessage } from './reading.js';
import { attemptSmtp } from './smtp-attempt.js';

/** Of each volume: visits that hang on one must not keep readers from the others. */
const MAX_VISITS_IN_FLIGHT = 10;
/** A wrong password is tried once in so many visits: often enough to see a lie, seldom enough to be no attack. */
const WRONG_PASSWORD_EVERY = 7;

/**
 * One account after the other, from volume to volume: each is visited from the start and equally often, however many
 * mailboxes lie on it.
 */
export function* inTurn<T extends { readonly volume: string }>(
  accounts: readonly T[],
): Generator<T, void, undefined> {
  const volumes = [...new Set(accounts.map(({ volume }) => volume))];
  const byVolume = volumes.map((volume) => accounts.filter((account) => account.volume === volume));
  for (let turn = 0; byVolume.length > 0; turn += 1) {
    for (const own of byVolume) {
      const account = own[turn % own.length];
      if (account !== undefined) yield account;
    }
  }
}

/**
 * Subscribers who look at their mail: LOGIN, SELECT, FETCH of a known message, mailbox after mailbox. A login alone
 * proves nothing: a mail store may say OK before it touches the storage.
 */
export class Readers {
  readonly #context: TrafficContext;
  #known: ReadonlyMap<string, KnownMessage> = new Map();
  readonly #deadlineMs: number;
  readonly #stopping = new AbortController();
  readonly #visits = new Map<Promise<void>, string>();
  #loop: Promise<void> = Promise.resolve();
  #held = false;
  #source: Source | undefined;
  readonly #sessions = new Set<ImapSession>();
  /** Visits that are over, by volume. */
  readonly #ended = new Map<string, number>();

  constructor(context: TrafficContext) {
    this.#context = context;
    // A little more than the limit, so that what is given up was over it for certain.
    this.#deadlineMs = context.plan.scenario.checks['honest-login'].deadline + 1_000;
  }

  /** @param known what to look for, by mailbox. */
  start(known: ReadonlyMap<string, KnownMessage>): void {
    this.#known = known;
    const { every } = this.#context.plan.scenario.traffic.readers;
    const deadlineMs = every + 3 * this.#deadlineMs + 10_000;
    this.#source = this.#context.source({ kind: 'readers', subject: '', deadlineMs });
    this.#loop = this.#run();
  }

  /** Waits, at most `timeoutMs`, until every volume was visited so often: that is what an outage is held against. */
  async visitedEach(times: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const volumes = new Set(this.#context.stack.accounts.map(({ volume }) => volume));
    const isDone = (): boolean => [...volumes].every((volume) => (this.#ended.get(volume) ?? 0) >= times);
    await until(isDone, { everyMs: 50, timeoutMs, signal });
  }

  /** Starts no visit until `release`, and waits, at most `timeoutMs`, for those under way. */
  async hold(timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.#held = true;
    await until(() => this.#visits.size === 0, { everyMs: 50, timeoutMs, signal });
  }

  release(): void {
    this.#held = false;
  }

  /** Ends the loop and waits for the visits under way, each bounded by its deadline. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#visits.keys());
    this.#source?.ended();
  }

  /** Ends the loop and the visits under way at once: the run is over. */
  async abort(): Promise<void> {
    this.#stopping.abort();
    for (const session of this.#sessions) session.close();
    await this.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const accounts = inTurn(this.#context.stack.accounts);
    const { every } = this.#context.plan.scenario.traffic.readers;
    for (let turn = 0; !signal.aborted; turn += 1) {
      const account = accounts.next().value;
      const isPlace = account !== undefined && this.#inFlight(account) < MAX_VISITS_IN_FLIGHT;
      if (isPlace && !this.#held) {
        this.#track(account, this.#visit(account));
        if (turn % WRONG_PASSWORD_EVERY === 3)
          this.#track(account, this.#tryWrong(account, turn % (2 * WRONG_PASSWORD_EVERY) === 3));
      }
      // Where every place is taken, only a visit that ends shows that readers live.
      if (isPlace || this.#held) this.#source?.alive();
      await pause(every, signal);
    }
  }

  #inFlight({ volume }: Account): number {
    return [...this.#visits.values()].filter((visited) => visited === volume).length;
  }

  async #session(account: Account, password?: string): Promise<ImapSession> {
    const { imap } = this.#context.stack.endpoints;
    const session = await imapSession(imap, account, this.#deadlineMs, password);
    this.#sessions.add(session);
    return session;
  }

  #close(session: ImapSession): void {
    this.#sessions.delete(session);
    session.close();
  }

  #track({ volume }: Account, work: Promise<void>): void {
    const visit = work
      .catch((error: unknown) => {
        this.#context.broke('readers', error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => this.#visits.delete(visit));
    this.#visits.set(visit, volume);
  }

  async #visit(account: Account): Promise<void> {
    const session = await this.#session(account);
    const steps: ReaderStep[] = [];
    const step = async <T>(name: ReaderStep['step'], work: () => Promise<T>): Promise<T | undefined> => {
      const startMs = performance.now();
      try {
        const value = await withDeadline(work(), this.#deadlineMs, name);
        steps.push({ step: name, outcome: 'ok', code: null, text: '', ms: performance.now() - startMs });
        return value;
      } catch (error) {
        steps.push({ step: name, ...imapFailure(error), ms: performance.now() - startMs });
        return undefined;
      }
    };
    let known: EventOf<'reader.visited'>['known'] = null;
    const connected = await step('login', async () => {
      await session.client.connect();
      return true;
    });
    const box =
      connected === true ? await step('select', () => session.client.mailboxOpen('INBOX')) : undefined;
    const expected = this.#known.get(account.address);
    if (box !== undefined && expected !== undefined) {
      const found = await step('fetch', async () => {
        const [message] = await beginReading(session.client, String(expected.uid), (answer) => answer());
        return { read: await message?.finish((answer) => answer()) };
      });
      if (found !== undefined) {
        if (found.read === undefined) known = 'missing';
        else known = found.read.digest.bodySha256 === expected.bodySha256 ? 'intact' : 'changed';
      }
    }
    if (connected === true) await session.client.logout().catch(() => undefined);
    this.#close(session);
    this.#source?.alive(1);
    this.#ended.set(account.volume, (this.#ended.get(account.volume) ?? 0) + 1);
    this.#context.record({
      type: 'reader.visited',
      mailbox: account.address,
      volume: account.volume,
      steps,
      exists: box?.exists ?? null,
      uidValidity: box === undefined ? null : String(box.uidValidity),
      known,
    });
  }

  async #tryWrong(account: Account, imap: boolean): Promise<void> {
    const startMs = performance.now();
    const password = `not-${account.password}`;
    const base = { type: 'login.tried', mailbox: account.address, credentials: 'wrong' } as const;
    if (!imap) {
      const { stack } = this.#context;
      const result = await attemptSmtp({
        server: stack.endpoints.submission,
        client: 'subscriber.test',
        auth: { user: account.address, pass: password },
        from: account.address,
        to: account.address,
        message: mailData(Buffer.from('Subject: wrong password\r\n\r\n')),
        timeoutMs: this.#deadlineMs,
      });
      const refused = result.at === 'auth' && result.code === 535;
      const passed =
        result.outcome === 'accepted' || !['connect', 'greeting', 'hello', 'auth'].includes(result.at);
      const outcome = refused ? 'refused' : passed ? 'ok' : 'unavailable';
      const code = result.code === null ? null : String(result.code);
      this.#context.record({
        ...base,
        service: 'submission',
        outcome,
        code,
        text: result.reply,
        ms: result.ms,
      });
      return;
    }
    const session = await this.#session(account, password);
    const ended = await withDeadline(session.client.connect(), this.#deadlineMs, 'login').then(
      () => ({ outcome: 'ok', code: null, text: 'logged in' }) as const,
      (error: unknown) => {
        const { outcome, code, text } = imapFailure(error);
        const refused = outcome === 'no' && callsCredentialsWrong(code, text);
        return {
          outcome: refused ? 'refused' : outcome === 'timeout' ? 'timeout' : 'unavailable',
          code,
          text,
        } as const;
      },
    );
    this.#close(session);
    this.#context.record({ ...base, service: 'imap', ...ended, ms: performance.now() - startMs });
  }
}
