import { createWriteStream, type WriteStream } from 'node:fs';

/** The saved log of one service. A disk that is full is told once, and breaks nothing else. */
export class LogFile {
  readonly #stream: WriteStream;

  /** @param broken called when the file cannot be written. */
  constructor(path: string, broken: (error: Error) => void) {
    this.#stream = createWriteStream(path, { flags: 'a' });
    this.#stream.on('error', (cause) => {
      broken(new Error(`the log ${path} cannot be saved`, { cause }));
    });
  }

  write(chunk: string | Buffer): void {
    if (this.#stream.writable) this.#stream.write(chunk);
  }

  end(): void {
    this.#stream.end();
  }
}
