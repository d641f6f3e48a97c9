import { defineFaultKind } from '../kind.js';

/** The array refuses every change with EROFS; reading works. */
export const readOnly = defineFaultKind({
  name: 'read-only',
  place: 'volume',
  title: 'read-only storage',
  parameters: {},
  example: {},
  describe: () => ({
    act: { via: 'head', head: { kind: 'read-only' } },
    feeling: { kind: 'errno', errnos: ['EROFS'], probability: 1 },
    traits: { storing: 'stopped', showing: 'possible', hangs: false },
  }),
});
