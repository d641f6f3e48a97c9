import { chunkOrEnding, sleep, type ToxicType } from './toxic.js';

/**
 * Resets the connection (TCP RST to both sides) `timeout` milliseconds after the first data or the end of
 * the stream came; nothing passes.
 * Source: upstream's toxics/reset_peer.go. Better than it: connections that are open already are reset as
 * well (there they are closed, because SO_LINGER is set only when a connection starts), the wait can be
 * interrupted (there the API hangs meanwhile), and data that waits flows on when the toxic is taken away
 * in time.
 */
export const resetPeer: ToxicType = {
  type: 'reset_peer',
  goStruct: 'ResetToxic',
  create(attributes) {
    const timeoutMs = attributes.integer('timeout');
    return {
      *pipe(stub) {
        yield* chunkOrEnding(stub);
        yield* sleep(timeoutMs);
        stub.cut('reset');
      },
    };
  },
};
