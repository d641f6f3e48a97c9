import { answersWith } from '../act.js';
import { defineFaultKind } from '../kind.js';
import { probability, traitsOfFailing } from '../operations.js';

/** No space left on the volume. */
export const diskFull = defineFaultKind({
  name: 'disk-full',
  place: 'volume',
  title: 'a full disk',
  parameters: { probability: probability.default(1) },
  example: {},
  describe: ({ probability: chance }) => ({
    act: answersWith('ENOSPC', ['write', 'fsync'], chance),
    feeling: { kind: 'errno', errnos: ['ENOSPC'], probability: chance },
    traits: traitsOfFailing(['write', 'fsync'], chance),
  }),
});
