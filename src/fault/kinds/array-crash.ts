import { defineFaultKind } from '../kind.js';

/** The array's processes die at once (SIGKILL) and are started again on heal. */
export const arrayCrash = defineFaultKind({
  name: 'array-crash',
  place: 'volume',
  title: 'a crashed storage array',
  parameters: {},
  example: {},
  describe: () => ({
    act: { via: 'crash' },
    feeling: { kind: 'unreachable' },
    traits: { storing: 'stopped', showing: 'stopped', hangs: false },
  }),
});
