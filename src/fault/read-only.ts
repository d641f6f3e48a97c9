import { headFault } from './head-fault.js';

/** The array refuses every change with EROFS; reading works. */
export const readOnly = headFault('read-only', {
  head: () => ({ kind: 'read-only' }),
  feeling: () => ({ kind: 'errno', errnos: ['EROFS'] }),
});
