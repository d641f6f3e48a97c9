import { toxicFault } from './toxic-fault.js';

/** Every connection to the array is reset (RST); the toxic acts on connections opened after it. */
export const reset = toxicFault('reset', {
  toxics: () => [{ type: 'reset_peer', stream: 'downstream', attributes: { timeout: 0 } }],
  feeling: () => ({ kind: 'unreachable' }),
  reconnect: true,
});
