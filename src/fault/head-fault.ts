import type { FaultOf, StorageFault } from '../scenario/faults.js';
import type { HeadSpec } from '../stack/stack.js';
import type { Feeling } from '../storage/sense.js';
import type { FaultKind } from './fault.js';

interface HeadFaultParts<N extends StorageFault['fault']> {
  readonly head: (fault: FaultOf<N>) => HeadSpec;
  readonly feeling: (fault: FaultOf<N>) => Feeling;
}

/**
 * A fault that toxics cannot express: Toxiproxy's upstream moves from the healthy head to another one, which closes
 * the live connections exactly like a controller's failover.
 */
export function headFault<N extends StorageFault['fault']>(name: N, parts: HeadFaultParts<N>): FaultKind<N> {
  return {
    name,
    feeling: parts.feeling,
    async inject(fault, { volume, toxiproxy }) {
      await toxiproxy.setUpstream(volume.proxy, await volume.openHead(parts.head(fault)));
    },
    async heal(fault, { volume, toxiproxy }) {
      await toxiproxy.setUpstream(volume.proxy, await volume.openHead({ kind: 'healthy' }));
      await volume.closeHead(parts.head(fault).kind);
    },
  };
}
