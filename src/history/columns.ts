import { createHash } from 'node:crypto';

const ROWS_LOG2 = 14;
const ROWS = 1 << ROWS_LOG2;
const ROW_MASK = ROWS - 1;
const SHA256_BYTES = 32;

type Cells = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/**
 * One packed field of a table with any number of rows. It grows by chunks, so that growing copies
 * nothing; a cell that was never set is 0, in a column of times NaN.
 */
export class Column {
  readonly #chunks: Cells[] = [];
  readonly #newChunk: () => Cells;
  readonly #max: number;
  readonly #initial: number;

  private constructor(newChunk: () => Cells, max: number, initial = 0) {
    this.#newChunk = newChunk;
    this.#max = max;
    this.#initial = initial;
  }

  /** 0 to 255. */
  static byte(): Column {
    return new Column(() => new Uint8Array(ROWS), 0xff);
  }

  /** 0 to 65,535. */
  static short(): Column {
    return new Column(() => new Uint16Array(ROWS), 0xffff);
  }

  /** 0 to 4,294,967,295. */
  static word(): Column {
    return new Column(() => new Uint32Array(ROWS), 0xffffffff);
  }

  /** Any number; NaN where nothing was set. */
  static time(): Column {
    return new Column(() => new Float64Array(ROWS).fill(Number.NaN), Number.MAX_VALUE, Number.NaN);
  }

  get(row: number): number {
    return this.#chunks[row >>> ROWS_LOG2]?.[row & ROW_MASK] ?? this.#initial;
  }

  /** A value beyond what the column can hold becomes the greatest it can. */
  set(row: number, value: number): void {
    const index = row >>> ROWS_LOG2;
    let chunk = this.#chunks[index];
    while (chunk === undefined) {
      this.#chunks.push(this.#newChunk());
      chunk = this.#chunks[index];
    }
    chunk[row & ROW_MASK] = Math.min(value, this.#max);
  }

  /** One more; a full counter stays full. */
  bump(row: number): void {
    this.set(row, this.get(row) + 1);
  }
}

/** A column of SHA-256 values, 32 bytes each, written and compared as hexadecimal text. */
export class HashColumn {
  readonly #chunks: Buffer[] = [];
  readonly #scratch = Buffer.alloc(SHA256_BYTES);

  set(row: number, hex: string): void {
    const index = row >>> ROWS_LOG2;
    let chunk = this.#chunks[index];
    while (chunk === undefined) {
      this.#chunks.push(Buffer.alloc(ROWS * SHA256_BYTES));
      chunk = this.#chunks[index];
    }
    this.#pack(hex);
    this.#scratch.copy(chunk, (row & ROW_MASK) * SHA256_BYTES);
  }

  /** As hexadecimal text; empty where nothing was set. */
  text(row: number): string {
    const start = (row & ROW_MASK) * SHA256_BYTES;
    return this.#chunks[row >>> ROWS_LOG2]?.toString('hex', start, start + SHA256_BYTES) ?? '';
  }

  equals(row: number, hex: string): boolean {
    const chunk = this.#chunks[row >>> ROWS_LOG2];
    if (chunk === undefined) return false;
    this.#pack(hex);
    const start = (row & ROW_MASK) * SHA256_BYTES;
    return chunk.compare(this.#scratch, 0, SHA256_BYTES, start, start + SHA256_BYTES) === 0;
  }

  /** Text that is no SHA-256 is hashed, so that two values are equal exactly when their texts are. */
  #pack(hex: string): void {
    const isHash = hex.length === 2 * SHA256_BYTES && this.#scratch.write(hex, 'hex') === SHA256_BYTES;
    if (!isHash) createHash('sha256').update(hex).digest().copy(this.#scratch);
  }
}

/** Texts that occur again and again, each kept once and named by a small number. */
export class Names {
  readonly #numbers = new Map<string | null, number>();
  readonly #texts: string[] = [];

  get size(): number {
    return this.#texts.length;
  }

  /** The text's number, a new one where it is new. */
  intern(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.length;
      this.#numbers.set(text, number);
      this.#texts.push(text);
    }
    return number;
  }

  find(text: string | null): number | undefined {
    return this.#numbers.get(text);
  }

  /** @throws RangeError for a number that was never given out. */
  text(number: number): string {
    const text = this.#texts[number];
    if (text === undefined) throw new RangeError(`no text has the number ${number}`);
    return text;
  }
}
