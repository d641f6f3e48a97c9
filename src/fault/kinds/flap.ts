import { intervalMs } from '../../units/fields.js';
import { defineFaultKind } from '../kind.js';

/** The path to the array goes down and comes back, again and again. */
export const flap = defineFaultKind({
  name: 'flap',
  place: 'volume',
  title: 'a flapping storage path',
  parameters: { down: intervalMs.default(1_000), up: intervalMs.default(4_000) },
  example: {},
  describe: ({ down, up }) => ({
    act: { via: 'link-flapping', downMs: down, upMs: up },
    feeling: { kind: 'alternating' },
    traits: { storing: 'partly', showing: 'possible', hangs: false },
  }),
});
