/** Where mail can be stopped: a volume of mailboxes, the link to the MX, the queue of an MTA, or a whole service. */
export type Place =
  | { readonly kind: 'volume'; readonly volume: string }
  | { readonly kind: 'link'; readonly link: 'mx' }
  | { readonly kind: 'queue'; readonly service: string }
  | { readonly kind: 'service'; readonly service: string };

/** The key of the link between correspondents with MTAs of their own and the MX; no volume can have this name. */
export const MX_KEY = 'mx';
export const MX_LINK: Place = { kind: 'link', link: 'mx' };

/** A place as histories and plans write it: a volume's name, `mx`, `queue:SERVICE` or `service:SERVICE`. */
export function keyOf(place: Place): string {
  switch (place.kind) {
    case 'volume':
      return place.volume;
    case 'link':
      return MX_KEY;
    case 'queue':
    case 'service':
      return `${place.kind}:${place.service}`;
  }
}

/** Reads what `keyOf` wrote; a volume's name has no colon. */
export function placeOf(key: string): Place {
  if (key === MX_KEY) return MX_LINK;
  const [, kind, service] = /^(queue|service):(.+)$/.exec(key) ?? [];
  if (service === undefined) return { kind: 'volume', volume: key };
  return kind === 'queue' ? { kind, service } : { kind: 'service', service };
}

/** As a sentence names it. */
export function titleOfPlace(place: Place): string {
  switch (place.kind) {
    case 'volume':
      return place.volume;
    case 'link':
      return 'the link to the MX';
    case 'queue':
      return `the queue of ${place.service}`;
    case 'service':
      return place.service;
  }
}

/** The service name of the correspondents' n-th MTA, from 1. */
export function outsideMtaName(number: number): string {
  return `outside-mta-${String(number)}`;
}

/** Whether a service is an MTA of the correspondents. */
const isOutsideMta = (service: string): boolean => /^outside-mta-\d+$/.test(service);

/** What tells a message's way. */
export interface Way {
  readonly kind: 'inbound' | 'outbound' | 'internal' | 'canary';
  /** The volume of the recipient's mailbox; null for mail to the outside and to nobody. */
  readonly volume: string | null;
}

/** Whether a message has to pass the place to arrive. */
export function passes(place: Place, { kind, volume }: Way): boolean {
  switch (place.kind) {
    case 'volume':
      return volume === place.volume;
    case 'link':
      return kind === 'inbound';
    case 'queue':
      return isOutsideMta(place.service) ? kind === 'inbound' : true;
    case 'service':
      if (isOutsideMta(place.service)) return kind === 'inbound';
      // What keeps the mailboxes stands in nobody's way to the outside.
      return place.service === 'store' ? volume !== null : true;
  }
}

/** Whether mail to every mailbox has to pass it, so that no volume is spared by what happens there. */
export function sparesNoVolume(place: Place): boolean {
  return place.kind !== 'volume';
}
