/** An argument of an IMAP command: text, or a parenthesized list. */
export type ImapValue = string | readonly ImapValue[];

export interface ImapCommand {
  readonly tag: string;
  readonly name: string;
  readonly args: readonly ImapValue[];
}

/** A command that cannot be read; its tag, where there is one, takes the BAD. */
export class ImapSyntaxError extends Error {
  readonly tag: string;

  constructor(tag: string, message: string) {
    super(message);
    this.name = 'ImapSyntaxError';
    this.tag = tag;
  }
}

const MAX_COMMAND_BYTES = 64 * 1024;

/**
 * Collects commands from a connection: lines, with literals (RFC 9051 section 4.3) in between. A synchronizing literal
 * is asked for with `+`.
 */
export class ImapCommandReader {
  readonly #onCommand: (line: Buffer) => void;
  readonly #onLiteral: () => void;
  #bytes = Buffer.alloc(0);
  /** Where the line after the last literal begins. */
  #from = 0;

  constructor(onCommand: (line: Buffer) => void, onLiteral: () => void) {
    this.#onCommand = onCommand;
    this.#onLiteral = onLiteral;
  }

  /** Throws where a command is longer than any client's. */
  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > MAX_COMMAND_BYTES) throw new Error('command too long');
    for (;;) {
      const end = this.#bytes.indexOf('\r\n', this.#from);
      if (end < 0) return;
      const [, size, plus] = /\{(\d+)(\+?)\}$/.exec(this.#bytes.toString('latin1', this.#from, end)) ?? [];
      if (size !== undefined) {
        const next = end + 2 + Number(size);
        if (next > MAX_COMMAND_BYTES) throw new Error('literal too long');
        if (this.#bytes.length < next) {
          // Asked for once: when nothing of it is here yet.
          if (plus === '' && this.#bytes.length === end + 2) this.#onLiteral();
          return;
        }
        this.#from = next;
        continue;
      }
      const command = this.#bytes.subarray(0, end);
      this.#bytes = this.#bytes.subarray(end + 2);
      this.#from = 0;
      this.#onCommand(command);
    }
  }
}

/** Reads a command's text into its parts. Throws an ImapSyntaxError. */
export function parseCommand(bytes: Buffer): ImapCommand {
  const text = bytes.toString('latin1');
  const tag = /^[^\s(){%*"\\+]+/.exec(text)?.[0] ?? '';
  if (tag === '') throw new ImapSyntaxError('*', 'no tag');
  let at = tag.length;
  const fail = (why: string): never => {
    throw new ImapSyntaxError(tag, why);
  };

  const atom = (): string => {
    const start = at;
    let brackets = 0;
    for (; at < text.length; at += 1) {
      const letter = text.charAt(at);
      // BODY.PEEK[HEADER.FIELDS (DATE)] is one atom.
      if (letter === '[') brackets += 1;
      else if (letter === ']') brackets -= 1;
      else if (brackets === 0 && (letter === ' ' || letter === '(' || letter === ')')) break;
    }
    return at === start ? fail(`unexpected ${text.charAt(at)}`) : text.slice(start, at);
  };

  const quoted = (): string => {
    let value = '';
    for (at += 1; at < text.length; at += 1) {
      const letter = text.charAt(at);
      if (letter === '"') {
        at += 1;
        return value;
      }
      if (letter === '\\') at += 1;
      value += text.charAt(at);
    }
    return fail('a quoted string without end');
  };

  const value = (): ImapValue => {
    const letter = text.charAt(at);
    if (letter === '"') return quoted();
    if (letter === '(') {
      at += 1;
      const items = list(')');
      at += 1;
      return items;
    }
    const literal = /^\{(\d+)\+?\}\r\n/.exec(text.slice(at, at + 20));
    if (literal !== null) {
      const start = at + literal[0].length;
      at = start + Number(literal[1]);
      return bytes.toString('utf8', start, at);
    }
    return atom();
  };

  const list = (end: string): ImapValue[] => {
    const items: ImapValue[] = [];
    for (;;) {
      while (text.charAt(at) === ' ') at += 1;
      if (text.charAt(at) === end) return items;
      if (at >= text.length) return fail('a list without end');
      items.push(value());
    }
  };

  const [name, ...args] = list('');
  if (typeof name !== 'string') return fail('no command');
  return { tag, name: name.toUpperCase(), args };
}

/** The numbers of a sequence set (RFC 9051 section 9) among those there are; `*` is the highest. */
export function inSequenceSet(set: string, highest: number): (number: number) => boolean {
  const ranges = set.split(',').map((part) => {
    const [from = '', to = from] = part.split(':');
    const ends = [from, to].map((end) => (end === '*' ? highest : Number(end)));
    return { low: Math.min(...ends), high: Math.max(...ends) };
  });
  return (number) => ranges.some(({ low, high }) => number >= low && number <= high);
}
