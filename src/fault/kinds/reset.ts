import { defineFaultKind } from '../kind.js';

/** Every connection to the array is reset (RST); the toxic acts on connections opened after it. */
export const reset = defineFaultKind({
  name: 'reset',
  place: 'volume',
  title: 'reset storage connections',
  parameters: {},
  example: {},
  describe: () => ({
    act: {
      via: 'toxics',
      toxics: [{ type: 'reset_peer', stream: 'downstream', attributes: { timeout: 0 } }],
      reconnect: true,
    },
    feeling: { kind: 'unreachable' },
    traits: { storing: 'stopped', showing: 'stopped', hangs: false },
  }),
});
