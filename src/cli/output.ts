import { safeJson, visibleLines } from '../report/safe-text.js';

/** Writes lines to standard output; what came from outside is made visible. */
export function print(lines: string): void {
  process.stdout.write(`${visibleLines(lines)}\n`);
}

/** Writes a value to standard output as JSON that can be shown as well as parsed. */
export function printJson(value: unknown): void {
  process.stdout.write(`${safeJson(value)}\n`);
}

/** Writes lines to standard error; what came from outside is made visible. */
export function complain(lines: string): void {
  process.stderr.write(`${visibleLines(lines)}\n`);
}

/** A pipe whose reader has gone (`| head`), or a terminal that was closed. */
const CLOSED = ['EPIPE', 'EIO', 'ENXIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

let isIncomplete = false;

/** Whether something could not be written though somebody still reads, such as to a full disk. */
export function outputIsIncomplete(): boolean {
  return isIncomplete;
}

/** A reader that goes ends the printing, and nothing else: what is being done goes on to its own end. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!CLOSED.includes(error.code ?? '')) isIncomplete = true;
    });
  }
}
