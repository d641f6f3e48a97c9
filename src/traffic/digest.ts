import { createHash } from 'node:crypto';

/** What identifies a message's content, wherever a copy of it is found. */
export interface Digest {
  /** The value of X-Nobounce-Id, or null where the message carries none. */
  readonly id: string | null;
  /** Of the body, line ends as CRLF, with exactly one at its end. */
  readonly bytes: number;
  readonly bodySha256: string;
  readonly headersSha256: string;
}

/** Headers that no honest hop changes; trace headers (RFC 5321 section 4.4) are added above them. */
const SENT_HEADERS = new Set([
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'x-nobounce-id',
]);

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Splits a message at the first empty line, with line ends made CRLF (RFC 5322 section 2.1). */
function split(raw: Buffer): { head: string; body: Buffer } {
  const text = raw.toString('latin1').replaceAll('\r\n', '\n');
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  const head = end === -1 ? text : text.slice(0, end);
  const body = end === -1 ? '' : text.slice(end + (text.startsWith('\n') ? 1 : 2));
  return { head, body: Buffer.from(body.replaceAll('\n', '\r\n'), 'latin1') };
}

/** Unfolded header fields in order, names in lower case. */
function fields(head: string): [string, string][] {
  return head
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
    });
}

/**
 * Digests a message so that two copies of the same content compare equal after transport: canonical body
 * as in RFC 6376 section 3.4.3 (simple), headers unfolded and limited to those that were sent.
 */
export function digestMessage(raw: Buffer): Digest {
  const { head, body } = split(raw);
  let length = body.length;
  while (length >= 2 && body.toString('latin1', length - 2, length) === '\r\n') length -= 2;
  const canonical = Buffer.concat([body.subarray(0, length), Buffer.from('\r\n')]);
  const sent = fields(head).filter(([name]) => SENT_HEADERS.has(name));
  return {
    id: sent.find(([name]) => name === 'x-nobounce-id')?.[1] ?? null,
    bytes: canonical.length,
    bodySha256: sha256(canonical),
    headersSha256: sha256(sent.map(([name, value]) => `${name}:${value.replace(/\s+/g, ' ')}`).join('\n')),
  };
}
