import { z } from 'zod';
import { defineFaultKind } from '../kind.js';

/**
 * What a server that takes no mail answers to a connection: 421, "service not available" (RFC 5321 section 4.2.3), with
 * 4.3.2, "system not accepting network messages" (RFC 3463 section 3.4).
 */
const CLOSED_REPLY = '421';

/** The correspondents' MTAs cannot hand over mail: their link to the MX refuses, or leads to a server that is closed. */
export const mxClosed = defineFaultKind({
  name: 'mx-closed',
  place: 'link',
  title: 'a closed MX',
  parameters: { answer: z.enum(['refuse', '4xx']).default('refuse') },
  example: {},
  describe: ({ answer }) => ({
    act: { via: 'mx', answer },
    feeling: { kind: 'errno', errnos: [answer === 'refuse' ? 'ECONNREFUSED' : CLOSED_REPLY], probability: 1 },
    traits: { storing: 'stopped', showing: 'possible', hangs: false },
  }),
});
