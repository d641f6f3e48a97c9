import { chunkOrEnding, sleep, yieldTurn, type Pipe, type Stub, type ToxicType } from './toxic.js';

/** So many pieces leave in one go; a chunk cut into single bytes must not keep everybody else waiting. */
const PIECES_PER_TURN = 64;
/** The finest a timer can wait. Shorter delays are saved up, so that their sum is right. */
const TIMER_MS = 1;

/**
 * Cuts data into pieces of `average_size` ± `size_variation` bytes, with `delay` microseconds after each.
 * Source: upstream's toxics/slicer.go, whose way of halving is kept. Better than it: sizes that make it
 * crash when data comes are refused (an average size below 1, which a request without attributes has too,
 * and a variation that is negative or above the average).
 */
export const slicer: ToxicType = {
  type: 'slicer',
  goStruct: 'SlicerToxic',
  create(attributes) {
    const averageBytes = attributes.integer('average_size', 'int');
    const variationBytes = attributes.integer('size_variation', 'int');
    const delayMs = attributes.integer('delay', 'int') / 1_000;
    if (averageBytes < 1) {
      throw attributes.refuse(`average_size is ${String(averageBytes)}, but must be at least 1`);
    }
    if (variationBytes < 0 || variationBytes > averageBytes) {
      throw attributes.refuse(
        `size_variation is ${String(variationBytes)}, but must be between 0 and average_size (${String(averageBytes)})`,
      );
    }

    function* pieceSizes(bytes: number): Generator<number, void, undefined> {
      if (bytes - averageBytes <= variationBytes) {
        if (bytes > 0) yield bytes;
        return;
      }
      const shift = variationBytes > 0 ? Math.floor(Math.random() * variationBytes * 2) - variationBytes : 0;
      const left = Math.floor(bytes / 2) + shift;
      yield* pieceSizes(left);
      yield* pieceSizes(bytes - left);
    }

    return {
      *pipe(stub: Stub): Pipe {
        let owedMs = 0;
        let pieces = 0;
        while (yield* chunkOrEnding(stub)) {
          for (const bytes of pieceSizes(stub.headBytes)) {
            stub.pass(bytes);
            owedMs += delayMs;
            if (owedMs >= TIMER_MS) {
              const sleptFromMs = performance.now();
              yield* sleep(owedMs);
              owedMs = Math.max(owedMs - (performance.now() - sleptFromMs), -TIMER_MS);
            } else if (++pieces % PIECES_PER_TURN === 0) yield* yieldTurn();
          }
        }
        stub.passEnding();
      },
    };
  },
};
