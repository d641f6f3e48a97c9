import { bothWays } from '../act.js';
import { defineFaultKind } from '../kind.js';

/** Bytes vanish on the way; removing a `timeout` toxic of 0 closes the connection that lost them. */
export const blackhole = defineFaultKind({
  name: 'blackhole',
  place: 'volume',
  title: 'a storage path that swallowed everything',
  parameters: {},
  example: {},
  describe: () => ({
    act: bothWays((stream) => ({ type: 'timeout', stream, attributes: { timeout: 0 } })),
    feeling: { kind: 'unreachable' },
    traits: { storing: 'stopped', showing: 'stopped', hangs: true },
  }),
});
