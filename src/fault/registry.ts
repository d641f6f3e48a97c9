import type { StorageFault } from '../scenario/faults.js';
import { arrayCrash } from './array-crash.js';
import { bandwidth } from './bandwidth.js';
import { blackhole } from './blackhole.js';
import { diskFull, quotaExceeded, staleHandle, vendorOsBug } from './errno-faults.js';
import { bind, type BoundFault, type FaultTarget } from './fault.js';
import { flap } from './flap.js';
import { latency } from './latency.js';
import { mountLost } from './mount-lost.js';
import { readOnly } from './read-only.js';
import { refuse } from './refuse.js';
import { reset } from './reset.js';
import { slowDisk } from './slow-disk.js';
import { stall } from './stall.js';

/** Finds the kind of a storage fault and binds it. One of the scenario schema without a kind does not compile. */
export function bindFault(fault: StorageFault, target: FaultTarget): BoundFault {
  switch (fault.fault) {
    case 'latency':
      return bind(latency, fault, target);
    case 'bandwidth':
      return bind(bandwidth, fault, target);
    case 'stall':
      return bind(stall, fault, target);
    case 'blackhole':
      return bind(blackhole, fault, target);
    case 'refuse':
      return bind(refuse, fault, target);
    case 'reset':
      return bind(reset, fault, target);
    case 'flap':
      return bind(flap, fault, target);
    case 'read-only':
      return bind(readOnly, fault, target);
    case 'vendor-os-bug':
      return bind(vendorOsBug, fault, target);
    case 'disk-full':
      return bind(diskFull, fault, target);
    case 'quota-exceeded':
      return bind(quotaExceeded, fault, target);
    case 'stale-handle':
      return bind(staleHandle, fault, target);
    case 'slow-disk':
      return bind(slowDisk, fault, target);
    case 'array-crash':
      return bind(arrayCrash, fault, target);
    case 'mount-lost':
      return bind(mountLost, fault, target);
  }
}
