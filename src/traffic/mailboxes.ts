import { withDeadline } from '../errors/deadline.js';
import { shortageError } from '../errors/shortage.js';
import type { MailboxObject } from 'imapflow';
import type { Account } from '../stack/stack.js';
import { parseDsn } from '../history/dsn.js';
import type { Source, TrafficContext } from './context.js';
import { imapSession, type ImapSession } from './imap.js';
import { pause, until } from './pause.js';
import { recordDsn } from './outside.js';
import { beginReading, type KnownMessage, type ReadMessage, type Step } from './reading.js';

const COMMAND_TIMEOUT_MS = 30_000;
const HELD_POLL_MS = 50;
/** Under storage that hangs every command may take its whole time, and a connection that of opening as well. */
const WATCH_DEADLINE_MS = 2 * COMMAND_TIMEOUT_MS + 10_000;

/** Polling costs the mail stack something: with many mailboxes each is looked at less often. */
function pollMs(mailboxes: number): number {
  return Math.max(300, mailboxes * 20);
}

/**
 * Watches every mailbox over IMAP and records each copy once, as soon as it is visible. During an outage the
 * connections fail; they are opened again until the watch ends.
 */
export class MailboxWatch {
  readonly #context: TrafficContext;
  readonly #stopping = new AbortController();
  readonly #sessions = new Set<ImapSession>();
  #loops: Promise<void>[] = [];
  #held = false;
  readonly #left = new Set<string>();
  /** Commands under way. */
  #busy = 0;
  #source: Source | undefined;
  readonly #round = new Set<Account>();

  constructor(context: TrafficContext) {
    this.#context = context;
  }

  start(): void {
    this.#source = this.#context.source({ kind: 'mailboxes', subject: '', deadlineMs: WATCH_DEADLINE_MS });
    this.#loops = this.#context.stack.accounts.map((account) => this.#watch(account));
  }

  /** Sends no command until `release`, and waits, at most `timeoutMs`, for those under way. */
  async hold(timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.#held = true;
    await until(() => this.#busy === 0, { everyMs: 20, timeoutMs, signal });
  }

  /**
   * Looks away from a volume on which nothing can arrive: an observer that polls a broken mailbox three times a second
   * makes the mail store write its indexes again and again, which no reader does.
   */
  leave(volume: string): void {
    this.#left.add(volume);
  }

  /** Looks at a volume again. */
  comeBack(volume: string): void {
    this.#left.delete(volume);
  }

  release(): void {
    this.#held = false;
  }

  async stop(): Promise<void> {
    this.#source?.ended();
    this.#stopping.abort();
    for (const session of this.#sessions) session.close();
    await Promise.all(this.#loops);
  }

  async #watch(account: Account): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = (): boolean => signal.aborted;
    const everyMs = pollMs(this.#context.stack.accounts.length);
    /** The highest UID recorded, by UIDVALIDITY: another UIDVALIDITY is another mailbox (RFC 9051 section 2.3.1.1). */
    const seen = new Map<string, number>();
    while (!signal.aborted) {
      await this.#whenFree(account);
      const session = await imapSession(this.#context.stack.endpoints.imap, account, COMMAND_TIMEOUT_MS);
      this.#sessions.add(session);
      try {
        // `stop` did not see it.
        if (stopped()) break;
        const box = await this.#command(account, 'select', async () => {
          await session.client.connect();
          return session.client.mailboxOpen('INBOX', { readOnly: true });
        });
        const uidValidity = String(box.uidValidity);
        let changed = box.exists > 0;
        session.client.on('exists', () => {
          changed = true;
        });
        while (!stopped() && session.failure() === undefined) {
          if (changed && !this.#isHeld(account)) {
            changed = false;
            await this.#fetchNew(session, account, uidValidity, seen);
          }
          await pause(everyMs, signal);
          this.#turned(account);
          if (!stopped() && !this.#isHeld(account))
            await this.#command(account, 'noop', () => session.client.noop());
          if (!session.client.usable) break;
        }
      } catch (error) {
        const shortage = shortageError('the watch of a mailbox', error);
        if (shortage !== null) this.#context.broke('mailboxes', shortage);
        // An unreachable mailbox is what readers report; the watch only has to come back.
        await pause(everyMs, signal);
      } finally {
        this.#sessions.delete(session);
        session.close();
      }
    }
  }

  /** A call, because it changes while a loop waits. */
  #isHeld({ volume }: Account): boolean {
    return this.#held || this.#left.has(volume);
  }

  /** The watch of one mailbox goes on. It is heard of when those of all do: one that hangs must not hide behind the others. */
  #turned(account: Account): void {
    this.#round.add(account);
    if (this.#round.size < this.#context.stack.accounts.length) return;
    this.#round.clear();
    this.#source?.alive(1);
  }

  async #command<T>(account: Account, name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#busily(() => withDeadline(work(), COMMAND_TIMEOUT_MS, name));
    } finally {
      this.#turned(account);
    }
  }

