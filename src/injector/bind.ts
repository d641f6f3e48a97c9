import type { Act } from '../fault/act.js';
import type { FaultDescription } from '../fault/kind.js';
import type { Feeling } from '../fault/sense.js';
import type { Undo } from '../stack/undo.js';
import { flapping } from './flap.js';
import type { LinkTarget, Undoable, VolumeTarget } from './target.js';
import { toxics } from './toxics.js';
import { carryOut, type Hands } from './undo.js';

/** A fault bound to its target. */
export interface BoundFault {
  readonly feeling: Feeling;
  readonly inject: () => Promise<void>;
  /**
   * What has to be done to make it gone, as data. It is known before the injection, and right after a whole one, after
   * half of one, after none, and when done twice.
   */
  readonly undo: Undo;
  /** Does what `undo` says, and calls off what the injection still does. */
  readonly heal: () => Promise<void>;
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
  const { inject, undo, callOff } = 'volume' in target ? onVolume(name, act, target) : onLink(act, target);
  return {
    feeling,
    inject,
    undo,
    heal: async () => {
      try {
        await callOff?.();
      } finally {
        await carryOut(undo, handsOf(target));
      }
    },
  };
}

function handsOf(target: VolumeTarget | LinkTarget): Hands {
  return {
    toxiproxy: () => Promise.resolve(target.toxiproxy),
    storage: (step) => {
      if ('volume' in target) return target.volume.carryOut(step);
      throw new Error(`the link to the MX has no ${step.service}`);
    },
  };
}

function onVolume(name: string, act: Act, target: VolumeTarget): Undoable {
  const { volume, toxiproxy } = target;
  const link = { url: toxiproxy.url, proxy: volume.proxy };
  switch (act.via) {
    case 'toxics':
      return toxics(name, act, target);
    case 'head': {
      // A fault that toxics cannot express: the upstream moves to another head, as in a controller's failover.
      const { before, upstream, after } = volume.undo.openHead(act.head.kind);
      return {
        inject: async () => {
          await toxiproxy.setUpstream(volume.proxy, await volume.openHead(act.head));
        },
        undo: [...before, { via: 'lead-link', ...link, upstream }, ...after],
      };
    }
    case 'link-off':
      return {
        inject: async () => {
          await toxiproxy.setEnabled(volume.proxy, false);
        },
        undo: [{ via: 'enable-link', ...link }],
      };
    case 'link-flapping':
      return flapping(act, target);
    case 'crash':
      return { inject: () => volume.crash(), undo: volume.undo.crash() };
    case 'unmount':
      return { inject: () => volume.unmount(), undo: volume.undo.unmount() };
    case 'mx':
      throw new Error(`${name} acts on the link to the MX, not on the volume ${volume.name}`);
  }
}

function onLink(act: Act, { mxLink: { proxy, open, closed }, toxiproxy }: LinkTarget): Undoable {
  if (act.via !== 'mx') throw new Error(`${act.via} cannot be done to the link to the MX`);
  const link = { url: toxiproxy.url, proxy };
  return act.answer === 'refuse'
    ? {
        inject: async () => {
          await toxiproxy.setEnabled(proxy, false);
        },
        undo: [{ via: 'enable-link', ...link }],
      }
    : {
        inject: async () => {
          await toxiproxy.setUpstream(proxy, closed);
        },
        undo: [{ via: 'lead-link', ...link, upstream: open }],
      };
}
