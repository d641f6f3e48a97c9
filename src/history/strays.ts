import type { EventOf } from './event.js';
import type { MailboxRecord } from './mailboxes.js';

/** Something in a mailbox that says of no message of the run that it is one. Times are `t`. */
export interface StrayCopy {
  readonly id: string | null;
  readonly at: number;
  readonly mailbox: MailboxRecord | undefined;
  readonly uid: number;
  readonly generation: number;
  /** Null where only a listing shows it. */
  readonly bytes: number | null;
  readonly bodySha256: string;
  /** Nobody saw it come: only the listing at the end has it. */
  readonly isListedOnly: boolean;
  readonly text: string;
}

/** A message of which a stray may be what is left. */
export interface Candidate {
  readonly row: number;
  readonly mailbox: MailboxRecord;
  readonly bytes: number;
  readonly bodySha256: string;
  /** When it was handed over by the log, or else accepted. */
  readonly arrivedAt: number;
  /** It was found nowhere. */
  readonly isMissing: boolean;
}

/** So many are kept: more of them are a run that says nothing else. */
const MAX_STRAYS = 1_000;
/** A copy may be seen so long before the log tells of its delivery. */
const SEEN_BEFORE_MS = 2_000;

/** Copies that name no message of the run: what is left of damaged ones, notices that nobody read, and ghosts. */
export class Strays {
  readonly #copies: StrayCopy[] = [];
  readonly #places = new Set<string>();
  /** Notices by where they lie; in runs before 0.2 only how many each mailbox got. */
  readonly #notices = new Set<string>();
  readonly #placelessNotices = new Map<MailboxRecord, number>();
  #unkept = 0;

  /** Copies beyond those that are kept, which nobody can tie to a message. */
  get unkept(): number {
    return this.#unkept;
  }

  get all(): readonly StrayCopy[] {
    return this.#copies;
  }

  add(copy: StrayCopy): void {
    const place = placeOf(copy.mailbox, copy.uid, copy.generation);
    if (copy.mailbox !== undefined && this.#places.has(place)) return;
    if (copy.isListedOnly && copy.id === null && this.#isNotice(copy.mailbox, place)) return;
    if (this.#copies.length >= MAX_STRAYS) {
      this.#unkept += 1;
      return;
    }
    this.#places.add(place);
    this.#copies.push(copy);
  }

  /** A notice lies in a mailbox: its listing shows it without an id. */
  notice({ uid }: EventOf<'dsn.received'>, mailbox: MailboxRecord, generation: number | null): void {
    if (uid !== undefined && generation !== null) this.#notices.add(placeOf(mailbox, uid, generation));
    else this.#placelessNotices.set(mailbox, (this.#placelessNotices.get(mailbox) ?? 0) + 1);
  }

  /**
   * Ties strays to messages for the same mailbox: to the one with the same body, or else to one that was found nowhere,
   * of the same size or delivered next to when it was seen. Gives the strays by the messages' rows.
   */
  tie(candidates: Iterable<Candidate>): ReadonlyMap<number, StrayCopy> {
    const tied = new Map<number, StrayCopy>();
    const waiting = new Map<MailboxRecord, StrayCopy[]>();
    for (const copy of this.#copies) {
      if (copy.mailbox === undefined || copy.id !== null) continue;
      waiting.set(copy.mailbox, [...(waiting.get(copy.mailbox) ?? []), copy]);
    }
    const missing: Candidate[] = [];
    for (const candidate of waiting.size === 0 ? [] : candidates) {
      const strays = waiting.get(candidate.mailbox);
      const same = strays?.findIndex(({ bodySha256 }) => bodySha256 === candidate.bodySha256) ?? -1;
      const [copy] = same < 0 ? [] : (strays?.splice(same, 1) ?? []);
      if (copy !== undefined) tied.set(candidate.row, copy);
      else if (candidate.isMissing && strays !== undefined) missing.push(candidate);
    }
    for (const candidate of missing) {
      const strays = waiting.get(candidate.mailbox) ?? [];
      const best = closest(candidate, strays);
      if (best === undefined) continue;
      tied.set(candidate.row, best);
      strays.splice(strays.indexOf(best), 1);
    }
    return tied;
  }

  #isNotice(mailbox: MailboxRecord | undefined, place: string): boolean {
    if (this.#notices.has(place)) return true;
    if (mailbox === undefined) return false;
    const left = this.#placelessNotices.get(mailbox) ?? 0;
    if (left === 0) return false;
    this.#placelessNotices.set(mailbox, left - 1);
    return true;
  }
}

function closest({ bytes, arrivedAt }: Candidate, strays: readonly StrayCopy[]): StrayCopy | undefined {
  const after = strays.filter(({ at }) => arrivedAt <= at + SEEN_BEFORE_MS);
  const first = after.reduce<StrayCopy | undefined>(
    (best, copy) => (best === undefined || copy.at < best.at ? copy : best),
    undefined,
  );
  return after.find((copy) => copy.bytes === bytes) ?? first;
}

const placeOf = (mailbox: MailboxRecord | undefined, uid: number, generation: number): string =>
  `${mailbox?.address ?? ''}/${generation}/${uid}`;
