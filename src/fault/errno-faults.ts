import { headFault } from './head-fault.js';

/** A bug in the array's operating system: chosen operations answer a chosen errno, always or now and then. */
export const vendorOsBug = headFault('vendor-os-bug', {
  head: ({ errno, operations, probability }) => ({ kind: 'faulty', errno, operations, probability }),
  feeling: ({ errno }) => ({ kind: 'errno', errnos: [errno] }),
});

/** No space left on the volume. */
export const diskFull = headFault('disk-full', {
  head: ({ probability }) => ({
    kind: 'faulty',
    errno: 'ENOSPC',
    operations: ['write', 'fsync'],
    probability,
  }),
  feeling: () => ({ kind: 'errno', errnos: ['ENOSPC'] }),
});

/** The array's own quota is used up. */
export const quotaExceeded = headFault('quota-exceeded', {
  head: ({ probability }) => ({
    kind: 'faulty',
    errno: 'EDQUOT',
    operations: ['write', 'fsync'],
    probability,
  }),
  feeling: () => ({ kind: 'errno', errnos: ['EDQUOT'] }),
});

/** File handles of before a failover are not known any more. */
export const staleHandle = headFault('stale-handle', {
  head: ({ operations, probability }) => ({ kind: 'faulty', errno: 'ESTALE', operations, probability }),
  feeling: () => ({ kind: 'errno', errnos: ['ESTALE'] }),
});
