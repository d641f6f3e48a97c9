/**
 * A JSON reader that reads what Go's encoding/json Decoder reads and words its errors the same way,
 * because upstream's API hands those words to its clients. Unlike `JSON.parse` it keeps the source of
 * numbers (Go refuses `1.0` for an integer), keeps keys like `__proto__`, reports the first wrong
 * character, and ignores whatever follows the first value.
 */
export type JsonValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly source: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly JsonValue[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonValue])[] };

/** Thrown for text that is not JSON; the message is the one of Go's decoder. */
export class JsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonError';
  }
}

/** Recursion of this reader is bounded well under Go's limit, so that a hostile body cannot exhaust the stack. */
const MAX_NESTING = 500;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads the first JSON value of a text.
 * @throws {JsonError} with `EOF` for an empty text, `unexpected EOF` for one that stops too early, or
 * `invalid character …` as Go says it.
 */
export function readJson(text: string): JsonValue {
  return new Reader(text).readDocument();
}

/** Writes a value as Go's encoding/json does, which escapes what HTML or JavaScript would take amiss. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readDocument(): JsonValue {
    this.#skipSpace();
    if (this.#at >= this.#text.length) throw new JsonError('EOF');
    return this.#value(0);
  }

  #value(depth: number): JsonValue {
    if (depth > MAX_NESTING) throw new JsonError('exceeded max depth');
    this.#skipSpace();
    const first = this.#peek();
    switch (first) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return { kind: 'string', value: this.#string() };
      case 't':
        this.#literal('true');
        return { kind: 'bool', value: true };
      case 'f':
        this.#literal('false');
        return { kind: 'bool', value: false };
      case 'n':
        this.#literal('null');
        return { kind: 'null' };
      default:
        if (first === '-' || isDigit(first)) return { kind: 'number', source: this.#number() };
        throw this.#invalid('looking for beginning of value');
    }
  }

  #object(depth: number): JsonValue {
    const entries: (readonly [string, JsonValue])[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#peek() === '}') {
      this.#at++;
      return { kind: 'object', entries };
    }
    for (;;) {
      this.#skipSpace();
      if (this.#peek() !== '"') throw this.#invalid('looking for beginning of object key string');
      const key = this.#string();
      this.#skipSpace();
      if (this.#peek() !== ':') throw this.#invalid('after object key');
      this.#at++;
      entries.push([key, this.#value(depth + 1)]);
      this.#skipSpace();
      const separator = this.#peek();
      if (separator !== ',' && separator !== '}') throw this.#invalid('after object key:value pair');
      this.#at++;
      if (separator === '}') return { kind: 'object', entries };
    }
  }

  #array(depth: number): JsonValue {
    const items: JsonValue[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#peek() === ']') {
      this.#at++;
      return { kind: 'array', items };
    }
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#skipSpace();
      const separator = this.#peek();
      if (separator !== ',' && separator !== ']') throw this.#invalid('after array element');
      this.#at++;
      if (separator === ']') return { kind: 'array', items };
    }
  }

  #string(): string {
    let value = '';
    this.#at++;
    for (;;) {
      const character = this.#peek();
      if (character < ' ') throw this.#invalid('in string literal');
      this.#at++;
      // Half of a surrogate pair stands for no character.
      if (character === '"') return value.replace(/\p{Surrogate}/gu, '\ufffd');
      value += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const letter = this.#peek();
    const simple = Object.hasOwn(SIMPLE_ESCAPES, letter) ? SIMPLE_ESCAPES[letter] : undefined;
    if (simple === undefined && letter !== 'u') throw this.#invalid('in string escape code');
    this.#at++;
    if (simple !== undefined) return simple;
    let digits = '';
    while (digits.length < 4) {
      const digit = this.#peek();
      if (!/[0-9a-fA-F]/.test(digit)) throw this.#invalid('in \\u hexadecimal character escape');
      digits += digit;
      this.#at++;
    }
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): string {
    const start = this.#at;
    if (this.#peek() === '-') {
      this.#at++;
      if (!isDigit(this.#peek())) throw this.#invalid('in numeric literal');
    }
    if (this.#peek() === '0') this.#at++;
    else this.#skipDigits();
    if (this.#text[this.#at] === '.') {
      this.#at++;
      if (!isDigit(this.#peek())) throw this.#invalid('after decimal point in numeric literal');
      this.#skipDigits();
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[+-]/.test(this.#peek())) this.#at++;
      if (!isDigit(this.#peek())) throw this.#invalid('in exponent of numeric literal');
      this.#skipDigits();
    }
    return this.#text.slice(start, this.#at);
  }

  #literal(word: string): void {
    for (const expected of word) {
      if (this.#peek() !== expected) throw this.#invalid(`in literal ${word} (expecting '${expected}')`);
      this.#at++;
    }
  }

  #skipDigits(): void {
    while (isDigit(this.#text[this.#at] ?? '')) this.#at++;
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #peek(): string {
    const character = this.#text[this.#at];
    if (character === undefined) throw new JsonError('unexpected EOF');
    return character;
  }

  #invalid(where: string): JsonError {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    return new JsonError(`invalid character ${quoteCharacter(character)} ${where}`);
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

/** As quoteChar of encoding/json: single quotes around what strconv.Quote makes of the character. */
function quoteCharacter(character: string): string {
  if (character === "'") return `'\\''`;
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}
