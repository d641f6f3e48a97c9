import { withDeadline } from '../errors/deadline.js';
import { shortageError } from '../errors/shortage.js';
import type { MailboxObject } from 'imapflow';
import type { EventOf } from '../history/event.js';
import type { Account } from '../stack/stack.js';
import { parseDsn } from '../history/dsn.js';
import type { Source, TrafficContext } from './context.js';
import { digestMessage } from './digest.js';
import { imapSession, type ImapSession } from './imap.js';
import { pause } from './pause.js';
import { recordDsn } from './outside.js';

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
    const endsAtMs = performance.now() + timeoutMs;
    while (this.#busy > 0 && performance.now() < endsAtMs && !signal.aborted) await pause(20, signal);
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
      if (this.#isHeld(account)) {
        this.#turned(account);
        await pause(HELD_POLL_MS, signal);
        continue;
      }
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
            const last = seen.get(uidValidity) ?? 0;
            seen.set(uidValidity, await this.#fetchNew(session, account, uidValidity, last));
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
    this.#busy += 1;
    try {
      return await withDeadline(work(), COMMAND_TIMEOUT_MS, name);
    } finally {
      this.#turned(account);
      this.#busy -= 1;
    }
  }

  async #fetchNew(
    session: ImapSession,
    account: Account,
    uidValidity: string,
    last: number,
  ): Promise<number> {
    const query = { uid: true, source: true } as const;
    const range = `${String(last + 1)}:*`;
    const messages = await this.#command(account, 'fetch', () =>
      session.client.fetchAll(range, query, { uid: true }),
    );
    let highest = last;
    for (const { uid, source } of messages.sort((a, b) => a.uid - b.uid)) {
      if (uid <= highest || source === undefined) continue;
      highest = uid;
      const dsn = await parseDsn(source);
      if (dsn !== null)
        recordDsn(this.#context.record, dsn, 'mailbox', account.address, { uid, uidValidity });
      else
        this.#context.record({
          type: 'copy.found',
          mailbox: account.address,
          uid,
          uidValidity,
          ...digestMessage(source),
        });
    }
    return highest;
  }
}

type ListedMessage = EventOf<'mailbox.listed'>['messages'][number];

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
    return await withDeadline(work(session, box), COMMAND_TIMEOUT_MS, `reading of ${account.address}`);
  } finally {
    // Everything is answered: a LOGOUT would only be waited for.
    session.close();
  }
}

async function readAll({ client }: ImapSession, box: MailboxObject): Promise<ListedMessage[]> {
  if (box.exists === 0) return [];
  const all = await client.fetchAll('1:*', { uid: true, flags: true, source: true });
  return all
    .sort((a, b) => a.uid - b.uid)
    .map(({ uid, flags, source }) => {
      const { id, bodySha256 } = digestMessage(source ?? Buffer.alloc(0));
      // \Recent is about the session, not the message (RFC 3501 section 2.3.2).
      return { uid, id, flags: [...(flags ?? [])].filter((flag) => flag !== '\\Recent').sort(), bodySha256 };
    });
}

function recordListing(
  { record }: TrafficContext,
  { address: mailbox, volume }: Account,
  stage: 'before' | 'after',
  box: MailboxObject,
  messages: ListedMessage[],
): void {
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
 * before anything breaks. Gives the message that readers look for.
 */
export async function prepareMailbox(
  context: TrafficContext,
  account: Account,
): Promise<ListedMessage | undefined> {
  return withInbox(context, account, false, async (session, box) => {
    const marked = [['\\Seen'], ['\\Seen', '\\Flagged']] as const;
    for (const [index, flags] of marked.entries()) {
      if (index >= box.exists) break;
      const stored = await session.client.messageFlagsAdd(String(index + 1), [...flags]);
      if (!stored) throw new Error(`STORE of flags was refused for ${account.address}`);
    }
    const messages = await readAll(session, box);
    recordListing(context, account, 'before', box, messages);
    return messages[0];
  });
}
