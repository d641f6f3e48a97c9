import { describe, expect, it } from 'vitest';
import { fairPieces } from '../../../src/traffic/fair-pieces.js';

describe('pieces that are made without waiting', () => {
  it('let others run in between', async () => {
    const piece = Buffer.alloc(1);
    function* without(end: () => boolean): Generator<Buffer> {
      while (!end()) yield piece;
    }
    let othersRan = 0;
    const timer = setInterval(() => (othersRan += 1), 1);
    const endsAtMs = performance.now() + 5_000;
    let pieces = 0;
    // Without a turn for others the timer would not run before the end of the time.
    for await (const one of fairPieces(without(() => othersRan >= 3 || performance.now() > endsAtMs)))
      pieces += one.length;
    clearInterval(timer);
    expect(othersRan).toBeGreaterThanOrEqual(3);
    expect(pieces).toBeGreaterThan(0);
  });
});
