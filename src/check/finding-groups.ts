import type { Message } from '../history/messages.js';
import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import type { Finding, FindingGroup, MessageSum, Subject } from './result.js';

const SUBJECTS = {
  message: { one: 'message', many: 'messages', where: 'to' },
  mailbox: { one: 'difference', many: 'differences', where: 'on' },
  login: { one: 'login', many: 'logins', where: 'on' },
  operation: { one: 'operation', many: 'operations', where: 'on' },
  bounce: { one: 'bounce', many: 'bounces', where: 'on' },
  copy: { one: 'copy', many: 'copies', where: 'on' },
  notice: { one: 'notice', many: 'notices', where: 'on' },
} as const satisfies Record<Subject, { readonly one: string; readonly many: string; readonly where: string }>;

/** What a finding has in common with others of its check. Where all but `atMs` and `message` are the same, they are of one kind. */
export interface FindingKind {
  /** What is wrong, in words that fit one and many: `bounced; a DSN of failure went to the sender`. */
  readonly what: string;
  readonly subject: Subject;
  /** A volume, or `outside`; null where it is about no place. */
  readonly place: string | null;
  /** What `atMs` is the time of: `accepted`, `first tried`; empty where it needs no word. */
  readonly when: string;
  readonly atMs: number | null;
  /** The message it is about; null where it is about none. */
  readonly message: string | null;
}

/** More kinds than this in one check are no help to anybody: what comes later is counted in one group. */
const MAX_KINDS = 24;
const OF_OTHER_KINDS = 'of other kinds';
const NOT_LISTED = 'not listed';

/** The kind of a finding about a message, by the time it was accepted. */
export function ofMessage(message: Message, what: string): FindingKind {
  const { id, volume, acceptedAt, firstAttemptAt } = message;
  const isAccepted = acceptedAt !== null;
  return {
    what,
    subject: 'message',
    place: volume ?? 'outside',
    when: isAccepted ? 'accepted' : 'first tried',
    atMs: acceptedAt ?? firstAttemptAt,
    message: id,
  };
}

type Growing = { -readonly [K in keyof Omit<FindingGroup, 'members' | 'messageSet'>]: FindingGroup[K] } & {
  readonly members: number[];
  messages: MessageSet | null;
};

/** Groups the findings of one check by kind as they come. */
export class FindingGroups {
  readonly #groups = new Map<string, Growing>();

  /**
   * Counts `count` findings of a kind.
   * @param listedAs the finding's place in the check's list; null where it is not listed.
   */
  add(kind: FindingKind, listedAs: number | null, count = 1): void {
    const { what, subject, place, when, atMs, message } = kind;
    const group = this.#group(JSON.stringify([what, subject, place, when]), { what, subject, place, when });
    this.#count(group, listedAs, count, atMs);
    if (message === null) group.messages = null;
    else group.messages?.add(message);
  }

  /** Counts a finding that is of no kind with others. */
  addAlone({ summary, atMs, messages }: Finding, listedAs: number): void {
    const about = { what: summary, subject: null, place: null, when: '' };
    const group = this.#group(`alone ${listedAs}`, about);
    this.#count(group, listedAs, 1, atMs);
    if (messages.length === 0) group.messages = null;
    for (const id of messages) group.messages?.add(id);
  }

  /** Counts findings of which nothing but their number is known. */
  addUnlisted(count: number): void {
    const group = this.#group(NOT_LISTED, { what: NOT_LISTED, subject: null, place: null, when: '' });
    this.#count(group, null, count, null);
    group.messages = null;
  }

  /** The groups so far, the largest first. */
  all(): readonly FindingGroup[] {
    return [...this.#groups.values()]
      .map(({ messages, ...group }) => ({ ...group, messageSet: messages?.sum ?? null }))
      .sort((a, b) => b.count - a.count);
  }

  #group(key: string, about: Pick<FindingGroup, 'what' | 'subject' | 'place' | 'when'>): Growing {
    const isFull = this.#groups.size >= MAX_KINDS && !this.#groups.has(key);
    const known = this.#groups.get(isFull ? OF_OTHER_KINDS : key);
    if (known !== undefined) return known;
    const own = isFull ? { what: OF_OTHER_KINDS, subject: null, place: null, when: '' } : about;
    const group = { ...own, count: 0, firstAt: null, lastAt: null, members: [], messages: new MessageSet() };
    this.#groups.set(isFull ? OF_OTHER_KINDS : key, group);
    return group;
  }

