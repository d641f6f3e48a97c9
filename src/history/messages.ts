import { Column, HashColumn, Names } from './columns.js';
import { MESSAGE_KINDS, OUTCOMES, type MessageKind, type Outcome } from './event.js';
import type { Mailboxes, MailboxRecord } from './mailboxes.js';
import { Notes, type Note } from './notes.js';
import type { StrayCopy } from './strays.js';

/**
 * What became of an accepted message (DESIGN section 2). `unaccounted`: it was seen nowhere, but the run
 * did not look everywhere at its end. `none`: nobody accepted it.
 */
export type Fate = 'none' | 'delivered' | 'queued' | 'bounced' | 'lost' | 'unaccounted';

/** Evidence about single messages, by what it shows. */
export type NoteKind =
  'bounce' | 'refusal' | 'storeRefusal' | 'corruption' | 'misdelivery' | 'dsn' | 'file' | 'wait' | 'copy';

/** What was known of a run when its messages' fates were decided. */
export interface End {
  /** The run ended as planned, having looked everywhere. */
  readonly completed: boolean;
  /** The queues' watches lived, and nothing speaks against what they showed. */
  readonly queuesTrusted: boolean;
  /** A queue is empty by its last listing, and still has messages by those before. */
  readonly queueEmptied: boolean;
  /** The outside and the logs lived, and nothing speaks against what they showed. */
  readonly wayOutTrusted: boolean;
  /** Messages in the queues that nobody could name. */
  readonly untold: number;
}

const NOT_ENDED: End = {
  completed: false,
  queuesTrusted: true,
  queueEmptied: false,
  wayOutTrusted: true,
  untold: 0,
};

/** Why nobody can say that a message which was found nowhere is lost. */
export type Escape =
  | 'not-ended'
  | 'not-listed'
  | 'listed-too-early'
  | 'queue-unsure'
  | 'queue-untold'
  | 'still-deferred'
  | 'file-in-store'
  | 'outside-unsure'
  | 'sent-outside';

/** A listing shows what was there when the mailbox was opened; it is recorded when all of it has been read. */
const LISTING_MS = 1_000;

export const FLAG = {
  /** Seen in a queue, or logged as deferred. */
  waited: 1,
  /** The same with a reason, of class 4 or without a code. */
  waitedWithReason: 2,
  /** The same with a code of class 5: what waits now will bounce. */
  waitedWithClass5: 4,
  underMount: 8,
  onVolume: 16,
  /** Its next hop answered 5xx. */
  refusedByStore: 32,
  /** A DSN about it went to someone other than its sender. */
  dsnElsewhere: 64,
  /** A file of it lies on the volume, where the store keeps what it has delivered. */
  inStore: 128,
  /** A sender of it was answered 5xx. */
  refused: 256,
  /** A queue listed it with what it waits for. */
  listedWithReason: 512,
} as const;

