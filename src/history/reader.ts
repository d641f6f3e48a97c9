import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream, existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { describeError, NobounceError } from '../errors/errors.js';
import { EVENT_SCHEMAS, HISTORY_VERSION, type HistoryEvent } from './event.js';
import { duplicateKey, keysRead, keysWritten } from './json-keys.js';
import { isEvent, whyNoEvent } from './validate.js';

/** Something about the file itself that a judge must know. */
export interface HistoryProblem {
  /** `truncated`: the last line is cut off, as a killed run leaves it. `bad-line`: a line that is no event. */
  readonly kind: 'truncated' | 'bad-line';
  /** `path:line`, as editors understand it. */
  readonly where: string;
  readonly text: string;
}

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;
/** So many are described; a file that is no history at all need not be described to its end. */
const MAX_PROBLEMS = 100;
/** After so many lines that are no events, or so many bytes of them, a file is no history. */
const MAX_BAD_LINES = 100_000;
const MAX_BAD_BYTES = 2 ** 31;
/** Longer than any event: the listing of a mailbox of 100,000 messages is some 20 MB. */
const MAX_LINE_BYTES = 2 ** 25;
/** What gzip makes of a history is a tenth to a thirtieth of it; what shrinks to less is no history. */
const MAX_GZIP_RATIO = 200;
const GZIP_GRACE_BYTES = 2 ** 26;

/**
 * A saved history as a stream of events, in the order written. It can be iterated once; `problems` is
 * complete when the iteration is. A line that is no event is reported there and passed over.
 */
export class HistoryReading implements AsyncIterable<HistoryEvent> {
  readonly path: string;
  readonly #problems: HistoryProblem[] = [];
  #line = 0;
  #badLines = 0;
  #badBytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  get problems(): readonly HistoryProblem[] {
    return this.#problems;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HistoryEvent, void, undefined> {
    for await (const events of this.batches()) yield* events;
  }

  /**
   * The same events about a megabyte at a time, for who reads millions of them.
   * @throws NobounceError (`usage`) when the file cannot be read, or was written in another version.
   */
  async *batches(): AsyncGenerator<readonly HistoryEvent[], void, undefined> {
    const held = new HeldLine();
    for await (const chunk of this.#chunks()) {
      const first = chunk.indexOf(NEWLINE);
      if (first < 0) {
        held.add(chunk);
        this.#countBadBytes(held.droppedBytes);
        continue;
      }
      held.add(chunk.subarray(0, first));
      yield this.#parseHeld(held);
      const last = chunk.lastIndexOf(NEWLINE);
      if (last > first) yield this.#parseLines(chunk.subarray(first + 1, last));
      held.add(chunk.subarray(last + 1));
    }
    if (held.isEmpty) return;
    if (held.droppedBytes > 0) yield this.#parseHeld(held);
    else yield this.#parseLastLine(held.take());
  }

  /** A line that came in several chunks; one that is longer than any event was not kept. */
  #parseHeld(held: HeldLine): HistoryEvent[] {
    if (held.droppedBytes === 0) return this.#parseLines(held.take());
    this.#line += 1;
    this.#report('bad-line', `longer than ${MAX_LINE_BYTES / 2 ** 20} MiB: no event is`, this.#line);
    this.#badBytes += held.droppedBytes;
    held.take();
    return [];
  }

  /** @throws NobounceError (`usage`) where more of the file is no event than a history can have. */
  #countBadBytes(beingDropped: number): void {
    if (this.#badBytes + beingDropped <= MAX_BAD_BYTES && this.#badLines <= MAX_BAD_LINES) return;
    throw new NobounceError(
      'usage',
      `${this.path} is no history: ${this.#badLines} lines of it are no events`,
      {
        advice: 'Name the folder of a run, such as reports/vendor-os-bug/latest.',
      },
    );
  }

  /** The file's bytes; each chunk is good until the next one is asked for. */
  async *#chunks(): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* this.path.endsWith('.gz') ? unzipped(this.path) : plain(this.path);
    } catch (cause) {
      throw new NobounceError('usage', `the history ${this.path} cannot be read: ${describeError(cause)}`, {
        advice: 'Name the folder of a run, such as reports/vendor-os-bug/latest.',
        cause,
      });
    }
  }

  #parseLines(lines: Buffer): HistoryEvent[] {
    // Bytes that are no UTF-8 would be read as U+FFFD, and the event would not be the one that was written.
    const ascii = isAscii(lines);
    if (!ascii && !isUtf8(lines)) return this.#parseOneByOne(lines);
    // The same text, and nearly all there is: it is read several times as fast.
    const text = lines.toString(ascii ? 'latin1' : 'utf8');
    const before = this.#line;
    let read = this.#read(text, false);
    // Nearly always all keys were written once: one look at the bytes is enough.
    if (read.keys !== keysWritten(lines)) {
      this.#line = before;
      read = this.#read(text, true);
    }
    for (const { line, problem } of read.bad) this.#report('bad-line', problem, line);
    return read.events;
  }

  /** The events of a text. `closely`: keys that are there twice are looked for in each line. */
  #read(text: string, closely: boolean): LinesRead {
    const read: LinesRead = { events: [], bad: [], keys: 0 };
    for (let start = 0; start <= text.length;) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      const line = text.slice(start, end);
      start = end + 1;
      this.#line += 1;
      const event = this.#parseLine(line);
      const twice = closely && typeof event !== 'string' ? duplicateKey(line) : null;
      if (typeof event === 'string') read.bad.push({ line: this.#line, problem: event });
      else if (twice !== null)
        read.bad.push({ line: this.#line, problem: `the key ${JSON.stringify(twice)} is there twice` });
      else {
        read.events.push(event);
        read.keys += keysOf(event);
      }
    }
    return read;
  }

  /** The same, line by line, for lines of which some are no UTF-8. */
  #parseOneByOne(lines: Buffer): HistoryEvent[] {
    const events: HistoryEvent[] = [];
    for (let start = 0; start <= lines.length;) {
      const newline = lines.indexOf(NEWLINE, start);
      const end = newline < 0 ? lines.length : newline;
      const line = lines.subarray(start, end);
      if (isUtf8(line)) events.push(...this.#parseLines(line));
      else {
        this.#line += 1;
        this.#report('bad-line', 'not UTF-8', this.#line);
      }
      start = end + 1;
    }
    return events;
  }

  /** The last line has no newline: whole, it was written by something else; else it was cut off. */
  #parseLastLine(bytes: Buffer): HistoryEvent[] {
    this.#line += 1;
    const line = bytes.toString();
    const event = this.#parseLine(line);
    const isWhole = typeof event !== 'string' && isUtf8(bytes) && duplicateKey(line) === null;
    if (isWhole) return [event];
    this.#report('truncated', `the last line is cut off after ${line.length} characters`, this.#line);
    return [];
  }

  /** The event, or why there is none. */
  #parseLine(line: string): HistoryEvent | string {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      return `not JSON: ${describeError(error)}`;
    }
    if (isEvent(value)) return value;
    refuseOtherVersion(value, `${this.path}:${this.#line}`);
    return whyNoEvent(value);
  }

  #report(kind: HistoryProblem['kind'], text: string, line: number): void {
    this.#badLines += 1;
    this.#countBadBytes(0);
    if (this.#problems.length < MAX_PROBLEMS) {
      this.#problems.push({ kind, where: `${this.path}:${line}`, text });
    }
  }
}

