import { MESSAGE_ID_PATTERN, partsOfId } from '../scenario/message-id.js';

/** Where a message's id stands: its own header, its Message-ID, or an address that carries it (`friend+RUN-o000001@…`). */
const CARRIERS: readonly RegExp[] = [
  /^[ \t>]*x-nobounce-id[ \t]*:[ \t]*(\S+)[ \t]*$/im,
  /<([^\s<>@.]+)(?:\.[^\s<>@]*)?@nobounce\.invalid>/i,
];
const IN_MESSAGE_ID = /^<([^\s<>@.]+)@nobounce\.invalid>$/i;
/** The boundary between the parts of every message that is sent. */
const IN_BOUNDARY = new RegExp(`=_(${MESSAGE_ID_PATTERN})`);
const IN_ADDRESS = new RegExp(String.raw`\+(${MESSAGE_ID_PATTERN})@`);

/** The id of a message in what is left of it, or in what quotes it: headers anywhere in the text, in any order. */
export function idInText(text: string): string | null {
  for (const carrier of CARRIERS) {
    const id = carrier.exec(text)?.[1];
    if (id !== undefined) return id;
  }
  return null;
}

/** The id that an address carries; null for addresses that carry none. */
export function idInAddress(address: string): string | null {
  return IN_ADDRESS.exec(address)?.[1] ?? null;
}

/** Mail to the outside carries its id in the recipient's address, mail from there in the sender's. */
const ENVELOPE: readonly (readonly [field: string, kinds: string])[] = [
  ['return-path', 'ic'],
  ['from', 'ic'],
  ['to', 'o'],
];

/**
 * The id of a damaged message that lost its own header: in its Message-ID, its boundary, or an address. A message with
 * a Message-ID of its own is another one, whatever it quotes.
 * @param fields its headers, names in lower case.
 * @param body where it begins, if its headers are gone.
 */
export function idInRemains(
  fields: readonly (readonly [name: string, value: string])[],
  body: string,
): string | null {
  const valueOf = (wanted: string) => fields.find(([name]) => name === wanted)?.[1].trim();
  const messageId = valueOf('message-id');
  if (messageId !== undefined) return IN_MESSAGE_ID.exec(messageId)?.[1] ?? null;
  const inBoundary = IN_BOUNDARY.exec(valueOf('content-type') ?? '')?.[1] ?? IN_BOUNDARY.exec(body)?.[1];
  if (inBoundary !== undefined) return inBoundary;
  for (const [field, kinds] of ENVELOPE) {
    const id = idInAddress(valueOf(field) ?? '');
    if (id !== null && kinds.includes(partsOfId(id)?.letter ?? ' ')) return id;
  }
  return null;
}
