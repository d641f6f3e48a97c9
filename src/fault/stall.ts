import { bothWays, toxicFault } from './toxic-fault.js';

/** The array holds the connection and says nothing: a rate of 0 keeps every byte until it is lifted. */
export const stall = toxicFault('stall', {
  toxics: () => bothWays((stream) => ({ type: 'bandwidth', stream, attributes: { rate: 0 } })),
  feeling: () => ({ kind: 'unreachable' }),
});
