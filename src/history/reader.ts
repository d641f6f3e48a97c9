import { open } from 'node:fs/promises';
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
    await using file = await open(this.path, 'r').catch((cause: unknown) => {
      throw new NobounceError('usage', `the history ${this.path} cannot be read: ${describeError(cause)}`, {
        advice: 'Name the folder of a run, such as reports/vendor-os-bug/latest.',
        cause,
      });
    });
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let held = 0;
    for (;;) {
      if (held === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      const { bytesRead } = await file.read(buffer, held, buffer.length - held, null);
      if (bytesRead === 0) break;
      const end = held + bytesRead;
      const lastNewline = buffer.subarray(held, end).lastIndexOf(NEWLINE);
      if (lastNewline < 0) {
        held = end;
        continue;
      }
      const complete = held + lastNewline;
      yield this.#parseLines(buffer.toString('utf8', 0, complete));
      buffer.copyWithin(0, complete + 1, end);
      held = end - complete - 1;
    }
    if (held > 0) yield this.#parseLastLine(buffer.toString('utf8', 0, held));
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

/** Reads a saved history; nothing is opened before the iteration starts. */
export function readHistory(path: string): HistoryReading {
  return new HistoryReading(path);
}

function refuseOtherVersion(value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (!('type' in value) || value.type !== 'run.started' || !('historyVersion' in value)) return;
  const version = value.historyVersion;
  if (version === HISTORY_VERSION) return;
  throw new NobounceError(
    'usage',
    `${where}: the history has version ${String(version)}, this nobounce reads version ${HISTORY_VERSION}`,
    { advice: 'Judge it with the nobounce that wrote it, or a newer one.' },
  );
}
