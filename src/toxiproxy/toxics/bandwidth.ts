import { chunkOrEnding, sleep, type ToxicType } from './toxic.js';

/** Data leaves in portions of at most this long, so that a low rate trickles instead of bursting. */
const PORTION_MS = 100;
/** Input for so long waits in the stub: the sender's next bytes are there when a late timer has to catch up. */
const BUFFER_MS = 100;
const MAX_BUFFER_BYTES = 32 * 1024 * 1024;

/**
 * Lets data through at `rate` KB/s (1 KB = 1000 bytes). Rate 0 holds everything and loses nothing; the
 * bytes flow again when the rate changes or the toxic goes.
 *
 * It is a serial line: bytes start on their way when they have come and those before them are through, by
 * the clock and not by when a timer fired, so that late timers add up to nothing.
 * Source: upstream's toxics/bandwidth.go. Better than it: a negative rate is refused (there it crashes the
 * server at the first byte), what waits when the rate changes leaves at the new rate, not all at once, and
 * full portions that leave late are made up for.
 */
export const bandwidth: ToxicType = {
  type: 'bandwidth',
  goStruct: 'BandwidthToxic',
  create(attributes) {
    const bytesPerMs = attributes.integer('rate');
    if (bytesPerMs < 0) throw attributes.refuse(`rate is ${String(bytesPerMs)}, but must not be negative`);
    return {
      bufferBytes: Math.min(bytesPerMs * BUFFER_MS, MAX_BUFFER_BYTES),
      *pipe(stub) {
        let lineFreeAtMs = performance.now();
        while (yield* chunkOrEnding(stub)) {
          if (bytesPerMs === 0) yield* sleep(Number.POSITIVE_INFINITY);
          const portionBytes = Math.min(stub.headBytes, bytesPerMs * PORTION_MS);
          lineFreeAtMs = Math.max(lineFreeAtMs, stub.headReadAtMs) + portionBytes / bytesPerMs;
          yield* sleep(lineFreeAtMs - performance.now());
          stub.pass(portionBytes, lineFreeAtMs);
        }
        stub.passEnding();
      },
    };
  },
};
