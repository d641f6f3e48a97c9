import { chunkOrEnding, inputWithin, type ToxicType } from './toxic.js';

/**
 * Drops all data, and closes the connection when no data came for `timeout` milliseconds; with 0 it never
 * does. The end of the stream passes. Taking the toxic away closes the connections it worked on, since
 * their streams have a hole.
 * Source: upstream's toxics/timeout.go, where every chunk starts the time anew as well.
 */
export const timeout: ToxicType = {
  type: 'timeout',
  goStruct: 'TimeoutToxic',
  create(attributes) {
    const timeoutMs = attributes.integer('timeout');
    return {
      closesWhenRemoved: true,
      *pipe(stub) {
        for (;;) {
          while (stub.headBytes > 0) stub.drop();
          if (stub.ending !== undefined) {
            stub.passEnding();
            return;
          }
          if (timeoutMs <= 0) yield* chunkOrEnding(stub);
          else if (!(yield* inputWithin(stub, timeoutMs))) {
            stub.cut('close');
            return;
          }
        }
      },
    };
  },
};
