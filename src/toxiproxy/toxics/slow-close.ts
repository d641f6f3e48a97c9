import { chunkOrEnding, sleep, type ToxicType } from './toxic.js';

/**
 * Lets all data through and delays the closing of the connection by `delay` milliseconds.
 * Source: upstream's toxics/slow_close.go.
 */
export const slowClose: ToxicType = {
  type: 'slow_close',
  goStruct: 'SlowCloseToxic',
  create(attributes) {
    const delayMs = attributes.integer('delay');
    return {
      *pipe(stub) {
        while (yield* chunkOrEnding(stub)) stub.pass(stub.headBytes);
        yield* sleep(delayMs);
        stub.passEnding();
      },
    };
  },
};
