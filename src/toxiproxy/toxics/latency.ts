import { chunkOrEnding, sleep, type ToxicType } from './toxic.js';

/** As much as upstream's buffer of 1024 chunks of 32 KiB: below it latency does not cost throughput. */
const BUFFER_BYTES = 32 * 1024 * 1024;

/**
 * Delays all data by `latency` ± `jitter` milliseconds, counted from when it was read; the order stays.
 * Source: upstream's toxics/latency.go. Better than it: when several delay one stream their times always
 * add up (there, time spent in the first one's queue is taken off the second one's delay), and a change
 * applies to the data that already waits.
 */
export const latency: ToxicType = {
  type: 'latency',
  goStruct: 'LatencyToxic',
  create(attributes) {
    const latencyMs = attributes.integer('latency');
    const jitterMs = Math.max(0, attributes.integer('jitter'));
    return {
      bufferBytes: BUFFER_BYTES,
      *pipe(stub) {
        while (yield* chunkOrEnding(stub)) {
          const delayMs = latencyMs + Math.floor((Math.random() * 2 - 1) * jitterMs);
          const dueAtMs = stub.headReadAtMs + delayMs;
          yield* sleep(dueAtMs - performance.now());
          stub.pass(stub.headBytes, dueAtMs);
        }
        stub.passEnding();
      },
    };
  },
};
