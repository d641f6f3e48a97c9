import type { EventOf } from './event.js';

type Listed = EventOf<'mailbox.listed'>['messages'][number];

/** Something that a mailbox showed and should not have, with how often and when. */
export interface MailboxDeviation {
  readonly text: string;
  readonly firstAt: number;
  lastAt: number;
  times: number;
}

/** `\Recent` belongs to the session that sees it first, not to the message (RFC 3501 section 2.3.2). */
const flagsOf = (message: Listed) =>
  message.flags
    .filter((flag) => flag.toLowerCase() !== '\\recent')
    .sort()
    .join(' ');

/** What is known of one mailbox: what it held before, and every way in which it differed later. */
export class MailboxRecord {
  readonly address: string;
  readonly volume: string;
  #before: Map<number, Listed> | null = null;
  #beforeValidity: string | null = null;
  #beforeAt: number | null = null;
  #afterListings = 0;
  #firstAfterAt: number | null = null;
  #lastAfterAt: number | null = null;
  #afterDeviations: MailboxDeviation[] = [];
  readonly #visitDeviations = new Map<string, MailboxDeviation>();
  readonly #generations = new Map<string, number>();
  #visits = 0;

  constructor(address: string, volume: string) {
    this.address = address;
    this.volume = volume;
  }

  /** How many messages it held before the first fault; null when it was not listed then. */
  get messagesBefore(): number | null {
    return this.#before?.size ?? null;
  }

  /** When it was listed before the first fault. */
  get beforeAt(): number | null {
    return this.#beforeAt;
  }

  /** How often it was listed at the end. */
  get afterListings(): number {
    return this.#afterListings;
  }

  /** When it was first listed at the end. */
  get firstAfterAt(): number | null {
    return this.#firstAfterAt;
  }

  /** When it was last listed at the end: what lies in it now was there then, or was seen to come since. */
  get lastAfterAt(): number | null {
    return this.#lastAfterAt;
  }

  /** Visits of readers that got as far as a count of messages. */
  get visits(): number {
    return this.#visits;
  }

  /** From the last listing at the end, then from the readers' visits. */
  get deviations(): readonly MailboxDeviation[] {
    return [...this.#afterDeviations, ...this.#visitDeviations.values()];
  }

  /** Whether a copy is one of the messages that were there before the first fault. */
  held(copy: Pick<EventOf<'copy.found'>, 'uid' | 'uidValidity' | 'bodySha256'>): boolean {
    const before = this.#before;
    if (before === null) return false;
    if (copy.uidValidity === this.#beforeValidity && before.has(copy.uid)) return true;
    // Under another UIDVALIDITY the UIDs are others, the messages are not.
    return [...before.values()].some((message) => message.bodySha256 === copy.bodySha256);
  }

  /** A small number for each UIDVALIDITY that the mailbox has had, from 1 on. */
  generation(uidValidity: string): number {
    let generation = this.#generations.get(uidValidity);
    if (generation === undefined) {
      generation = this.#generations.size + 1;
      this.#generations.set(uidValidity, generation);
    }
    return generation;
  }

  list(event: EventOf<'mailbox.listed'>): void {
    if (event.stage === 'before') {
      if (this.#before !== null) return;
      this.#before = new Map(event.messages.map((message) => [message.uid, message]));
      this.#beforeValidity = event.uidValidity;
      this.#beforeAt = event.t;
      return;
    }
    this.#afterListings += 1;
    this.#firstAfterAt ??= event.t;
    this.#lastAfterAt = event.t;
    this.#afterDeviations = [];
    if (this.#before === null) return;
    const add = (text: string) => {
      this.#afterDeviations.push({ text, firstAt: event.t, lastAt: event.t, times: 1 });
    };
    if (event.uidValidity !== this.#beforeValidity) {
      add(`UIDVALIDITY changed from ${String(this.#beforeValidity)} to ${event.uidValidity}`);
    }
    const after = new Map(event.messages.map((message) => [message.uid, message]));
    for (const [uid, before] of this.#before) {
      const now = after.get(uid);
      if (now === undefined) {
        const renumbered = event.messages.find(({ bodySha256 }) => bodySha256 === before.bodySha256);
        add(renumbered === undefined ? `UID ${uid} is gone` : `UID ${uid} is UID ${renumbered.uid} now`);
      } else if (now.bodySha256 !== before.bodySha256) add(`UID ${uid} has another content`);
      else if (flagsOf(now) !== flagsOf(before)) {
        add(`UID ${uid} has the flags (${flagsOf(now)}) instead of (${flagsOf(before)})`);
      }
    }
  }

  visit(event: EventOf<'reader.visited'>): void {
    if (event.exists !== null) this.#visits += 1;
    if (this.#before === null) return;
    const held = this.#before.size;
    if (event.exists === 0 && held > 0) this.#deviate(event.t, `shown empty, it held ${held}`);
    else if (event.exists !== null && event.exists < held) {
      this.#deviate(event.t, `shown with fewer messages than the ${held} it held`);
    }
    if (event.uidValidity !== null && event.uidValidity !== this.#beforeValidity) {
      this.#deviate(event.t, `UIDVALIDITY shown as another than ${String(this.#beforeValidity)}`);
    }
    if (event.known === 'missing') this.#deviate(event.t, 'the known message was not there');
    if (event.known === 'changed') this.#deviate(event.t, 'the known message had another content');
  }

  #deviate(at: number, text: string): void {
    const known = this.#visitDeviations.get(text);
    if (known === undefined) {
      this.#visitDeviations.set(text, { text, firstAt: at, lastAt: at, times: 1 });
      return;
    }
    known.lastAt = at;
    known.times += 1;
  }
}

/** The mailboxes of a run, by address; addresses are compared without regard to case. */
export class Mailboxes {
  readonly #byAddress = new Map<string, MailboxRecord>();

  add(address: string, volume: string): MailboxRecord {
    const key = address.toLowerCase();
    let mailbox = this.#byAddress.get(key);
    if (mailbox === undefined) {
      mailbox = new MailboxRecord(address, volume);
      this.#byAddress.set(key, mailbox);
    }
    return mailbox;
  }

  find(address: string): MailboxRecord | undefined {
    return this.#byAddress.get(address) ?? this.#byAddress.get(address.toLowerCase());
  }

  get size(): number {
    return this.#byAddress.size;
  }

  get all(): readonly MailboxRecord[] {
    return [...this.#byAddress.values()];
  }

  /** When the last mailbox was filled and listed: what came before is no ordinary mail. 0 where none was. */
  get filledAt(): number {
    return this.all.reduce((last, { beforeAt }) => Math.max(last, beforeAt ?? 0), 0);
  }

  /** When the run began to take stock: the first listing at the end. Null before. */
  get stockAt(): number | null {
    const listed = this.all.flatMap(({ firstAfterAt }) => firstAfterAt ?? []);
    return listed.length === 0 ? null : Math.min(...listed);
  }

  /** The volumes that mailboxes lie on. */
  get volumes(): ReadonlySet<string> {
    return new Set(this.all.map((mailbox) => mailbox.volume));
  }
}
