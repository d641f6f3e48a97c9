import { setImmediate as othersTurn } from 'node:timers/promises';

/** For no longer does large mail keep everybody else from running. */
const SLICE_MS = 5;

/**
 * Gives what a source makes without waiting, and lets others run in between. A stream that is fed by such a source and
 * drained as fast would never come back to the event loop.
 */
export async function* fairPieces(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  let sinceMs = performance.now();
  for (const piece of pieces) {
    yield piece;
    if (performance.now() - sinceMs < SLICE_MS) continue;
    await othersTurn();
    sinceMs = performance.now();
  }
}
