import { createHash } from 'node:crypto';
import { idInRemains } from '../history/message-id.js';

/** What identifies a message's content, wherever a copy of it is found. */
export interface Digest {
  /** The value of X-Nobounce-Id, or what else of a damaged message says which one it is; null where nothing does. */
  readonly id: string | null;
  /** Of the body, with exactly one line end at its end. */
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

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const LINE_END = Buffer.from('\r\n');
/**
 * A line feed without its carriage return, while line ends are `\n`: no line end of a message (RFC 5322 section 2.3), and
 * so another content. As latin1 it becomes a line feed again.
 */
const BARE = '\u010a';
/** So much of a body is kept: of a message that lost its headers it is what may say which one it is. */
const START_CHARS = 2_048;

/** A body as it comes, hashed with its empty lines at the end taken away (RFC 6376 section 3.4.3, simple). */
class BodyHash {
  readonly #hash = createHash('sha256');
  #bytes = 0;
  /** Line ends seen and not hashed yet: they count only where something follows them. */
  #lineEnds = 0;

  /** The first characters, line ends as `\n`. */
  start = '';

  /** @param text whole line ends only, each `\n`. */
  push(text: string): void {
    if (this.start.length < START_CHARS) this.start += text.slice(0, START_CHARS - this.start.length);
    let end = text.length;
    while (end > 0 && text.charCodeAt(end - 1) === 10) end -= 1;
    if (end > 0) {
      const content = `${'\r\n'.repeat(this.#lineEnds)}${text.slice(0, end).replaceAll('\n', '\r\n')}`;
      this.#update(Buffer.from(content, 'latin1'));
      this.#lineEnds = 0;
    }
    this.#lineEnds += text.length - end;
  }

  end(): Pick<Digest, 'bytes' | 'bodySha256'> {
    this.#update(LINE_END);
    return { bytes: this.#bytes, bodySha256: this.#hash.digest('hex') };
  }

  #update(data: Buffer): void {
    this.#hash.update(data);
    this.#bytes += data.length;
  }
}

const BARE_LINE_FEED = /(?<!\r)\n/g;
const EMPTY_LINE = /[\n\u010a]{2}/g;

/** Larger pieces are taken in several steps, so that nothing is held in memory twice as a whole. */
const STEP_BYTES = 65_536;

/**
 * Digests a message that comes in pieces, of whatever sizes: two copies of the same content compare equal after
 * transport. A line ends with CRLF (RFC 5322 section 2.1), a bare LF is content; the body is canonical as in RFC 6376 section 3.4.3 (simple),
 * headers are unfolded and limited to those that were sent. Holds the headers in memory, and of the body next to nothing.
 */
export class MessageDigester {
  readonly #body = new BodyHash();
  /** What came of the headers; null once the empty line behind them was seen. */
  #head: string | null = '';
  #headers = '';
  /** A piece that ends in CR may be half a line end. */
  #held = '';

  push(piece: Buffer): this {
    for (let start = 0; start < piece.length; start += STEP_BYTES)
      this.#take(this.#held + piece.toString('latin1', start, start + STEP_BYTES), false);
    return this;
  }

  end(): Digest {
    this.#take(this.#held, true);
    const all = fields(this.#head ?? this.#headers);
    const sent = all.filter(([name]) => SENT_HEADERS.has(name));
    const own = sent.find(([name]) => name === 'x-nobounce-id')?.[1].replace(BARE, '');
    return {
      id: own ?? idInRemains(all, sent.some(isOfMessage) ? '' : this.head + this.#body.start),
      ...this.#body.end(),
      headersSha256: sha256(sent.map(([name, value]) => `${name}:${value.replace(/\s+/g, ' ')}`).join('\n')),
    };
  }

  /** The headers so far, each line end `\n`; whole once the body has begun. */
  get head(): string {
    return (this.#head ?? this.#headers).replaceAll(BARE, '\n');
  }

  /** The empty line behind the headers was seen. */
  get hasBody(): boolean {
    return this.#head === null;
  }

  #take(piece: string, isLast: boolean): void {
    const cut = !isLast && piece.endsWith('\r') ? piece.length - 1 : piece.length;
    this.#held = piece.slice(cut);
    const text = piece.slice(0, cut).replace(BARE_LINE_FEED, BARE).replaceAll('\r\n', '\n');
    if (this.#head === null) this.#body.push(text);
    else this.#takeHead(this.#head, text);
  }

  #takeHead(before: string, text: string): void {
    const head = before + text;
    // What was searched before is not searched again, but for the line end that may be the first of two.
    const isHeadless = /^[\n\u010a]/.test(head);
    EMPTY_LINE.lastIndex = Math.max(0, before.length - 1);
    const end = isHeadless ? 0 : (EMPTY_LINE.exec(head)?.index ?? -1);
    if (end < 0) {
      this.#head = head;
      return;
    }
    this.#head = null;
    this.#headers = head.slice(0, end);
    // The line end of the last header is its own, also where it is none.
    if (head.charAt(end) === BARE && !isHeadless) this.#headers += BARE;
    this.#body.push(head.slice(end + (isHeadless ? 1 : 2)));
  }
}

/** Fields that a part of a message has as well do not say that its own headers are there. */
const isOfMessage = ([name]: readonly [string, string]) =>
  !name.startsWith('content-') && name !== 'mime-version';

/** Unfolded header fields in order, names in lower case; a bare line feed stays where it ended a line. */
function fields(head: string): [string, string][] {
  return head
    .replaceAll(BARE, `${BARE}\n`)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
    });
}

/** The digest of a message that is there as a whole. */
export function digestMessage(raw: Buffer): Digest {
  return new MessageDigester().push(raw).end();
}
