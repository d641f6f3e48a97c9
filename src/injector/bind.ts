import type { Act } from '../fault/act.js';
import type { FaultDescription } from '../fault/kind.js';
import type { Feeling } from '../fault/sense.js';
import { flapping } from './flap.js';
import type { LinkTarget, Undoable, VolumeTarget } from './target.js';
import { toxics } from './toxics.js';

/** A fault bound to its target. */
export interface BoundFault extends Undoable {
  readonly feeling: Feeling;
}

/**
 * Binds a fault to the place it acts on. `name` names the toxics that it leaves, so that its heal finds them.
 * @throws Error where the act is not one for such a place.
 */
export function bindFault(
  name: string,
  { act, feeling }: FaultDescription,
  target: VolumeTarget | LinkTarget,
): BoundFault {
  const { inject, heal } = 'volume' in target ? onVolume(name, act, target) : onLink(act, target);
  return { inject, heal, feeling };
}

function onVolume(name: string, act: Act, target: VolumeTarget): Undoable {
  const { volume, toxiproxy } = target;
  switch (act.via) {
    case 'toxics':
      return toxics(name, act, target);
    case 'head':
      // A fault that toxics cannot express: the upstream moves to another head, as in a controller's failover.
      return {
        inject: async () => {
          await toxiproxy.setUpstream(volume.proxy, await volume.openHead(act.head));
        },
        heal: async () => {
          await toxiproxy.setUpstream(volume.proxy, await volume.openHead({ kind: 'healthy' }));
          await volume.closeHead(act.head.kind);
        },
      };
    case 'link-off':
      return {
        inject: async () => {
          await toxiproxy.setEnabled(volume.proxy, false);
        },
        heal: async () => {
          await toxiproxy.setEnabled(volume.proxy, true);
        },
      };
    case 'link-flapping':
      return flapping(act, target);
    case 'crash':
      return { inject: () => volume.crash(), heal: () => volume.restart() };
    case 'unmount':
      return { inject: () => volume.unmount(), heal: () => volume.mount() };
    case 'mx':
      throw new Error(`${name} acts on the link to the MX, not on the volume ${volume.name}`);
  }
}

function onLink(act: Act, { mxLink: { proxy, open, closed }, toxiproxy }: LinkTarget): Undoable {
  if (act.via !== 'mx') throw new Error(`${act.via} cannot be done to the link to the MX`);
  return act.answer === 'refuse'
    ? {
        inject: async () => {
          await toxiproxy.setEnabled(proxy, false);
        },
        heal: async () => {
          await toxiproxy.setEnabled(proxy, true);
        },
      }
    : {
        inject: async () => {
          await toxiproxy.setUpstream(proxy, closed);
        },
        heal: async () => {
          await toxiproxy.setUpstream(proxy, open);
        },
      };
}
