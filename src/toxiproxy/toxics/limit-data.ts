import { chunkOrEnding, type ToxicType } from './toxic.js';

/**
 * Closes the connection once `bytes` bytes have passed. The count goes on when the limit is changed; a
 * limit that is already exceeded closes the connection at the next data.
 * Source: upstream's toxics/limit_data.go.
 */
export const limitData: ToxicType = {
  type: 'limit_data',
  goStruct: 'LimitDataToxic',
  create(attributes) {
    const limitBytes = attributes.integer('bytes');
    return {
      *pipe(stub) {
        while (yield* chunkOrEnding(stub)) {
          const leftBytes = limitBytes - stub.passedBytes;
          if (leftBytes > 0) stub.pass(Math.min(stub.headBytes, leftBytes));
          if (stub.passedBytes >= limitBytes) {
            stub.cut('close');
            return;
          }
        }
        stub.passEnding();
      },
    };
  },
};
