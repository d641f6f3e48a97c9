import PostalMime, { type Attachment } from 'postal-mime';
import type { EventOf } from './event.js';

type Action = EventOf<'dsn.received'>['action'];

/** What a DSN says of one recipient (RFC 3464 section 2.3). */
interface DsnRecipient {
  readonly action: Action;
  /** Enhanced status code (RFC 3463), such as 5.2.2. */
  readonly status: string | null;
  /** As the sender wrote it, where the DSN says so; else the final recipient. */
  readonly recipient: string | null;
  /** The Diagnostic-Code, such as `smtp; 550 5.1.1 …`; empty where there is none. */
  readonly diagnostic: string;
}

/** A delivery status notification. */
export interface DsnReport {
  /** The harness's id of the message it is about; null where neither message nor headers came back. */
  readonly id: string | null;
  readonly recipients: readonly DsnRecipient[];
}

/** `message/global-…` are the same for internationalised mail (RFC 6533). */
const STATUS_TYPES = new Set(['message/delivery-status', 'message/global-delivery-status']);
const ORIGINAL_TYPES = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'message/global',
  'message/global-headers',
]);
const ACTIONS: ReadonlySet<unknown> = new Set<Action>([
  'failed',
  'delayed',
  'delivered',
  'relayed',
  'expanded',
]);

/**
 * Reads a message as a DSN (RFC 3464). Null where it is none: it has no `message/delivery-status` part,
 * or that part names no recipient.
 * @throws the parser's error for MIME that is nested without end or has megabytes of headers.
 */
export async function parseDsn(raw: Buffer | string): Promise<DsnReport | null> {
  const email = await PostalMime.parse(raw, { forceRfc822Attachments: true });
  const status = email.attachments.find(({ mimeType }) => STATUS_TYPES.has(mimeType));
  if (status === undefined) return null;
  // The first group of fields is about the message, each other one about a recipient (section 2.1); some
  // servers forget the empty line between them.
  const groups = fieldGroups(await textOf(status)).filter(
    (fields) => fields.has('action') || fields.has('status'),
  );
  if (groups.length === 0) return null;
  const original = email.attachments.find(({ mimeType }) => ORIGINAL_TYPES.has(mimeType));
  return {
    id: original === undefined ? null : await idOf(await textOf(original)),
    recipients: groups.map(readRecipient),
  };
}

function readRecipient(fields: ReadonlyMap<string, string>): DsnRecipient {
  const action = fields.get('action')?.toLowerCase();
  const [status = null] = fields.get('status')?.match(/\b[245]\.\d{1,3}\.\d{1,3}\b/) ?? [];
  const recipient = fields.get('original-recipient') ?? fields.get('final-recipient');
  return {
    action: isAction(action) ? action : 'unknown',
    status,
    recipient: recipient === undefined ? null : addressOf(recipient),
    diagnostic: fields.get('diagnostic-code') ?? '',
  };
}

const isAction = (text: unknown): text is Action => ACTIONS.has(text);

/** `rfc822; <user@example.test>` → `user@example.test`. */
function addressOf(field: string): string {
  const afterType = field.slice(field.indexOf(';') + 1).trim();
  return afterType.replace(/^<(.*)>$/, '$1');
}

/** Groups of fields between empty lines, folded lines joined, names in lower case. */
function fieldGroups(text: string): readonly ReadonlyMap<string, string>[] {
  const blocks = text.replaceAll('\r\n', '\n').split(/\n[ \t]*\n/);
  return blocks.map((block) => {
    const fields = new Map<string, string>();
    for (const line of block.replace(/\n[ \t]+/g, ' ').split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    return fields;
  });
}

/** The harness's id in the headers of a returned message: its own header, else the Message-ID. */
async function idOf(original: string): Promise<string | null> {
  const { headers } = await PostalMime.parse(original);
  const valueOf = (name: string) => headers.find(({ key }) => key === name)?.value;
  const messageId = valueOf('message-id')?.match(/^<([^@.>]+)(?:\.[^@>]*)?@nobounce\.invalid>$/);
  return valueOf('x-nobounce-id') ?? messageId?.[1] ?? null;
}

const textOf = ({ content }: Attachment): Promise<string> => new Blob([content]).text();
