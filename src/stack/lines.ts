import { StringDecoder } from 'node:string_decoder';

/**
 * What a service prints now and then so that it is heard of end to end, from its standard output to here: a log in which
 * nothing happens is as silent as one whose stream is dead. It stands in no saved log.
 */
export const MARK = 'nobounce: mark';

/** Cuts a stream of chunks into lines; what has no line end yet is kept for the next chunk. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  /** A chunk may end in the middle of a character. */
  readonly #decoder = new StringDecoder('utf8');
  /** What came of a line whose end has not come: pieces, since a line may be as long as a large message. */
  #rest: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  readonly push = (chunk: Buffer | string): void => {
    const [first = '', ...lines] = (typeof chunk === 'string' ? chunk : this.#decoder.write(chunk)).split(
      '\n',
    );
    this.#rest.push(first);
    for (const next of lines) {
      const line = this.#rest.join('');
      this.#rest = [next];
      this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
  };
}
