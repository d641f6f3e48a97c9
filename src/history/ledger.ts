import { logContradiction, readAttempt, readDsn } from './contradictions.js';
import { MESSAGE_KINDS, OUTCOMES, type EventOf, type Outcome } from './event.js';
import { postfix } from '../mta/postfix.js';
import type { Mailboxes, MailboxRecord } from './mailboxes.js';
import { FLAG, Message, MessageTable, type End } from './messages.js';
import { FirstOf, type Note } from './notes.js';
import type { Outages } from './outages.js';
import type { Queues } from './queues.js';
import { idInAddress } from './message-id.js';
import type { Sources } from './sources.js';
import { Strays, type Candidate } from './strays.js';

/** One copy at its recipient, and where it was seen. */
interface CopySeen {
  readonly uid: number;
  readonly t: number;
  readonly place: string;
}

/** Something that turned up and belongs to no message of this run. */
export interface Stray {
  readonly id: string | null;
  readonly at: number;
  readonly text: string;
}

/** What the run's messages to unknown recipients were answered. */
export interface CanaryReplies {
  attempts: number;
  unknownUser: number;
  accepted: number;
  readonly otherwise: FirstOf<Note>;
}

/** What the ledger holds its messages against. */
interface Beside {
  readonly mailboxes: Mailboxes;
  readonly outages: Outages;
  readonly queues: Queues;
  readonly sources: Sources;
}

const isFinal = (code: number | null): boolean => code !== null && code >= 500 && code < 600;

/** Folders of a volume in which no mail is kept: deliveries that never ended, and what a repair of the volume found. */
const NO_MAILBOX: ReadonlySet<string> = new Set(['tmp', 'lost+found']);

/** Whether a mail file lies where a mail store keeps what it has delivered. */
function isDelivery(path: string): boolean {
  return !path.split('/').some((part) => NO_MAILBOX.has(part));
}

/** Tells one listing of a queue from another; never 0, which stands for none (FNV-1a, 32 bits). */
function listingKey({ service, queueId }: EventOf<'queue.seen' | 'queue.left'>): number {
  let hash = 0x811c9dc5;
  const text = `${service}/${queueId}`;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash || 1;
}

/**
 * Folds a history into one record a message. Events are taken in the order written; call `close` when
 * there are no more.
 */
export class Ledger {
  readonly #mailboxes: Mailboxes;
  readonly #outages: Outages;
  readonly #queues: Queues;
  readonly #sources: Sources;
  readonly #table: MessageTable;

  /** Queue listings beyond the first at one time, and copies beyond the first: rare, so kept aside. */
  readonly #moreListings = new Map<number, Set<number>>();
  readonly #moreCopies = new Map<number, Set<string>>();
  readonly #canaryRecipients = new Set<string | undefined>();

  readonly #strays = new Strays();
  /** Bounces of valid recipients that name no message. */
  readonly strayBounces = new FirstOf<Stray>();
  /** Events about messages that were never created. */
  readonly orphans = new FirstOf<Stray>();
  /** Entries of which two parts cannot both be true; neither is believed. */
  readonly contradictions = new FirstOf<Stray>();
  /** DSNs to the null sender that name no message. */
  readonly dsnToNobody = new FirstOf<Stray>();
  readonly canaries: CanaryReplies = { attempts: 0, unknownUser: 0, accepted: 0, otherwise: new FirstOf() };
  /** Attempts that ended while a fault was felt anywhere, canaries left out. */
  attemptsInOutage = 0;
  dsns = 0;
  /** Deliveries in the stack's log that do not say of which message. */
  namelessDeliveries = 0;
  copiesSeen = 0;

  constructor({ mailboxes, outages, queues, sources }: Beside) {
    this.#mailboxes = mailboxes;
    this.#outages = outages;
    this.#queues = queues;
    this.#sources = sources;
    this.#table = new MessageTable(mailboxes);
  }

  /** How many messages were created. */
  get size(): number {
    return this.#table.size;
  }

