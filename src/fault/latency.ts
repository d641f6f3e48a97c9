import { bothWays, toxicFault } from './toxic-fault.js';

/** Every packet to and from the array is late; each operation takes at least one way's latency longer. */
export const latency = toxicFault('latency', {
  toxics: (fault) =>
    bothWays((stream) => ({
      type: 'latency',
      stream,
      // Toxiproxy counts in whole milliseconds.
      attributes: { latency: Math.round(fault.latency), jitter: Math.round(fault.jitter) },
    })),
  feeling: (fault) => ({ kind: 'slower', byMs: Math.max(1, fault.latency - fault.jitter) }),
});
