import type { FaultOf } from '../scenario/faults.js';
import type { MxLink } from '../stack/stack.js';
import type { Feeling } from '../storage/sense.js';
import type { Toxiproxy } from '../toxiproxy/adapter.js';
import type { BoundFault } from './fault.js';

/**
 * What a server that takes no mail answers to a connection: 421, "service not available" (RFC 5321 section 4.2.3), with
 * 4.3.2, "system not accepting network messages" (RFC 3463 section 3.4).
 */
const CLOSED_REPLY = '421';

function feelingOf({ answer }: FaultOf<'mx-closed'>): Feeling {
  return { kind: 'errno', errnos: [answer === 'refuse' ? 'ECONNREFUSED' : CLOSED_REPLY] };
}

/** The correspondents' MTAs cannot hand over mail: their link to the MX refuses, or leads to a server that is closed. */
export function bindMxClosed(
  fault: FaultOf<'mx-closed'>,
  { proxy, open, closed }: MxLink,
  toxiproxy: Toxiproxy,
): BoundFault {
  return {
    feeling: feelingOf(fault),
    async inject() {
      if (fault.answer === 'refuse') await toxiproxy.setEnabled(proxy, false);
      else await toxiproxy.setUpstream(proxy, closed);
    },
    async heal() {
      if (fault.answer === 'refuse') await toxiproxy.setEnabled(proxy, true);
      else await toxiproxy.setUpstream(proxy, open);
    },
  };
}
