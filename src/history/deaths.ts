import type { EventOf } from './event.js';

/** Services of the mail stack and its storage; the others are of the test bed. */
const OWN_ROLES: ReadonlySet<string> = new Set(['store', 'mta', 'array']);

/**
 * Whether a service that ended did so by itself and as a part of what is tested: the stack's own doing. What was killed
 * from outside, what nobody knows the reason of, and what belongs to the test bed is nobody's fault.
 */
export function isStacksDoing({
  role,
  cause,
}: Pick<EventOf<'service.died'>, 'cause'> & { readonly role: string }): boolean {
  return OWN_ROLES.has(role) && (cause === 'itself' || cause === 'out-of-memory');
}