  #count(group: Growing, listedAs: number | null, count: number, atMs: number | null): void {
    group.count += count;
    if (listedAs !== null) group.members.push(listedAs);
    if (atMs === null) return;
    group.firstAt = Math.min(group.firstAt ?? atMs, atMs);
    group.lastAt = Math.max(group.lastAt ?? atMs, atMs);
  }
}

const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5;

/** Tells whether two sets of messages are the same without keeping them: a run may lose a million. Order does not matter. */
class MessageSet {
  #count = 0;
  readonly #sums: [number, number] = [0, 0];

  add(id: string): void {
    this.#count += 1;
    let [one, other] = [FNV_BASIS, ~FNV_BASIS];
    for (let index = 0; index < id.length; index += 1) {
      one = Math.imul(one ^ id.charCodeAt(index), FNV_PRIME);
      other = Math.imul(other ^ (id.charCodeAt(index) + index), FNV_PRIME);
    }
    this.#sums[0] = (this.#sums[0] + one) | 0;
    this.#sums[1] = (this.#sums[1] + other) | 0;
  }

  get sum(): MessageSum | null {
    return this.#count === 0 ? null : { count: this.#count, hashes: [...this.#sums] };
  }
}

function isSame(one: MessageSum, other: MessageSum | null): boolean {
  return other?.count === one.count && one.hashes.every((hash, index) => other.hashes[index] === hash);
}

/** All messages that a check names; null where it names none. */
function allOf(groups: readonly FindingGroup[]): MessageSum | null {
  const sums = groups.flatMap(({ messageSet }) => messageSet ?? []);
  return sums.length === 0
    ? null
    : sums.reduce((all, { count, hashes: [first, second] }) => ({
        count: all.count + count,
        hashes: [(all.hashes[0] + first) | 0, (all.hashes[1] + second) | 0],
      }));
}

type GroupedCheck = {
  readonly name: string;
  readonly findings: readonly Finding[];
  readonly groups: readonly FindingGroup[];
};

/** The check before this one that names exactly the same messages, in one group or in all; null where none has, or it names none. */
export function sameMessagesAs(
  group: FindingGroup,
  own: GroupedCheck,
  checks: readonly GroupedCheck[],
): string | null {
  const { messageSet } = group;
  if (messageSet === null) return null;
  const before = checks.slice(
    0,
    checks.findIndex(({ name }) => name === own.name),
  );
  const same = before.find(
    ({ groups }) =>
      isSame(messageSet, allOf(groups)) || groups.some((each) => isSame(messageSet, each.messageSet)),
  );
  return same?.name ?? null;
}

/** `11.4–26.6 s`, or one time where both are told alike. */
function span(firstMs: number, lastMs: number): string {
  const [first, last] = [formatDurationMs(firstMs), formatDurationMs(lastMs)];
  if (first === last) return `at ${first}`;
  const unit = / \S+$/.exec(last)?.[0] ?? '';
  return first.endsWith(unit) && !/\s/.test(first.slice(0, -unit.length))
    ? `${first.slice(0, -unit.length)}–${last}`
    : `${first} – ${last}`;
}

/**
 * A group in one sentence: `57 messages to gold, accepted 11.4–26.6 s: seen, then gone`. What is alone of its kind is told
 * by its own summary.
 */
export function groupSummary(
  group: FindingGroup,
  { findings }: Pick<GroupedCheck, 'findings'>,
  simulatedAt: (atMs: number) => string | null = () => null,
): string {
  const { what, subject, place, when, count, firstAt, lastAt, members } = group;
  const [only] = members;
  if (count === 1 && only !== undefined) return findings[only]?.summary ?? what;
  if (subject === null) return `${formatCount(count)} more, ${what}`;
  const { one, many, where } = SUBJECTS[subject];
  const counted = `${formatCount(count)} ${count === 1 ? one : many}`;
  const at = place === null ? '' : ` ${where} ${place}`;
  if (firstAt === null || lastAt === null) return `${counted}${at}: ${what}`;
  const simulated = [...new Set([firstAt, lastAt].flatMap((ms) => simulatedAt(ms) ?? []))];
  const aside = simulated.length === 0 ? '' : ` (simulated ${simulated.join(' – ')})`;
  return `${counted}${at}, ${`${when} ${span(firstAt, lastAt)}`.trim()}${aside}: ${what}`;
}
