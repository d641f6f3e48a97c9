import { withDeadline } from '../errors/deadline.js';
import type { Account } from '../stack/stack.js';
import { parseDsn } from '../history/dsn.js';
import type { TrafficContext } from './context.js';
import { digestMessage } from './digest.js';
import { imapSession, type ImapSession } from './imap.js';
import { pause } from './pause.js';
import { recordDsn } from './outside.js';

const COMMAND_TIMEOUT_MS = 30_000;

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

  constructor(context: TrafficContext) {
    this.#context = context;
  }

  start(): void {
    this.#loops = this.#context.stack.accounts.map((account) => this.#watch(account));
  }

  async stop(): Promise<void> {
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
      const session = imapSession(this.#context.stack.endpoints.imap, account, COMMAND_TIMEOUT_MS);
      this.#sessions.add(session);
      try {
        await withDeadline(session.client.connect(), COMMAND_TIMEOUT_MS, 'login');
        const box = await withDeadline(
          session.client.mailboxOpen('INBOX', { readOnly: true }),
          COMMAND_TIMEOUT_MS,
          'select',
        );
        const uidValidity = String(box.uidValidity);
        let changed = box.exists > 0;
        session.client.on('exists', () => {
          changed = true;
        });
        while (!stopped() && session.failure() === undefined) {
          if (changed) {
            changed = false;
            const last = seen.get(uidValidity) ?? 0;
            seen.set(uidValidity, await this.#fetchNew(session, account, uidValidity, last));
          }
          await pause(everyMs, signal);
          if (!stopped()) await withDeadline(session.client.noop(), COMMAND_TIMEOUT_MS, 'noop');
          if (!session.client.usable) break;
        }
      } catch {
        // An unreachable mailbox is what readers report; the watch only has to come back.
        await pause(everyMs, signal);
      } finally {
        this.#sessions.delete(session);
        session.close();
      }
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
    const messages = await withDeadline(
      session.client.fetchAll(range, query, { uid: true }),
      COMMAND_TIMEOUT_MS,
      'fetch',
    );
    let highest = last;
    for (const { uid, source } of messages.sort((a, b) => a.uid - b.uid)) {
      if (uid <= highest || source === undefined) continue;
      highest = uid;
      const dsn = await parseDsn(source);
      if (dsn !== null) recordDsn(this.#context.record, dsn, 'mailbox', account.address);
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

/** Reads one mailbox whole, over a connection of its own, and records it. Throws where the mailbox cannot be read. */
export async function listMailbox(
  context: TrafficContext,
  account: Account,
  stage: 'before' | 'after',
): Promise<readonly { readonly uid: number; readonly id: string | null; readonly bodySha256: string }[]> {
  const session = imapSession(context.stack.endpoints.imap, account, COMMAND_TIMEOUT_MS);
  try {
    await withDeadline(session.client.connect(), COMMAND_TIMEOUT_MS, `login of ${account.address}`);
    const open = session.client.mailboxOpen('INBOX', { readOnly: true });
    const box = await withDeadline(open, COMMAND_TIMEOUT_MS, `select by ${account.address}`);
    const query = { uid: true, flags: true, source: true } as const;
    const all =
      box.exists === 0
        ? []
        : await withDeadline(session.client.fetchAll('1:*', query), COMMAND_TIMEOUT_MS, 'fetch');
    const messages = all
      .sort((a, b) => a.uid - b.uid)
      .map(({ uid, flags, source }) => {
        const { id, bodySha256 } = digestMessage(source ?? Buffer.alloc(0));
        // \Recent is about the session, not the message (RFC 3501 section 2.3.2).
        return {
          uid,
          id,
          flags: [...(flags ?? [])].filter((flag) => flag !== '\\Recent').sort(),
          bodySha256,
        };
      });
    const uidValidity = String(box.uidValidity);
    context.record({
      type: 'mailbox.listed',
      stage,
      mailbox: account.address,
      volume: account.volume,
      uidValidity,
      messages,
    });
    return messages;
  } finally {
    await session.client.logout().catch(() => undefined);
    session.close();
  }
}

/** Marks some of a mailbox's mail as its owner would, so that lost flags can be seen. */
export async function setFlags(
  context: TrafficContext,
  account: Account,
  uids: readonly number[],
): Promise<void> {
  const session = imapSession(context.stack.endpoints.imap, account, COMMAND_TIMEOUT_MS);
  try {
    await withDeadline(session.client.connect(), COMMAND_TIMEOUT_MS, `login of ${account.address}`);
    await withDeadline(
      session.client.mailboxOpen('INBOX'),
      COMMAND_TIMEOUT_MS,
      `select by ${account.address}`,
    );
    for (const [index, uid] of uids.entries()) {
      const flags = index === 0 ? ['\\Seen'] : ['\\Seen', '\\Flagged'];
      const stored = await session.client.messageFlagsAdd(String(uid), flags, { uid: true });
      if (!stored) throw new Error(`STORE of flags was refused for ${account.address}`);
    }
  } finally {
    await session.client.logout().catch(() => undefined);
    session.close();
  }
}