  /** The message with this id, if it is one of this run. */
  find(id: string): Message | undefined {
    const row = this.#table.ids.find(id);
    return row === undefined ? undefined : new Message(this.#table, row);
  }

  /** Whether this is no canary: mail that comes as often as the scenario says. */
  isOfStream(id: string): boolean {
    const row = this.#table.ids.find(id);
    return row === undefined || this.#table.kindOf(row) !== 'canary';
  }

  /**
   * Every message in the order of creation. The object yielded is the same one each time, moved on:
   * take from it what you need before you go on.
   */
  *messages(): Generator<Message, void, undefined> {
    const message = new Message(this.#table, 0);
    for (let row = 0; row < this.size; row += 1) {
      message.row = row;
      yield message;
    }
  }

  /** Nothing more was seen than until now: what became of each message is decided by it. */
  close(end: End): void {
    this.#table.remains = new Map();
    this.#table.end = end;
    this.#table.remains = this.#strays.tie(this.#candidates());
  }

  /** Copies that belong to no message of this run, nor are what is left of one. */
  get strayCopies(): readonly (Stray & { readonly isListedOnly: boolean })[] {
    const tied = new Set(this.#table.remains.values());
    return this.#strays.all.filter((copy) => !tied.has(copy));
  }

  /** Copies of no message beyond those that can be told. */
  get moreStrayCopies(): number {
    return this.#strays.unkept;
  }

  *#candidates(): Generator<Candidate, void, undefined> {
    for (const message of this.messages()) {
      const { row, mailbox, handedOverAt, acceptedAt } = message;
      if (mailbox === undefined) continue;
      yield {
        row,
        mailbox,
        bytes: this.#table.bytes.get(row),
        bodySha256: this.#table.body.text(row),
        arrivedAt: handedOverAt ?? acceptedAt ?? Infinity,
        isMissing: message.isAccepted && !message.isWholeThere && !message.isBounced && !message.isListed,
      };
    }
  }

  created(event: EventOf<'message.created'>): void {
    const known = this.#table.ids.size;
    const row = this.#table.ids.intern(event.id);
    if (row < known) {
      this.orphans.add({ id: event.id, at: event.t, text: `the message ${event.id} was created twice` });
      return;
    }
    if (event.kind === 'canary') this.#canaryRecipients.add(event.to.toLowerCase());
    this.#table.kind.set(row, MESSAGE_KINDS.indexOf(event.kind));
    this.#table.from.set(row, this.#table.addresses.intern(event.from.toLowerCase()));
    this.#table.to.set(row, this.#table.addresses.intern(event.to.toLowerCase()));
    this.#table.bytes.set(row, event.bytes);
    this.#table.body.set(row, event.bodySha256);
    this.#table.headers.set(row, event.headersSha256);
  }

  attemptStarted({ id, t, attempt }: EventOf<'attempt.started'>): void {
    const row = this.#rowOf(id, t, 'attempt.started');
    if (row === undefined) return;
    const message = new Message(this.#table, row);
    const isStray = message.isAccepted || message.isUnderWay;
    if (isStray) {
      const when = message.isAccepted ? 'behind its acceptance' : 'before the one under way had ended';
      this.#contradict(id, t, `attempt ${attempt} of ${id} began ${when}`);
      this.#table.strayAttempts.bump(row);
    }
    this.#table.started.bump(row);
    if (Number.isNaN(this.#table.firstAttemptAt.get(row))) this.#table.firstAttemptAt.set(row, t);
  }

  attemptEnded(event: EventOf<'attempt.ended'>): void {
    const row = this.#rowOf(event.id, event.t, 'attempt.ended');
    if (row === undefined) return;
    if (this.#table.kindOf(row) === 'canary') {
      this.#endAttempt(row, event.t, event.outcome);
      this.#canaryAnswered(event);
      return;
    }
    const { id, t, attempt, at, reply } = event;
    const { outcome, refused, contradiction } = readAttempt(event);
    const name = `attempt ${attempt} of ${id}`;
    if (contradiction !== null) this.#contradict(id, t, `${name}: ${contradiction}`);
    const message = new Message(this.#table, row);
    if (!message.isUnderWay) {
      this.#contradict(id, t, `${name} ended and never began`);
      if (message.isAccepted) this.#table.strayAttempts.bump(row);
    }
    this.#endAttempt(row, t, outcome);
    if (this.#outages.isFelt) this.attemptsInOutage += 1;
    if (!refused) return;
    this.#table.raise(row, FLAG.refused);
    this.#table.note('refusal', row, t, `at ${at}: ${reply}`);
  }

  queueSeen(event: EventOf<'queue.seen'>): void {
    const row = this.#rowOf(event.id, event.t, 'queue.seen');
    if (row === undefined) return;
    if (event.enhanced?.startsWith('2') === true) {
      const text = `the queue of ${event.service} on ${event.id}: waiting against the status ${event.enhanced}`;
      this.#contradict(event.id, event.t, text);
    }
    if (Number.isNaN(this.#table.queuedAt.get(row))) this.#table.queuedAt.set(row, event.t);
    if (this.#list(row, listingKey(event))) this.#queues.account(event.service).list();
    if (event.reason !== '') this.#table.raise(row, FLAG.listedWithReason);
    this.#wait(row, event.t, event.enhanced, event.reason);
  }

  queueLeft(event: EventOf<'queue.left'>): void {
    const row = this.#rowOf(event.id, event.t, 'queue.left');
    if (row === undefined) return;
    this.#table.leftQueueAt.set(row, event.t);
    const account = this.#queues.account(event.service);
    if (this.#unlist(row, listingKey(event))) account.unlist();
    // Its listing saw the message go, whatever the log said of it last.
    if (this.#table.waitsIn.get(row) === account.number) this.#waitIn(row, 0);
  }

  logged(event: EventOf<'mta.logged'>): void {
    const { id, t, status, reply, recipient } = event;
    const bounced = status === 'bounced' || status === 'expired' || status === 'undeliverable';
    if (id === null) {
      if (status === 'sent' && !this.#sources.isOutsideMta(event.service)) this.namelessDeliveries += 1;
      if (bounced && this.#mailboxes.find(recipient) !== undefined) {
        this.strayBounces.add({
          id,
          at: t,
          text: `${event.service} log: ${status} for ${recipient}: ${reply}`,
        });
      }
      return;
    }
    const row = this.#rowOf(id, t, 'mta.logged');
    if (row === undefined) return;
    const contradiction = logContradiction(event);
    if (contradiction !== null)
      this.#contradict(id, t, `the log of ${event.service} on ${id}: ${contradiction}`);
    this.#table.hops.bump(row);
    if (status === 'sent' && !this.#sources.isOutsideMta(event.service)) this.#table.handedOverAt.set(row, t);
    this.#waitIn(row, status === 'deferred' ? this.#queues.account(event.service).number : 0);
    const nextHop = event.nextHop ?? postfix.readNextHop(reply);
    if (status === 'deferred') {
      this.#table.deferredAt.set(row, t);
      this.#wait(row, t, event.enhanced, reply);
      if (nextHop.unanswered) this.#table.hopsUnanswered.bump(row);
    }
    if (bounced) {
      this.#table.loggedBounces.bump(row);
      this.#table.note(
        'bounce',
        row,
        t,
        `${event.service} log: status=${status} dsn=${event.enhanced ?? '?'} ${reply}`,
      );
    }
    if (nextHop.refused) {
      this.#table.raise(row, FLAG.refusedByStore);
      this.#table.note('storeRefusal', row, t, `${event.service} log: ${reply}`);
    }
  }

  copyFound(event: EventOf<'copy.found'>): void {
    this.copiesSeen += 1;
    const mailbox = this.#mailboxes.find(event.mailbox);
    const row = this.#table.ids.find(event.id);
    const place = `UID ${event.uid} of ${event.mailbox}`;
    if (row === undefined) {
      if (mailbox?.held(event) === true) return;
      this.#strays.add({
        ...event,
        at: event.t,
        mailbox,
        generation: mailbox?.generation(event.uidValidity) ?? 0,
        isListedOnly: false,
        text: `${place}, ${event.bytes} bytes`,
      });
      return;
    }
    if (mailbox === undefined || mailbox !== this.#table.mailboxOf(row)) {
      this.#table.elsewhere.bump(row);
      this.#table.note('misdelivery', row, event.t, place);
    } else {
      const { uid, t } = event;
      this.#countCopy(row, { uid, t, place }, mailbox.generation(event.uidValidity));
      this.#table.presentIn.set(row, mailbox.afterListings);
    }
    this.#compare(row, event, place);
  }

  outsideReceived(event: EventOf<'outside.received'>): void {
    this.copiesSeen += 1;
    // Of a message without headers the envelope says which one it is.
    const id = event.id ?? idInAddress(event.to) ?? idInAddress(event.from);
    const row = this.#table.ids.find(id);
    const place = `outside, to ${event.to}`;
    if (row === undefined) {
      const text = `${place}, from ${event.from}`;
      this.#strays.add({
        ...event,
        at: event.t,
        mailbox: undefined,
        uid: 0,
        generation: 0,
        isListedOnly: false,
        text,
      });
      return;
    }
    if (
      this.#table.kindOf(row) !== 'outbound' ||
      this.#table.addresses.find(event.to.toLowerCase()) !== this.#table.to.get(row)
    ) {
      this.#table.elsewhere.bump(row);
      this.#table.note('misdelivery', row, event.t, place);
    } else {
      if (Number.isNaN(this.#table.firstCopyAt.get(row))) this.#table.firstCopyAt.set(row, event.t);
      this.#table.copies.bump(row);
      if (this.#table.copies.get(row) > 1) this.#table.note('copy', row, event.t, place);
    }
    this.#compare(row, event, place);
  }

  dsnReceived(event: EventOf<'dsn.received'>): void {
    this.dsns += 1;
    const { id, t, action, status, recipient, diagnostic, to } = event;
    const { says, contradiction } = readDsn(event);
    const failed = says === 'failed';
    if (contradiction !== null)
      this.#contradict(id, t, `a notice about ${id ?? recipient ?? 'nobody knows what'}: ${contradiction}`);
    const what = `DSN to ${to}: Action: ${action}, Status: ${status ?? '?'}, for ${recipient ?? '?'}: ${diagnostic}`;
    const mailbox = this.#mailboxes.find(to);
    if (mailbox !== undefined && event.place !== 'outside')
      this.#strays.notice(
        event,
        mailbox,
        event.uidValidity === undefined ? null : mailbox.generation(event.uidValidity),
      );
    const row = this.#table.ids.find(id);
    if (row === undefined) {
      if (to === '' || to === '<>') this.dsnToNobody.add({ id, at: t, text: what });
      // Of a recipient that never existed, a bounce is what is expected.
      const canary = this.#canaryRecipients.has(recipient?.toLowerCase());
      if (failed && !canary) this.strayBounces.add({ id, at: t, text: what });
      return;
    }
    if (failed) {
      this.#table.dsnFailed.bump(row);
      this.#table.note('bounce', row, t, what);
    } else if (says === 'delayed') this.#table.dsnDelayed.bump(row);
    if (failed || action === 'delayed') this.#table.note('dsn', row, t, what);
    if (this.#table.addresses.find(to.toLowerCase()) !== this.#table.from.get(row))
      this.#table.raise(row, FLAG.dsnElsewhere);
  }

  fileFound({ id, t, where, path }: EventOf<'file.found'>): void {
    const row = this.#table.ids.find(id);
    if (row === undefined) return;
    this.#table.raise(row, where === 'volume' ? FLAG.onVolume : FLAG.underMount);
    if (where === 'volume' && isDelivery(path)) this.#table.raise(row, FLAG.inStore);
    this.#table.note(
      'file',
      row,
      t,
      where === 'volume' ? `file on the volume: ${path}` : `file under the mount: ${path}`,
    );
  }

  /**
   * The listing at the end says which copies are there to stay. A store that lost its index numbers the
   * same messages anew: what was seen under another UID before is no second copy.
   */
  listedAfter(event: EventOf<'mailbox.listed'>, mailbox: MailboxRecord): void {
    const generation = mailbox.generation(event.uidValidity);
    const listed = new Set<number>();
    let seenAt: ReadonlyMap<number, number> | undefined;
    for (const { id, uid, bodySha256 } of event.messages) {
      const place = `UID ${uid} of ${event.mailbox} at the end`;
      const named = this.#table.ids.find(id);
      // Only what names no message asks for this, and it takes a look at every message.
      if (named === undefined) seenAt ??= this.#rowsByUid(mailbox, generation);
      const row = named ?? seenAt?.get(uid);
      if (row === undefined) {
        if (!mailbox.held({ uid, uidValidity: event.uidValidity, bodySha256 }))
          this.#strays.add({
            id,
            at: event.t,
            mailbox,
            uid,
            generation,
            bytes: null,
            bodySha256,
            isListedOnly: true,
            text: place,
          });
        continue;
      }
      if (this.#table.mailboxOf(row) !== mailbox) {
        if (this.#table.elsewhere.get(row) > 0) continue;
        this.#table.elsewhere.bump(row);
        this.#table.note('misdelivery', row, event.t, place);
        continue;
      }
      this.#table.presentIn.set(row, mailbox.afterListings);
      if (!listed.has(row)) {
        listed.add(row);
        this.#table.copies.set(row, 0);
        this.#moreCopies.delete(row);
      }
      this.#countCopy(row, { uid, t: event.t, place }, generation);
      if (this.#table.corrupt.get(row) > 0) continue;
      const isBodySame = this.#table.body.equals(row, bodySha256);
      if (isBodySame && this.#table.ids.find(id) === row) continue;
      this.#table.corrupt.bump(row);
      const what = isBodySame ? 'the headers differ' : 'the body differs';
      this.#table.note('corruption', row, event.t, `${place}: ${what}`);
    }
  }

  /** The messages of which a copy was seen in a mailbox before, by its UID. */
  #rowsByUid(mailbox: MailboxRecord, generation: number): ReadonlyMap<number, number> {
    const { copies, uid, generation: generations } = this.#table;
    const rows = new Map<number, number>();
    for (let row = 0; row < this.size; row += 1) {
      if (copies.get(row) === 0 || generations.get(row) !== generation) continue;
      if (this.#table.mailboxOf(row) === mailbox && !rows.has(uid.get(row))) rows.set(uid.get(row), row);
    }
    return rows;
  }

  #endAttempt(row: number, t: number, outcome: Outcome): void {
    this.#table.outcomes[outcome].bump(row);
    this.#table.lastOutcome.set(row, OUTCOMES.indexOf(outcome));
    if (Number.isNaN(this.#table.firstAttemptAt.get(row))) this.#table.firstAttemptAt.set(row, t);
    if (outcome === 'accepted' && Number.isNaN(this.#table.acceptedAt.get(row)))
      this.#table.acceptedAt.set(row, t);
  }

  /** MTAs do not agree on the code of an unknown user (550, 553, 524, ...): that it is final, and said at RCPT, is enough. */
  #canaryAnswered(event: EventOf<'attempt.ended'>): void {
    const { outcome, code, at, reply, t } = event;
    this.canaries.attempts += 1;
    if (outcome === 'accepted') {
      this.canaries.accepted += 1;
      return;
    }
    const { contradiction } = readAttempt(event);
    if (contradiction !== null) this.canaries.otherwise.add({ at: t, text: `${contradiction}: ${reply}` });
    else if (outcome === 'rejected' && at === 'rcpt' && isFinal(code)) this.canaries.unknownUser += 1;
    else if (outcome === 'rejected') this.canaries.otherwise.add({ at: t, text: reply });
  }

  #contradict(id: string | null, at: number, text: string): void {
    this.contradictions.add({ id, at, text });
  }

  #wait(row: number, at: number, enhanced: string | null, reason: string): void {
    this.#table.raise(row, FLAG.waited);
    if (enhanced?.startsWith('5') === true) this.#table.raise(row, FLAG.waitedWithClass5);
    else if (reason !== '' || enhanced !== null) this.#table.raise(row, FLAG.waitedWithReason);
    else return;
    this.#table.note('wait', row, at, reason);
  }

  /** Whether it was not listed so before. */
  #list(row: number, key: number): boolean {
    if (this.#table.listing.get(row) === key || this.#moreListings.get(row)?.has(key) === true) return false;
    this.#table.listings.bump(row);
    if (this.#table.listing.get(row) === 0) {
      this.#table.listing.set(row, key);
      return true;
    }
    const more = this.#moreListings.get(row) ?? new Set();
    this.#moreListings.set(row, more);
    more.add(key);
    return true;
  }

  /** Whether it was listed so before. */
  #unlist(row: number, key: number): boolean {
    const more = this.#moreListings.get(row);
    if (this.#table.listing.get(row) === key) this.#table.listing.set(row, 0);
    else if (more?.delete(key) !== true) return false;
    this.#table.listings.set(row, this.#table.listings.get(row) - 1);
    return true;
  }

  /** By the logs, the message waits in the queue with this number; 0: in none. */
  #waitIn(row: number, number: number): void {
    const before = this.#table.waitsIn.get(row);
    if (before === number) return;
    this.#table.waitsIn.set(row, number);
    this.#queues.accountOf(before)?.wait(-1);
    this.#queues.accountOf(number)?.wait(1);
  }

  #countCopy(row: number, { uid, t, place }: CopySeen, generation: number): void {
    if (Number.isNaN(this.#table.firstCopyAt.get(row))) this.#table.firstCopyAt.set(row, t);
    if (this.#table.copies.get(row) === 0) {
      this.#table.copies.set(row, 1);
      this.#table.uid.set(row, uid);
      this.#table.generation.set(row, generation);
      return;
    }
    // Under another UIDVALIDITY the same copy has another UID: copies are counted for each of its own.
    const first = `${this.#table.generation.get(row)}/${this.#table.uid.get(row)}`;
    const more = this.#moreCopies.get(row) ?? new Set([first]);
    more.add(`${generation}/${uid}`);
    this.#moreCopies.set(row, more);
    const prefix = `${generation}/`;
    const copies = [...more].filter((copy) => copy.startsWith(prefix)).length;
    if (copies <= this.#table.copies.get(row)) return;
    this.#table.copies.set(row, copies);
    this.#table.note('copy', row, t, place);
  }

  #compare(row: number, event: EventOf<'copy.found' | 'outside.received'>, place: string): void {
    const sent = this.#table.bytes.get(row);
    const body = this.#table.body.equals(row, event.bodySha256);
    const headers = this.#table.headers.equals(row, event.headersSha256);
    if (body && headers && event.bytes === sent) return;
    this.#table.corrupt.bump(row);
    const what = [
      event.bytes === sent ? '' : `${event.bytes} of ${sent} bytes`,
      body ? '' : 'the body differs',
      headers ? '' : 'the headers differ',
    ];
    this.#table.note(
      'corruption',
      row,
      event.t,
      `${place}: ${what.filter((part) => part !== '').join(', ')}`,
    );
  }

  #rowOf(id: string, at: number, type: string): number | undefined {
    const row = this.#table.ids.find(id);
    if (row === undefined) this.orphans.add({ id, at, text: `${type} names ${id}, which was never created` });
    return row;
  }
}
