/** Of a message's kind, as its id says it. */
export const KIND_LETTER = { inbound: 'i', outbound: 'o', internal: 'n', canary: 'c' } as const;

const DOMAIN = 'nobounce.invalid';

/** The text of a regular expression for an id: the run, a hyphen, a letter for the kind, a number. */
export const MESSAGE_ID_PATTERN = String.raw`[a-z0-9]+-[ionc]\d{6,}`;

const PARTS = /(.+)-([a-z])(\d{6,})$/;

/** A name for a run: short enough for an address's local part (RFC 5321 section 4.5.3.1.1), long enough to tell runs apart. */
export function newRunToken(): string {
  return Math.floor((1 + Math.random()) * 36 ** 5)
    .toString(36)
    .slice(-6);
}

/** The id of the `index`-th message of a kind; it is short enough for an address's local part, and no two are alike. */
export function messageId(run: string, kind: keyof typeof KIND_LETTER, index: number): string {
  return `${run}-${KIND_LETTER[kind]}${String(index).padStart(6, '0')}`;
}

/** The Message-ID (RFC 5322 section 3.6.4) of the message with this id, without its angle brackets. */
export function messageIdHeader(id: string): string {
  return `${id}@${DOMAIN}`;
}

/** What an id says. */
interface IdParts {
  readonly run: string;
  readonly letter: string;
  readonly index: number;
}

/** The run that an id names, its kind's letter and its number; null for ids of another form. */
export function partsOfId(id: string): IdParts | null {
  const [, run, letter, index] = PARTS.exec(id) ?? [];
  return run === undefined || letter === undefined ? null : { run, letter, index: Number(index) };
}
