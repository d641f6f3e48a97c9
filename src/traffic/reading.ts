import type { ImapFlow } from 'imapflow';
import { MessageDigester, type Digest } from './digest.js';

/** So much of a message is asked for at once; what is smaller comes whole, with the first answer. */
const PIECE_BYTES = 1_048_576;

/** One message of a mailbox, read over IMAP and digested as it came. */
export interface ReadMessage {
  readonly uid: number;
  /** Sorted; without \Recent, which is about the session, not the message (RFC 3501 section 2.3.2). */
  readonly flags: readonly string[];
  readonly digest: Digest;
  /** The first MiB of what does not carry the harness's own header: it may be a notice about mail that does. */
  readonly start: Buffer | null;
}

/** The message that a reader fetches again and again: it was in the mailbox before the first fault. */
export interface KnownMessage {
  readonly uid: number;
  readonly bodySha256: string;
}

/** A message whose first piece is here: its headers, and of what is small all of it. */
export interface BegunMessage {
  readonly uid: number;
  /** Reads the rest of it. Throws where it is not answered; no other command may be under way. */
  readonly finish: (step: Step) => Promise<ReadMessage>;
}

/** Carries out one step of reading, the next of many, and gives it the time that one may take. */
export type Step = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Begins to read the messages of a UID range, in the order of their UIDs: one command, of which each answer is a step.
 * Of no message more than a piece is held in memory.
 */
export async function beginReading(client: ImapFlow, range: string, step: Step): Promise<BegunMessage[]> {
  const source = { start: 0, maxLength: PIECE_BYTES };
  const rows = client.fetch(range, { uid: true, flags: true, source }, { uid: true })[Symbol.asyncIterator]();
  const begun: BegunMessage[] = [];
  for (;;) {
    const row = await step(() => rows.next());
    if (row.done === true) break;
    const { uid, flags, source: piece } = row.value;
    // Expunged meanwhile, or an answer about something else.
    if (piece === undefined) continue;
    begun.push(begin(client, uid, [...(flags ?? [])], piece));
  }
  return begun.sort((a, b) => a.uid - b.uid);
}

function begin(client: ImapFlow, uid: number, allFlags: readonly string[], piece: Buffer): BegunMessage {
  const flags = allFlags.filter((flag) => flag !== '\\Recent').sort();
  const digester = new MessageDigester().push(piece);
  // A copy: the piece is part of a larger buffer.
  const start = /^x-nobounce-id:/im.test(digester.head) ? null : Buffer.from(piece);
  if (piece.length < PIECE_BYTES) {
    const read = { uid, flags, start, digest: digester.end() };
    return { uid, finish: () => Promise.resolve(read) };
  }
  const finish = async (step: Step): Promise<ReadMessage> => {
    for (let at = PIECE_BYTES; ; at += PIECE_BYTES) {
      const next = await step(() => readPiece(client, uid, at));
      digester.push(next);
      // RFC 9051 section 6.4.5: what is asked for beyond the end is cut off there.
      if (next.length < PIECE_BYTES) return { uid, flags, start, digest: digester.end() };
    }
  };
  return { uid, finish };
}

async function readPiece(client: ImapFlow, uid: number, start: number): Promise<Buffer> {
  const source = { start, maxLength: PIECE_BYTES };
  const message = await client.fetchOne(String(uid), { uid: true, source }, { uid: true });
  if (message === false || message.source === undefined)
    throw new Error(`the message with UID ${String(uid)} was not given from byte ${String(start)} on`);
  return message.source;
}
