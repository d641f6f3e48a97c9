import { defineFaultKind } from '../kind.js';

/** The array's port is closed: a disabled proxy refuses connections and closes those it has. */
export const refuse = defineFaultKind({
  name: 'refuse',
  place: 'volume',
  title: 'refused storage connections',
  parameters: {},
  example: {},
  describe: () => ({
    act: { via: 'link-off' },
    feeling: { kind: 'unreachable' },
    traits: { storing: 'stopped', showing: 'stopped', hangs: false },
  }),
});