/** Every message of a run in packed columns: some 162 bytes a message, and its id. */
export class MessageTable {
  readonly mailboxes: Mailboxes;
  readonly ids = new Names();
  readonly addresses = new Names();
  readonly kind = Column.byte();
  readonly from = Column.word();
  readonly to = Column.word();
  readonly bytes = Column.time();
  readonly body = new HashColumn();
  readonly headers = new HashColumn();
  readonly flags = Column.short();
  readonly started = Column.short();
  readonly outcomes: Readonly<Record<Outcome, Column>> = {
    accepted: Column.short(),
    deferred: Column.short(),
    rejected: Column.short(),
    ambiguous: Column.short(),
    unsent: Column.short(),
  };
  /** Attempts that no sender makes: behind an acceptance, or while another one was under way. */
  readonly strayAttempts = Column.byte();
  readonly lastOutcome = Column.byte();
  readonly firstAttemptAt = Column.time();
  readonly acceptedAt = Column.time();
  readonly queuedAt = Column.time();
  readonly leftQueueAt = Column.time();
  readonly firstCopyAt = Column.time();
  /** In how many queues it is listed, and the key of the listing that came first. */
  readonly listings = Column.byte();
  readonly listing = Column.word();
  /** Delivery attempts that an MTA logged, and those that ended without a reply to the final dot. */
  readonly hops = Column.short();
  readonly hopsUnanswered = Column.short();
  /** The last time that a log told of a delay, or the stack's own log of a delivery. */
  readonly deferredAt = Column.time();
  readonly handedOverAt = Column.time();
  /** The number of the queue in which it waits by the log; 0: in none. */
  readonly waitsIn = Column.byte();
  /** Copies at the recipient, copies elsewhere, and copies that differ from what was sent. */
  readonly copies = Column.short();
  readonly elsewhere = Column.short();
  readonly corrupt = Column.short();
  /** UID and generation of UIDVALIDITY of the first copy. */
  readonly uid = Column.word();
  readonly generation = Column.short();
  /** The number of the mailbox's listing at the end that showed it last; 0 where there was none. */
  readonly presentIn = Column.short();
  readonly dsnFailed = Column.byte();
  readonly dsnDelayed = Column.byte();
  readonly loggedBounces = Column.byte();

  /** What is left of messages whose copies lost what says which ones they are, by row. */
  remains: ReadonlyMap<number, StrayCopy> = new Map();

  #end = NOT_ENDED;
  /** Whether what nobody could name in the queues may be all that is missing. */
  #untoldMayBeIt: boolean | null = null;
  readonly #notes = new Map<NoteKind, Notes<number>>();
  readonly #mailboxByAddress: (MailboxRecord | undefined)[] = [];

  constructor(mailboxes: Mailboxes) {
    this.mailboxes = mailboxes;
  }

  get size(): number {
    return this.ids.size;
  }

  get end(): End {
    return this.#end;
  }

  set end(end: End) {
    this.#end = end;
    this.#untoldMayBeIt = null;
  }

  /** Whether all the messages that are found nowhere may be the ones in the queues that nobody could name. */
  get untoldMayBeIt(): boolean {
    this.#untoldMayBeIt ??= this.#end.untold > 0 && this.#countMissing() <= this.#end.untold;
    return this.#untoldMayBeIt;
  }

  #countMissing(): number {
    const message = new Message(this, 0);
    let missing = 0;
    for (; message.row < this.size; message.row += 1) if (message.isMissing) missing += 1;
    return missing;
  }

  kindOf(row: number): MessageKind {
    return MESSAGE_KINDS[this.kind.get(row)] ?? 'inbound';
  }

  /** The recipient's mailbox; undefined for recipients outside, and for those that do not exist. */
  mailboxOf(row: number): MailboxRecord | undefined {
    const number = this.to.get(row);
    return (this.#mailboxByAddress[number] ??= this.mailboxes.find(this.addresses.text(number)));
  }

  raise(row: number, flag: number): void {
    this.flags.set(row, this.flags.get(row) | flag);
  }

  note(kind: NoteKind, row: number, at: number, text: string): void {
    let notes = this.#notes.get(kind);
    if (notes === undefined) {
      notes = new Notes();
      this.#notes.set(kind, notes);
    }
    notes.add(row, at, text);
  }

  notesOf(kind: NoteKind, row: number): readonly Note[] {
    return this.#notes.get(kind)?.of(row) ?? [];
  }
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value);

/** One message and what became of it: a view of one row. Times are `t`; null: it never came to that. */
export class Message {
  readonly #table: MessageTable;
  row: number;

  constructor(table: MessageTable, row: number) {
    this.#table = table;
    this.row = row;
  }

  get id(): string {
    return this.#table.ids.text(this.row);
  }

  get kind(): MessageKind {
    return this.#table.kindOf(this.row);
  }

  /** Lower case; empty for the null sender. */
  get from(): string {
    return this.#table.addresses.text(this.#table.from.get(this.row));
  }

  get to(): string {
    return this.#table.addresses.text(this.#table.to.get(this.row));
  }

