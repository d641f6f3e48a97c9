import { answersWith } from '../act.js';
import { defineFaultKind } from '../kind.js';
import { errno, operations, probability, traitsOfFailing } from '../operations.js';

/** A bug in the array's operating system: chosen operations answer a chosen errno, always or now and then. */
export const vendorOsBug = defineFaultKind({
  name: 'vendor-os-bug',
  place: 'volume',
  title: 'a storage vendor’s OS bug',
  parameters: {
    errno: errno.default('EIO'),
    operations: operations.default(['write', 'fsync']),
    probability: probability.default(1),
  },
  example: {},
  describe: ({ errno: answer, operations: failing, probability: chance }) => ({
    act: answersWith(answer, failing, chance),
    feeling: { kind: 'errno', errnos: [answer], probability: chance },
    traits: traitsOfFailing(failing, chance),
  }),
});
