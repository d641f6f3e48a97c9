import { createReadStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { describeError, NobounceError } from '../errors/errors.js';
import { HISTORY_VERSION, type HistoryEvent } from './event.js';
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

/**
 * A saved history as a stream of events, in the order written. It can be iterated once; `problems` is
 * complete when the iteration is. A line that is no event is reported there and passed over.
 */
export class HistoryReading implements AsyncIterable<HistoryEvent> {
  readonly path: string;
  readonly #problems: HistoryProblem[] = [];
  #line = 0;

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
    let held: Buffer[] = [];
    for await (const chunk of this.#chunks()) {
      const first = chunk.indexOf(NEWLINE);
      if (first < 0) {
        held.push(Buffer.from(chunk));
        continue;
      }
      yield this.#parseLines(Buffer.concat([...held, chunk.subarray(0, first)]).toString());
      const last = chunk.lastIndexOf(NEWLINE);
      if (last > first) yield this.#parseLines(chunk.toString('utf8', first + 1, last));
      held = [Buffer.from(chunk.subarray(last + 1))];
    }
    const rest = Buffer.concat(held).toString();
    if (rest !== '') yield this.#parseLastLine(rest);
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

  #parseLines(text: string): HistoryEvent[] {
    const events: HistoryEvent[] = [];
    for (let start = 0; start <= text.length;) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      this.#line += 1;
      const event = this.#parseLine(text.slice(start, end));
      if (typeof event === 'string') this.#report('bad-line', event);
      else events.push(event);
      start = end + 1;
    }
    return events;
  }

  /** The last line has no newline: whole, it was written by something else; else it was cut off. */
  #parseLastLine(line: string): HistoryEvent[] {
    this.#line += 1;
    const event = this.#parseLine(line);
    if (typeof event !== 'string') return [event];
    this.#report('truncated', `the last line is cut off after ${line.length} characters`);
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

  #report(kind: HistoryProblem['kind'], text: string): void {
    if (this.#problems.length < MAX_PROBLEMS) {
      this.#problems.push({ kind, where: `${this.path}:${this.#line}`, text });
    }
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

function unzipped(path: string): AsyncIterable<Buffer> {
  // An error of either stream comes out of the last one, which is the one that is read.
  return pipeline(createReadStream(path), createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
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