  get mailbox(): MailboxRecord | undefined {
    return this.#table.mailboxOf(this.row);
  }

  /** The volume of the recipient's mailbox; null for mail to the outside. */
  get volume(): string | null {
    return this.mailbox?.volume ?? null;
  }

  count(outcome: Outcome): number {
    return this.#table.outcomes[outcome].get(this.row);
  }

  /** Attempts that ended; one that only started counts too. */
  get attempts(): number {
    return Math.max(this.#table.started.get(this.row), this.#ended);
  }

  /** Attempts of which nobody can say whether they were accepted: no reply to the final dot, or no end at all. */
  get ambiguous(): number {
    return this.attempts - this.#ended + this.count('ambiguous');
  }

  /** How often it may have been taken: an attempt without a reply may have left a message in the queue, with notices of its own. */
  get mostTaken(): number {
    return Math.max(1, this.count('accepted') + this.ambiguous);
  }

  /** One began and has not ended. */
  get isUnderWay(): boolean {
    return this.#table.started.get(this.row) > this.#ended;
  }

  get isAccepted(): boolean {
    return this.count('accepted') > 0;
  }

  /** The best that any attempt came to; null where none was made. */
  get outcome(): Outcome | null {
    if (this.isAccepted) return 'accepted';
    if (this.ambiguous > 0) return 'ambiguous';
    return this.attempts === 0 ? null : (OUTCOMES[this.#table.lastOutcome.get(this.row)] ?? null);
  }

  get firstAttemptAt(): number | null {
    return orNull(this.#table.firstAttemptAt.get(this.row));
  }

  get acceptedAt(): number | null {
    return orNull(this.#table.acceptedAt.get(this.row));
  }

  get queuedAt(): number | null {
    return orNull(this.#table.queuedAt.get(this.row));
  }

  get leftQueueAt(): number | null {
    return orNull(this.#table.leftQueueAt.get(this.row));
  }

  /** When a log told last that its delivery was put off. */
  get deferredAt(): number | null {
    return orNull(this.#table.deferredAt.get(this.row));
  }

  /** When the stack's log told last that it was handed over to where it belongs. */
  get handedOverAt(): number | null {
    return orNull(this.#table.handedOverAt.get(this.row));
  }

  get firstCopyAt(): number | null {
    return orNull(this.#table.firstCopyAt.get(this.row));
  }

  /** Listed in a queue when the history ended. */
  get isListed(): boolean {
    return this.#table.listings.get(this.row) > 0;
  }

  get hops(): number {
    return this.#table.hops.get(this.row);
  }

  /** Copies at its recipient: at the end where the mailbox was listed then, else as many as were found. */
  get copies(): number {
    return this.#table.copies.get(this.row) + (this.#remains === undefined ? 0 : 1);
  }

  /**
   * The copies that may be there: one for each attempt that was or may have been accepted, and one more
   * for each hop between servers that ended without a reply to the final dot (RFC 5321 section 4.5.4.1,
   * RFC 1047: the sender must try again, the receiver may have it already).
   */
  get copiesAllowed(): number {
    return this.count('accepted') + this.ambiguous + this.#table.hopsUnanswered.get(this.row);
  }

  /** Copies that only attempts which no sender makes could excuse. */
  get hasDoubtfulCopies(): boolean {
    const sure = this.copiesAllowed - this.#table.strayAttempts.get(this.row);
    return this.isDelivered && !this.isDuplicated && this.copies > Math.max(1, sure);
  }

  /** There are more copies than its attempts allow. */
  get isDuplicated(): boolean {
    return this.isDelivered && this.copies > Math.max(1, this.copiesAllowed);
  }

  get elsewhere(): number {
    return this.#table.elsewhere.get(this.row);
  }

  get corrupt(): number {
    return this.#table.corrupt.get(this.row) + (this.#remains === undefined ? 0 : 1);
  }

  get dsnFailed(): number {
    return this.#table.dsnFailed.get(this.row);
  }

  get dsnDelayed(): number {
    return this.#table.dsnDelayed.get(this.row);
  }

  /** A DSN of failure, or the log of a server that gave up. */
  get isBounced(): boolean {
    return this.dsnFailed > 0 || this.#table.loggedBounces.get(this.row) > 0;
  }

  /** It is at its recipient's now; what was there once and is gone at the end is not. */
  get isDelivered(): boolean {
    return this.#remains !== undefined || this.isWholeThere;
  }

  /** A copy that says which message it is of is at its recipient's now. */
  get isWholeThere(): boolean {
    const listings = this.mailbox?.afterListings ?? 0;
    return this.#table.copies.get(this.row) > 0 && this.#table.presentIn.get(this.row) === listings;
  }

  get fate(): Fate {
    if (!this.isAccepted) return 'none';
    if (this.isDelivered) return 'delivered';
    if (this.isBounced) return 'bounced';
    const { completed, queuesTrusted, queueEmptied } = this.#table.end;
    if (this.isListed) return queuesTrusted && !(completed && queueEmptied) ? 'queued' : 'unaccounted';
    return this.escape === null ? 'lost' : 'unaccounted';
  }

  /** Accepted, found nowhere, and no trace says that it is anywhere. */
  get isMissing(): boolean {
    if (!this.isAccepted || this.isDelivered || this.isBounced || this.isListed) return false;
    return this.#escape === null;
  }

  /** Of a message that is found nowhere: why nobody can say that it is lost, or null. */
  get escape(): Escape | null {
    return this.#escape ?? (this.#table.untoldMayBeIt ? 'queue-untold' : null);
  }

  get #escape(): Escape | null {
    const { completed, queuesTrusted } = this.#table.end;
    if (!completed) return 'not-ended';
    if (!queuesTrusted) return 'queue-unsure';
    if (this.has('inStore')) return 'file-in-store';
    const { deferredAt, handedOverAt, leftQueueAt } = this;
    // What the log says is kept must be in the queue, unless the queue's listings saw it go behind that.
    const keptAt = deferredAt !== null && deferredAt > (handedOverAt ?? -Infinity) ? deferredAt : null;
    if (keptAt !== null && (leftQueueAt ?? -Infinity) < keptAt) return 'still-deferred';
    return this.mailbox === undefined ? this.#escapeOutside : this.#escapeOf(this.mailbox);
  }

  /** The last listing of its mailbox tells what arrived before, and nothing of what was handed over behind it. */
  #escapeOf({ lastAfterAt }: MailboxRecord): Escape | null {
    if (lastAfterAt === null) return 'not-listed';
    const traceAt = Math.max(this.acceptedAt ?? 0, (this.handedOverAt ?? -Infinity) + LISTING_MS);
    return traceAt > lastAfterAt ? 'listed-too-early' : null;
  }

  get #escapeOutside(): Escape | null {
    if (!this.#table.end.wayOutTrusted) return 'outside-unsure';
    return this.handedOverAt === null ? null : 'sent-outside';
  }

  has(flag: keyof typeof FLAG): boolean {
    return (this.#table.flags.get(this.row) & FLAG[flag]) !== 0;
  }

  notes(...kinds: readonly NoteKind[]): readonly Note[] {
    const noted = kinds.flatMap((kind) => this.#table.notesOf(kind, this.row));
    const remains = kinds.includes('corruption') ? this.#remains : undefined;
    const left =
      remains === undefined ? [] : [{ at: remains.at, text: `what is left of it: ${remains.text}` }];
    return [...noted, ...left].sort((a, b) => a.at - b.at);
  }

  get #remains(): StrayCopy | undefined {
    return this.#table.remains.get(this.row);
  }

  get #ended(): number {
    const { accepted, deferred, rejected, ambiguous, unsent } = this.#table.outcomes;
    const { row } = this;
    return accepted.get(row) + deferred.get(row) + rejected.get(row) + ambiguous.get(row) + unsent.get(row);
  }
}
