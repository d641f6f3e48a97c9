import { bothWays, toxicFault } from './toxic-fault.js';

/** Bytes vanish on the way; removing a `timeout` toxic of 0 closes the connection that lost them. */
export const blackhole = toxicFault('blackhole', {
  toxics: () => bothWays((stream) => ({ type: 'timeout', stream, attributes: { timeout: 0 } })),
  feeling: () => ({ kind: 'unreachable' }),
});
