import type { FaultKind } from './fault.js';

/** The array's processes die at once (SIGKILL) and are started again on heal. */
export const arrayCrash: FaultKind<'array-crash'> = {
  name: 'array-crash',
  feeling: () => ({ kind: 'unreachable' }),
  inject: (_, { volume }) => volume.crash(),
  heal: (_, { volume }) => volume.restart(),
};
