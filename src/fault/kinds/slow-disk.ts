import { durationMs } from '../../units/fields.js';
import { defineFaultKind } from '../kind.js';
import { probability } from '../operations.js';

/** A share of the array's operations takes longer, whatever the network does. */
export const slowDisk = defineFaultKind({
  name: 'slow-disk',
  place: 'volume',
  title: 'a slow disk',
  parameters: { delay: durationMs.default(500), share: probability.default(1) },
  example: {},
  describe: ({ delay, share }) => ({
    act: { via: 'head', head: { kind: 'slow', delayMs: delay, share } },
    feeling: { kind: 'slower', byMs: Math.max(1, delay * 0.8), share },
    traits: { storing: 'slowed', showing: 'possible', hangs: false },
  }),
});
