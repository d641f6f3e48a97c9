import PostalMime, { type Attachment, type Email } from 'postal-mime';
import { actionOf, recipientsInWords, splitNotice, statusInWords } from './bounce-text.js';
import type { EventOf } from './event.js';
import { idInAddress, idInText } from './message-id.js';

type Action = EventOf<'dsn.received'>['action'];

/** What a DSN says of one recipient (RFC 3464 section 2.3). */
interface DsnRecipient {
  /** The harness's id of the message it is about; null where nothing says so. */
  readonly id: string | null;
  readonly action: Action;
  /** Enhanced status code (RFC 3463), such as 5.2.2. */
  readonly status: string | null;
  /** As the sender wrote it, where the DSN says so; else the final recipient. */
  readonly recipient: string | null;
  /** The Diagnostic-Code, such as `smtp; 550 5.1.1 …`; of a notice in words, the words; empty where there is none. */
  readonly diagnostic: string;
}

/** A delivery status notification, or a notice in words that serves as one. */
export interface DsnReport {
  /** `rfc3464`: machine-readable. `words`: qmail's QSBMF, Exim's, sendmail's and others' plain text. */
  readonly form: 'rfc3464' | 'words';
  readonly recipients: readonly DsnRecipient[];
}

/** `message/global-…` are the same for internationalised mail (RFC 6533). */
const STATUS_TYPES = new Set(['message/delivery-status', 'message/global-delivery-status']);
const ORIGINAL_TYPES = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'message/rfc822-headers',
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
const HEAD_BYTES = 262_144;
const MAX_ORIGINAL_BYTES = 262_144;

/** A message that came back, whole or its headers. */
interface Original {
  readonly id: string | null;
  /** Whom it was for, in lower case, as its headers say. */
  readonly to: string;
}

/**
 * Reads a message as a notice of what became of another one: a DSN (RFC 3464), or a bounce in words alone. Null where
 * it is none: it carries the harness's own header, no machine says that it sent it, or it says nothing about anyone.
 */
export async function parseDsn(raw: Buffer | string): Promise<DsnReport | null> {
  const head = headOf(raw);
  // Mail of the harness, of whatever size: nothing is parsed that needs not be.
  if (/^x-nobounce-id:/im.test(head)) return null;
  const email = await parseMime(raw);
  const originals = await originalsOf(email);
  const report =
    (await machineReadable(email, originals)) ?? (isNotice(head, email) ? inWords(email, originals) : null);
  return report;
}

/** MIME that no parser takes (nested without end, megabytes of headers) is read as the text that it is. */
async function parseMime(raw: Buffer | string): Promise<Email> {
  try {
    return await PostalMime.parse(raw, { forceRfc822Attachments: true });
  } catch {
    const text = typeof raw === 'string' ? raw : raw.toString('latin1', 0, MAX_ORIGINAL_BYTES);
    const plain = `Content-Type: text/plain\r\n\r\n${text.slice(0, MAX_ORIGINAL_BYTES)}`;
    return PostalMime.parse(plain);
  }
}

function headOf(raw: Buffer | string): string {
  const text = typeof raw === 'string' ? raw.slice(0, HEAD_BYTES) : raw.toString('latin1', 0, HEAD_BYTES);
  const end = /\r?\n[ \t]*\r?\n/.exec(text)?.index ?? text.length;
  return text.slice(0, end);
}

async function machineReadable(email: Email, originals: readonly Original[]): Promise<DsnReport | null> {
  const parts = email.attachments.filter(({ mimeType }) => STATUS_TYPES.has(mimeType.toLowerCase()));
  const texts = await Promise.all(parts.map(textOf));
  // Some servers put the fields into a part that says it is text.
  const text = email.text ?? '';
  if (texts.length === 0 && /^final-recipient[ \t]*:/im.test(text) && /^action[ \t]*:/im.test(text))
    texts.push(text);
  // The first group of fields is about the message, each other one about a recipient (section 2.1); some
  // servers forget the empty line between them.
  const groups = texts
    .flatMap(fieldGroups)
    .filter((fields) => fields.has('action') || fields.has('status') || fields.has('final-recipient'));
  if (groups.length === 0) return null;
  const recipients = groups.map((fields) => readRecipient(fields));
  return { form: 'rfc3464', recipients: withIds(recipients, email, originals) };
}

/** RFC 3834, RFC 5321 section 4.5.5, and what mail servers wrote before either: a machine sent it, about other mail. */
function isNotice(head: string, { from, sender, subject, headers, text }: Email): boolean {
  const automatic = headers.find(({ key }) => key === 'auto-submitted')?.value ?? 'no';
  if (!/^no\b/i.test(automatic.trim())) return true;
  if (/^return-path:[ \t]*<[ \t]*>/im.test(head) || /^x-failed-recipients:/im.test(head)) return true;
  if (/^content-type:[ \t]*multipart\/report/im.test(head)) return true;
  const who = [from, sender].map((one) => `${one?.name ?? ''} ${one?.address ?? ''}`).join(' ');
  if (/mailer-?daemon|postmaster@|mail delivery (?:sub)?system/i.test(who)) return true;
  if (/^Hi\. This is the /.test(text ?? '')) return true;
  return /^(?:undeliver|returned mail|mail delivery|delivery (?:status|failure|has failed)|failure notice)/i.test(
    subject ?? '',
  );
}

