import { answersWith } from '../act.js';
import { defineFaultKind } from '../kind.js';
import { probability, traitsOfFailing } from '../operations.js';

/** The array's own quota is used up. */
export const quotaExceeded = defineFaultKind({
  name: 'quota-exceeded',
  place: 'volume',
  title: 'an exceeded quota',
  parameters: { probability: probability.default(1) },
  example: {},
  describe: ({ probability: chance }) => ({
    act: answersWith('EDQUOT', ['write', 'fsync'], chance),
    feeling: { kind: 'errno', errnos: ['EDQUOT'], probability: chance },
    traits: traitsOfFailing(['write', 'fsync'], chance),
  }),
});