/** Events that have objects or lists in them; all others, the most, have their own keys only. */
const NESTED: ReadonlySet<string> = new Set(
  EVENT_SCHEMAS.filter(({ shape }) => Object.values(shape).some(holdsObjects)).map(
    ({ shape }) => shape.type.value,
  ),
);

function holdsObjects(field: z.core.$ZodType): boolean {
  if (field instanceof z.ZodOptional || field instanceof z.ZodNullable)
    return holdsObjects(field.def.innerType);
  return [z.ZodObject, z.ZodArray, z.ZodRecord, z.ZodUnknown].some((kind) => field instanceof kind);
}

/** How many keys an event has. One with objects where none are expected has more, and is looked at closely. */
function keysOf(event: HistoryEvent): number {
  return NESTED.has(event.type) ? keysRead(event) : Object.keys(event).length;
}

/** What was read of some lines. */
interface LinesRead {
  readonly events: HistoryEvent[];
  readonly bad: { readonly line: number; readonly problem: string }[];
  /** Of the events, their own keys and those of objects in them. */
  keys: number;
}

/** The beginning of a line whose end has not come yet. Of one that is longer than any event only the length is kept. */
class HeldLine {
  #parts: Buffer[] = [];
  #bytes = 0;
  #dropped = 0;

  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#dropped === 0;
  }

  get droppedBytes(): number {
    return this.#dropped;
  }

  add(part: Buffer): void {
    if (this.#dropped > 0 || this.#bytes + part.length > MAX_LINE_BYTES) {
      this.#dropped += this.#bytes + part.length;
      this.#parts = [];
      this.#bytes = 0;
    } else if (part.length > 0) {
      // A chunk is good until the next one is asked for.
      this.#parts.push(Buffer.from(part));
      this.#bytes += part.length;
    }
  }

  /** The line, and starts a new one. */
  take(): Buffer {
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    this.#dropped = 0;
    return line;
  }
}

async function* plain(path: string): AsyncGenerator<Buffer, void, undefined> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** @throws Error where it grows as no history does: a small file may hold more than any disk. */
async function* unzipped(path: string): AsyncGenerator<Buffer, void, undefined> {
  const { size } = await stat(path);
  const mostBytes = size * MAX_GZIP_RATIO + GZIP_GRACE_BYTES;
  let bytes = 0;
  // An error of either stream comes out of the last one, which is the one that is read.
  const stream = pipeline(createReadStream(path), createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
  const chunks: AsyncIterable<Buffer> = stream;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw new Error(`it grows to more than ${MAX_GZIP_RATIO} times its size: no history does`);
    yield chunk;
  }
}

/** The history in a run's folder: as the run wrote it, or compressed by who put the run away. */
export function historyIn(dir: string): string {
  const file = join(dir, 'history.jsonl');
  const compressed = `${file}.gz`;
  return !existsSync(file) && existsSync(compressed) ? compressed : file;
}

/** Reads a saved history, compressed with gzip where its name ends in `.gz`; nothing is opened before the iteration starts. */
export function readHistory(path: string): HistoryReading {
  return new HistoryReading(path);
}

const startSchema = z.object({ type: z.literal('run.started'), historyVersion: z.unknown() });

function refuseOtherVersion(value: unknown, where: string): void {
  const start = startSchema.safeParse(value);
  if (!start.success || start.data.historyVersion === HISTORY_VERSION) return;
  const version = String(start.data.historyVersion);
  throw new NobounceError(
    'usage',
    `${where}: the history has version ${version}, this nobounce reads version ${HISTORY_VERSION}`,
    { advice: 'Judge it with the nobounce that wrote it, or a newer one.' },
  );
}
