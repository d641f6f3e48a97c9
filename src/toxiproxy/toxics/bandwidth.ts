import { chunkOrEnding, sleep, type ToxicType } from './toxic.js';

/** Data leaves in portions of at most this long, so that a low rate trickles instead of bursting. */
const PORTION_MS = 100;

/**
 * Lets data through at `rate` KB/s (1 KB = 1000 bytes). Rate 0 holds everything and loses nothing; the
 * bytes flow again when the rate changes or the toxic goes.
 * Source: upstream's toxics/bandwidth.go. Better than it: a negative rate is refused (there it crashes the
 * server at the first byte), and what waits when the rate changes leaves at the new rate, not all at once.
 */
export const bandwidth: ToxicType = {
  type: 'bandwidth',
  goStruct: 'BandwidthToxic',
  create(attributes) {
    const bytesPerMs = attributes.integer('rate');
    if (bytesPerMs < 0) throw attributes.refuse(`rate is ${String(bytesPerMs)}, but must not be negative`);
    return {
      *pipe(stub) {
        // Timers are late by up to a millisecond or so: what was slept too long is taken off the next sleep.
        let owedMs = 0;
        while (yield* chunkOrEnding(stub)) {
          if (bytesPerMs === 0) yield* sleep(Number.POSITIVE_INFINITY);
          const portionBytes = Math.min(stub.headBytes, bytesPerMs * PORTION_MS);
          owedMs += portionBytes / bytesPerMs;
          const sleptFromMs = performance.now();
          yield* sleep(owedMs);
          owedMs = Math.max(owedMs - (performance.now() - sleptFromMs), -PORTION_MS);
          stub.pass(portionBytes);
        }
        stub.passEnding();
      },
    };
  },
};
