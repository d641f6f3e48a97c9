import type { FaultOf, StorageFault } from '../scenario/faults.js';
import type { Feeling } from '../storage/sense.js';
import type { ToxicSpec } from '../toxiproxy/adapter.js';
import type { FaultKind, FaultTarget } from './fault.js';

type WithoutName<T> = T extends ToxicSpec ? Omit<T, 'name'> : never;
/** A toxic as a fault wants it; the name is given here, so that heal finds what inject left. */
type WantedToxic = WithoutName<ToxicSpec>;

interface ToxicFaultParts<N extends StorageFault['fault']> {
  readonly toxics: (fault: FaultOf<N>) => readonly WantedToxic[];
  readonly feeling: (fault: FaultOf<N>) => Feeling;
  /** For toxics that act only on connections opened after them. */
  readonly reconnect?: boolean;
}

function toxicName(fault: string, { type, stream }: WantedToxic): string {
  return `${fault}-${type}-${stream}`;
}

/** Closes the link's connections and lets new ones in. */
async function reconnect({ toxiproxy, volume }: FaultTarget): Promise<void> {
  await toxiproxy.setEnabled(volume.proxy, false);
  await toxiproxy.setEnabled(volume.proxy, true);
}

/** A fault that is nothing but toxics on the volume's link. */
export function toxicFault<N extends StorageFault['fault']>(
  name: N,
  parts: ToxicFaultParts<N>,
): FaultKind<N> {
  return {
    name,
    feeling: parts.feeling,
    async inject(fault, target) {
      for (const toxic of parts.toxics(fault)) {
        await target.toxiproxy.addToxic(target.volume.proxy, {
          name: toxicName(name, toxic),
          toxicity: 1,
          ...toxic,
        });
      }
      if (parts.reconnect === true) await reconnect(target);
    },
    async heal(fault, target) {
      for (const toxic of parts.toxics(fault)) {
        await target.toxiproxy.removeToxic(target.volume.proxy, toxicName(name, toxic));
      }
    },
  };
}

/** The same toxic in both directions. */
export function bothWays(toxic: (stream: WantedToxic['stream']) => WantedToxic): readonly WantedToxic[] {
  return [toxic('upstream'), toxic('downstream')];
}
