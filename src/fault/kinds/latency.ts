import { durationMs } from '../../units/fields.js';
import { bothWays } from '../act.js';
import { defineFaultKind } from '../kind.js';

/** Every packet to and from the array is late; each operation takes at least one way's latency longer. */
export const latency = defineFaultKind({
  name: 'latency',
  place: 'volume',
  title: 'a slow path to the storage',
  parameters: { latency: durationMs, jitter: durationMs.default(0) },
  example: { latency: '800ms' },
  describe: ({ latency, jitter }) => ({
    act: bothWays((stream) => ({
      type: 'latency',
      stream,
      // Toxiproxy counts in whole milliseconds.
      attributes: { latency: Math.round(latency), jitter: Math.round(jitter) },
    })),
    feeling: { kind: 'slower', byMs: Math.max(1, latency - jitter), share: 1 },
    traits: { storing: 'slowed', showing: 'possible', hangs: false },
  }),
});
