import { defineFaultKind } from '../kind.js';

/** The volume is unmounted under the mail store; whether the bare mount point can be written to is the stack's own doing. */
export const mountLost = defineFaultKind({
  name: 'mount-lost',
  place: 'volume',
  title: 'a lost mount',
  parameters: {},
  example: {},
  describe: () => ({
    act: { via: 'unmount' },
    feeling: { kind: 'unmounted' },
    traits: { storing: 'astray', showing: 'possible', hangs: false },
  }),
});