/** A bounce that only people were meant to read. Null where it neither says what became of a message nor names one. */
function inWords(email: Email, originals: readonly Original[]): DsnReport | null {
  const text = email.text ?? (email.html ?? '').replace(/<[^>]*>/g, ' ');
  const { report, returned } = splitNotice(text);
  const subject = email.subject ?? '';
  const action = actionOf(report, subject);
  const named = email.headers
    .filter(({ key }) => key === 'x-failed-recipients')
    .flatMap(({ value }) => value.split(','))
    .map((address) => address.trim().replace(/^<(.*)>$/, '$1'))
    .filter((address) => address !== '');
  const told = recipientsInWords(report, subject);
  const toldOf = new Map(told.map((one) => [one.recipient?.toLowerCase(), one]));
  const diagnostic = report.replace(/\s+/g, ' ').trim().slice(0, 1_000);
  const plain = { status: statusInWords(report), diagnostic };
  const failed = named.map((recipient) => {
    // The header names those that failed; the words tell of delays as well.
    const words = toldOf.get(recipient.toLowerCase());
    return {
      ...plain,
      ...words,
      recipient,
      action: words?.action === 'delayed' ? 'delayed' : 'failed',
    } as const;
  });
  const isNamed = new Set(named.map((address) => address.toLowerCase()));
  const others = told.filter(({ recipient }) => !isNamed.has(recipient?.toLowerCase() ?? ''));
  // Beside named recipients, other addresses in the words are those of hosts, postmasters and aliases.
  const recipients = named.length > 0 ? failed : others;
  const back = returned === '' ? [] : [{ id: idInText(returned), to: toOf(returned) }];
  const all = withIds(
    recipients.length > 0 ? recipients : [{ ...plain, action, recipient: null }],
    email,
    [...originals, ...back],
    report,
  );
  const saysNothing = all.every((one) => one.action === 'unknown' && one.id === null);
  return saysNothing ? null : { form: 'words', recipients: all };
}

/**
 * Ties each recipient to its message: by its own address where that carries an id, by the returned message that was for
 * it, by the first that came back, by the words, or by the address that the notice itself went to.
 */
function withIds(
  recipients: readonly Omit<DsnRecipient, 'id'>[],
  email: Email,
  originals: readonly Original[],
  words = '',
): readonly DsnRecipient[] {
  const known = originals.filter(({ id }) => id !== null);
  const own = (email.to ?? []).map(({ address }) => idInAddress(address ?? '')).find((id) => id !== null);
  const common = known[0]?.id ?? idInText(words) ?? own ?? null;
  return recipients.map((one) => {
    const address = one.recipient?.toLowerCase() ?? '';
    const its = address === '' ? undefined : known.find(({ to }) => to.includes(address));
    return { id: idInAddress(one.recipient ?? '') ?? its?.id ?? common, ...one };
  });
}

async function originalsOf(email: Email): Promise<readonly Original[]> {
  const parts = email.attachments.filter(({ mimeType }) => ORIGINAL_TYPES.has(mimeType.toLowerCase()));
  return Promise.all(
    parts.map(async (part) => {
      const text = await textOf(part);
      return { id: idInText(headOf(text)) ?? idInText(text), to: toOf(text) };
    }),
  );
}

/** The To field of a returned message, unfolded, in lower case. */
function toOf(text: string): string {
  return (/^to[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)/im.exec(text)?.[1] ?? '').toLowerCase();
}

function readRecipient(fields: ReadonlyMap<string, string>): Omit<DsnRecipient, 'id'> {
  const action = /^[a-z-]+/.exec(withoutComments(fields.get('action') ?? '').toLowerCase())?.[0];
  const status = withoutComments(fields.get('status') ?? '');
  const recipient = fields.get('original-recipient') ?? fields.get('final-recipient');
  return {
    action: isAction(action) ? action : 'unknown',
    status: /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(status)?.[0] ?? null,
    recipient: recipient === undefined ? null : addressOf(recipient),
    diagnostic: fields.get('diagnostic-code') ?? '',
  };
}

const isAction = (text: unknown): text is Action => ACTIONS.has(text);

/** `rfc822; <user@example.test> (a comment)` → `user@example.test`. */
function addressOf(field: string): string {
  const plain = withoutComments(field);
  const afterType = plain.slice(plain.indexOf(';') + 1).trim();
  return afterType.replace(/^<(.*)>$/, '$1');
}

/** Without RFC 822 comments, which nest, and may hold quoted pairs; quoted strings stay as they are. */
function withoutComments(text: string): string {
  let depth = 0;
  let isQuoted = false;
  let kept = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') {
      if (depth === 0) kept += text.slice(at, at + 2);
      at += 1;
    } else if (char === '"' && depth === 0) {
      isQuoted = !isQuoted;
      kept += char;
    } else if (char === '(' && !isQuoted) depth += 1;
    else if (char === ')' && depth > 0) depth -= 1;
    else if (depth === 0) kept += char;
  }
  return kept.trim();
}

/** Groups of fields between empty lines, folded lines joined, names in lower case. */
function fieldGroups(text: string): readonly ReadonlyMap<string, string>[] {
  const blocks = text.replaceAll('\r\n', '\n').split(/\n[ \t]*\n/);
  return blocks.flatMap((block) => {
    let fields = new Map<string, string>();
    const groups = [fields];
    for (const line of block.replace(/\n[ \t]+/g, ' ').split('\n')) {
      const colon = line.indexOf(':');
      if (colon < 1) continue;
      const name = line.slice(0, colon).trim().toLowerCase();
      // Two recipients without an empty line between them are two all the same.
      if (name === 'final-recipient' && fields.has('final-recipient')) {
        fields = new Map();
        groups.push(fields);
      }
      fields.set(name, line.slice(colon + 1).trim());
    }
    return groups;
  });
}

async function textOf({ content }: Attachment): Promise<string> {
  return new Blob([content]).slice(0, MAX_ORIGINAL_BYTES).text();
}