  async #busily<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
    }
  }

  /** Waits while the watch is held: a large message takes many commands. */
  async #whenFree(account: Account): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#isHeld(account) && !signal.aborted) {
      this.#turned(account);
      await pause(HELD_POLL_MS, signal);
    }
  }

  /** Records what has come since; `seen` grows with each message, so that nothing is read twice where reading breaks off. */
  async #fetchNew(
    session: ImapSession,
    account: Account,
    uidValidity: string,
    seen: Map<string, number>,
  ): Promise<void> {
    const last = seen.get(uidValidity) ?? 0;
    const answer: Step = (work) => this.#command(account, 'fetch', work);
    const begun = await this.#busily(() => beginReading(session.client, `${String(last + 1)}:*`, answer));
    const next: Step = async (work) => {
      await this.#whenFree(account);
      return this.#command(account, 'fetch', work);
    };
    for (const { uid, finish } of begun) {
      if (uid <= last) continue;
      await this.#recordCopy(account, uidValidity, await finish(next));
      seen.set(uidValidity, uid);
    }
  }

  async #recordCopy(account: Account, uidValidity: string, read: ReadMessage): Promise<void> {
    const { uid, digest, start } = read;
    const mailbox = account.address;
    const dsn = start === null ? null : await parseDsn(start);
    if (dsn === null) this.#context.record({ type: 'copy.found', mailbox, uid, uidValidity, ...digest });
    else recordDsn(this.#context.record, dsn, 'mailbox', mailbox, { uid, uidValidity });
  }
}

/** One answer on the way through a mailbox, which may have any number of messages of any size. */
const answerInTime: Step = (work) => withDeadline(work(), COMMAND_TIMEOUT_MS, 'the next answer to FETCH');

/** Runs `work` on the open INBOX over a connection of its own. Throws where the mailbox cannot be opened. */
async function withInbox<T>(
  context: TrafficContext,
  account: Account,
  readOnly: boolean,
  work: (session: ImapSession, box: MailboxObject) => Promise<T>,
): Promise<T> {
  const session = await imapSession(context.stack.endpoints.imap, account, COMMAND_TIMEOUT_MS);
  try {
    await withDeadline(session.client.connect(), COMMAND_TIMEOUT_MS, `login of ${account.address}`);
    const open = session.client.mailboxOpen('INBOX', { readOnly });
    const box = await withDeadline(open, COMMAND_TIMEOUT_MS, `select by ${account.address}`);
    return await work(session, box);
  } finally {
    // Everything is answered: a LOGOUT would only be waited for.
    session.close();
  }
}

async function readAll({ client }: ImapSession, box: MailboxObject): Promise<ReadMessage[]> {
  if (box.exists === 0) return [];
  const messages: ReadMessage[] = [];
  for (const { finish } of await beginReading(client, '1:*', answerInTime))
    messages.push(await finish(answerInTime));
  return messages;
}

function recordListing(
  { record }: TrafficContext,
  { address: mailbox, volume }: Account,
  stage: 'before' | 'after',
  box: MailboxObject,
  read: readonly ReadMessage[],
): void {
  const messages = read.map(({ uid, flags, digest: { id, bodySha256 } }) => ({
    uid,
    id,
    flags: [...flags],
    bodySha256,
  }));
  record({ type: 'mailbox.listed', stage, mailbox, volume, uidValidity: String(box.uidValidity), messages });
}

/** Reads one mailbox whole at the end of a run and records it. Throws where the mailbox cannot be read. */
export async function listMailbox(context: TrafficContext, account: Account): Promise<void> {
  await withInbox(context, account, true, async (session, box) => {
    recordListing(context, account, 'after', box, await readAll(session, box));
  });
}

/**
 * Marks some of a mailbox's mail as its owner would, so that lost flags can be seen, and records what lies in it
 * before anything breaks. Gives the message that readers look for, the smallest one: whoever looks at it every second
 * must not be what makes a volume slow.
 */
export async function prepareMailbox(
  context: TrafficContext,
  account: Account,
): Promise<KnownMessage | undefined> {
  return withInbox(context, account, false, async (session, box) => {
    const marked = [['\\Seen'], ['\\Seen', '\\Flagged']] as const;
    for (const [index, flags] of marked.entries()) {
      if (index >= box.exists) break;
      const storing = session.client.messageFlagsAdd(String(index + 1), [...flags]);
      const stored = await withDeadline(storing, COMMAND_TIMEOUT_MS, `STORE of flags for ${account.address}`);
      if (!stored) throw new Error(`STORE of flags was refused for ${account.address}`);
    }
    const messages = await readAll(session, box);
    recordListing(context, account, 'before', box, messages);
    const [smallest] = messages.toSorted((a, b) => a.digest.bytes - b.digest.bytes || a.uid - b.uid);
    return smallest && { uid: smallest.uid, bodySha256: smallest.digest.bodySha256 };
  });
}
