import type { FaultKind } from './fault.js';

/** The volume is unmounted under the mail store; whether the bare mount point can be written to is the stack's own doing. */
export const mountLost: FaultKind<'mount-lost'> = {
  name: 'mount-lost',
  feeling: () => ({ kind: 'unmounted' }),
  inject: (_, { volume }) => volume.unmount(),
  heal: (_, { volume }) => volume.mount(),
};
