import { answersWith } from '../act.js';
import { defineFaultKind } from '../kind.js';
import { operations, probability, traitsOfFailing } from '../operations.js';

/** File handles of before a failover are not known any more. */
export const staleHandle = defineFaultKind({
  name: 'stale-handle',
  place: 'volume',
  title: 'stale file handles',
  parameters: { operations: operations.default(['rename', 'write']), probability: probability.default(1) },
  example: {},
  describe: ({ operations: failing, probability: chance }) => ({
    act: answersWith('ESTALE', failing, chance),
    feeling: { kind: 'errno', errnos: ['ESTALE'], probability: chance },
    traits: traitsOfFailing(failing, chance),
  }),
});
