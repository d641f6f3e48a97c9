import { createCipheriv, createHash } from 'node:crypto';
import { messageIdHeader } from '../scenario/message-id.js';
import type { PlannedMessage } from '../scenario/schedule.js';
import { MessageDigester, type Digest } from './digest.js';
import { fairPieces } from './fair-pieces.js';
import type { MailData } from './mail-data.js';

/** A message ready to be sent, with the digest that every copy of it must have. Its content is written anew each time. */
export interface ComposedMessage extends MailData {
  readonly planned: PlannedMessage;
  readonly digest: Digest;
}

const SUBJECTS = [
  'Invoice',
  'Holiday pictures',
  'Minutes',
  'Re: contract',
  'Your ticket',
  'Lunch?',
  'Backup report',
];

/** RFC 2045 section 6.8: 57 bytes make a line of 76 characters. */
const BASE64_LINE_CHARS = 76;
const BLOCK_BYTES = 57 * 512;

function base64Lines(data: Buffer): Buffer {
  const text = Buffer.from(data.toString('base64'), 'latin1');
  const lines = Buffer.allocUnsafe(text.length + 2 * Math.ceil(text.length / BASE64_LINE_CHARS));
  let at = 0;
  for (let start = 0; start < text.length; start += BASE64_LINE_CHARS) {
    at += text.copy(lines, at, start, start + BASE64_LINE_CHARS);
    at += lines.write('\r\n', at, 'latin1');
  }
  return lines;
}

/** Bytes that look random and are the same for the same seed: the key stream of a cipher is the fastest there is. */
function* attachmentLines(seed: number, bytes: number): Generator<Buffer> {
  const key = createHash('sha256').update(String(seed)).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(BLOCK_BYTES);
  for (let left = bytes; left > 0; left -= BLOCK_BYTES)
    yield base64Lines(cipher.update(zeros.subarray(0, Math.min(left, BLOCK_BYTES))));
}

function* contentOf(planned: PlannedMessage, dateMs: number): Generator<Buffer> {
  const boundary = `=_${planned.id}`;
  const subject = SUBJECTS[Math.abs(planned.contentSeed) % SUBJECTS.length] ?? 'Hello';
  const lines = [
    `From: <${planned.from}>`,
    `To: <${planned.to}>`,
    `Subject: ${subject} [${planned.id}]`,
    `Date: ${new Date(dateMs).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${messageIdHeader(planned.id)}>`,
    `X-Nobounce-Id: ${planned.id}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    `This is message ${planned.id}, from ${planned.from} to ${planned.to}.`,
    '.a line that begins with a dot',
    'From here on, nothing may be changed.',
    '',
    `--${boundary}`,
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="data.bin"',
    '',
    '',
  ];
  yield Buffer.from(lines.join('\r\n'), 'latin1');
  yield* attachmentLines(planned.contentSeed, Math.max(64, Math.floor((planned.sizeBytes - 700) * 0.73)));
  yield Buffer.from(`--${boundary}--\r\n`, 'latin1');
}

/**
 * Composes a message of about `sizeBytes`: a text part and a random attachment, all in ASCII, so that no hop has a
 * reason to re-encode it. The same plan gives the same bytes but for the date. Holds next to nothing of it in memory, and
 * lets others run meanwhile.
 */
export async function composeMessage(planned: PlannedMessage, dateMs: number): Promise<ComposedMessage> {
  const pieces = (): Iterable<Buffer> => contentOf(planned, dateMs);
  const digester = new MessageDigester();
  let bytes = 0;
  for await (const piece of fairPieces(pieces())) {
    digester.push(piece);
    bytes += piece.length;
  }
  return { planned, bytes, pieces, digest: digester.end() };
}
