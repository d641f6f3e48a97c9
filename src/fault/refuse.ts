import type { FaultKind } from './fault.js';

/** The array's port is closed: a disabled proxy refuses connections and closes those it has. */
export const refuse: FaultKind<'refuse'> = {
  name: 'refuse',
  feeling: () => ({ kind: 'unreachable' }),
  async inject(_, { toxiproxy, volume }) {
    await toxiproxy.setEnabled(volume.proxy, false);
  },
  async heal(_, { toxiproxy, volume }) {
    await toxiproxy.setEnabled(volume.proxy, true);
  },
};
