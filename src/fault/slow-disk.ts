import { headFault } from './head-fault.js';

/** A share of the array's operations takes longer, whatever the network does. */
export const slowDisk = headFault('slow-disk', {
  head: ({ delay, share }) => ({ kind: 'slow', delayMs: delay, share }),
  feeling: ({ delay }) => ({ kind: 'slower', byMs: Math.max(1, delay * 0.8) }),
});
