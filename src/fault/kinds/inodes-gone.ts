import { answersWith } from '../act.js';
import { defineFaultKind } from '../kind.js';
import { probability, traitsOfFailing } from '../operations.js';

const NEEDS_AN_INODE = ['create', 'mkdir', 'link'] as const;

/** The inodes are used up, the space is not: nothing new can be made (ENOSPC), files that are there can still be written. */
export const inodesGone = defineFaultKind({
  name: 'inodes-gone',
  place: 'volume',
  title: 'used-up inodes',
  parameters: { probability: probability.default(1) },
  example: {},
  describe: ({ probability: chance }) => ({
    act: answersWith('ENOSPC', NEEDS_AN_INODE, chance),
    feeling: { kind: 'errno', errnos: ['ENOSPC'], probability: chance },
    traits: traitsOfFailing(NEEDS_AN_INODE, chance),
  }),
});
