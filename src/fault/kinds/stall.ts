import { bothWays } from '../act.js';
import { defineFaultKind } from '../kind.js';

/** The array holds the connection and says nothing: a rate of 0 keeps every byte until it is lifted. */
export const stall = defineFaultKind({
  name: 'stall',
  place: 'volume',
  title: 'a storage stall',
  parameters: {},
  example: {},
  describe: () => ({
    act: bothWays((stream) => ({ type: 'bandwidth', stream, attributes: { rate: 0 } })),
    feeling: { kind: 'unreachable' },
    traits: { storing: 'stopped', showing: 'stopped', hangs: true },
  }),
});
