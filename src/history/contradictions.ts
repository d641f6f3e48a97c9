import type { EventOf, Outcome } from './event.js';

type Ended = EventOf<'attempt.ended'>;

/** What the parts of one entry say, in the classes of RFC 5321 section 4.2.1 and RFC 3463 section 2. */
type Class = '2' | '4' | '5' | 'none';

/** One part of an entry, and what it says. */
interface Side {
  readonly name: string;
  readonly says: Class;
}

/** An attempt as its reply lets it stand. */
export interface ReadAttempt {
  readonly outcome: Outcome;
  /** A 5xx reply refused it, whatever it is called. */
  readonly refused: boolean;
  /** Two parts of it that cannot both be true; null where all agree. */
  readonly contradiction: string | null;
}

/** The outcomes that a reply decides, and its class; the others had none. */
const CLASS_OF: Readonly<Record<Outcome, Class>> = {
  accepted: '2',
  deferred: '4',
  rejected: '5',
  ambiguous: 'none',
  unsent: 'none',
};
const REPLY_LINE = /^([1-5])\d\d(?:[ -]|$)/;
/** RFC 2034 section 4: an enhanced code stands right behind the reply code. */
const ENHANCED = /^[1-5]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})(?![\d.])/;

function classOf(text: string): Class {
  const digit = text.charAt(0);
  return digit === '2' || digit === '4' || digit === '5' ? digit : 'none';
}

/** The codes that a reply itself shows, line by line (RFC 5321 section 4.2.1). */
function replySides(reply: string): readonly Side[] {
  return reply.split(/\r?\n/).flatMap((line) => {
    const code = REPLY_LINE.exec(line)?.[0];
    if (code === undefined) return [];
    const enhanced = ENHANCED.exec(line)?.[1];
    const text: Side = { name: `the reply "${line}"`, says: classOf(code) };
    return enhanced === undefined ? [text] : [text, { name: `${enhanced} in it`, says: classOf(enhanced) }];
  });
}

/** An enhanced code that stands elsewhere in the text is a version or an address, and says nothing. */
function enhancedSide(enhanced: string | null, text: string): readonly Side[] {
  if (enhanced === null || (text.includes(enhanced) && ENHANCED.exec(text)?.[1] !== enhanced)) return [];
  return [{ name: `the status ${enhanced}`, says: classOf(enhanced) }];
}

/** The first two that differ. */
function disagreement([first, ...others]: readonly Side[]): string | null {
  const other = others.find(({ says }) => says !== first?.says);
  return first === undefined || other === undefined ? null : `${first.name} against ${other.name}`;
}

/**
 * Holds an attempt's outcome against its reply. A contradiction is believed neither way: who may have taken the message
 * is ambiguous, who cannot have taken it has refused it only where a 5xx reply says so.
 */
export function readAttempt(event: Ended): ReadAttempt {
  const { outcome, code, enhanced, reply } = event;
  const sides = replySides(reply);
  const codeSide: readonly Side[] =
    code === null ? [] : [{ name: `the code ${code}`, says: classOf(String(code)) }];
  const contradiction =
    CLASS_OF[outcome] === 'none'
      ? contradictedSilence(event, sides)
      : contradictedAnswer(event, [...codeSide, ...enhancedSide(enhanced, reply), ...sides]);
  const [said = codeSide[0]] = sides;
  const refused = said?.says === '5' && (codeSide[0]?.says ?? '5') === '5';
  if (contradiction === null) return { outcome, refused, contradiction };
  const isTaken = [...codeSide, ...sides].some(({ says }) => says === '2');
  const mayBeTaken = isTaken || outcome === 'accepted' || (outcome === 'ambiguous' && !refused);
  return { outcome: mayBeTaken ? 'ambiguous' : refused ? 'rejected' : 'unsent', refused, contradiction };
}

/** Accepted, deferred or rejected: there was a reply, and all of it says so. An acceptance comes behind the final dot. */
function contradictedAnswer({ outcome, reply, at }: Ended, sides: readonly Side[]): string | null {
  if (replySides(reply).length === 0) return `${outcome} against ${reply === '' ? 'no reply' : `"${reply}"`}`;
  if (outcome === 'accepted' && at !== 'dot') return `accepted against an end at ${at}`;
  return disagreement([{ name: outcome, says: CLASS_OF[outcome] }, ...sides]);
}

/** Ambiguous: behind the final dot, without a reply. Unsent: before it; a reply that fits nowhere may have been the end. */
function contradictedSilence({ outcome, code, at }: Ended, sides: readonly Side[]): string | null {
  if (code !== null) return `${outcome} against the code ${code}`;
  const isAtDot = at === 'dot';
  if (isAtDot !== (outcome === 'ambiguous')) return `${outcome} against an end at ${at}`;
  const reply = sides.find(({ says }) => says !== 'none' && (isAtDot || says !== '2'));
  return reply === undefined ? null : `${outcome} against ${reply.name}`;
}

/** A DSN as its own fields let it stand. */
export interface ReadDsn {
  readonly says: 'failed' | 'delayed' | 'other';
  readonly contradiction: string | null;
}

/**
 * Holds a notice's action against its status and its diagnostic code (RFC 3464 sections 2.3.3, 2.3.4 and 2.3.6). Mail
 * that expired failed with a status of class 4. A notice that calls itself a failure is one, whatever else it says.
 */
export function readDsn({ action, status, diagnostic }: EventOf<'dsn.received'>): ReadDsn {
  const statusSide: readonly Side[] =
    status === null ? [] : [{ name: `the status ${status}`, says: classOf(status) }];
  const sides = [...statusSide, ...replySides(diagnostic.replace(/^smtp;\s*/i, ''))];
  const against = (...fitting: readonly Class[]): string | null => {
    const side = sides.find(({ says }) => !fitting.includes(says));
    return side === undefined ? null : `Action: ${action} against ${side.name}`;
  };
  switch (action) {
    case 'failed':
      return { says: 'failed', contradiction: against('5', '4') };
    case 'delayed': {
      const contradiction = against('4');
      return { says: contradiction === null ? 'delayed' : 'other', contradiction };
    }
    case 'delivered':
    case 'relayed':
    case 'expanded':
      return { says: 'other', contradiction: against('2') };
    case 'unknown': {
      if (status?.startsWith('5') === true) return { says: 'failed', contradiction: against('5') };
      return { says: 'other', contradiction: 'an action that is none of those that there are' };
    }
  }
}

/** A reply that a log quotes: bare, or as `host store[10.0.0.2] said: 451 …`. */
const QUOTED = /(?:^|said: )([1-5]\d\d[ -].*)$/s;

/**
 * Holds what a log calls a delivery attempt against its status and the reply that it quotes; null where they agree. An
 * MTA may wait for a next hop that refused (soft bounces), and give up one that put it off (mail that expired).
 */
export function logContradiction({ status, enhanced, reply, nextHop }: EventOf<'mta.logged'>): string | null {
  const quoted = replySides(QUOTED.exec(reply)?.[1] ?? '');
  // Haraka tells the status of the delay before with a delivery that has none of its own.
  const isStale = status === 'sent' && quoted.length === 0 && enhanced?.startsWith('4') === true;
  const own =
    isStale || enhanced === null ? [] : [{ name: `the status ${enhanced}`, says: classOf(enhanced) }];
  const against = (side: Side | undefined): string | null =>
    side === undefined ? null : `${status} against ${side.name}`;
  if (status === 'sent') {
    const lost =
      nextHop?.unanswered === true ? { name: 'no reply to the final dot', says: 'none' as const } : undefined;
    return against([...own, ...quoted].find(({ says }) => says !== '2') ?? lost);
  }
  if (status !== 'deferred') return against([...own, ...quoted].find(({ says }) => says === '2'));
  const isRefused = quoted.some(({ says }) => says === '5');
  return against(
    quoted.find(({ says }) => says === '2') ??
      own.find(({ says }) => says !== '4' && !(says === '5' && isRefused)),
  );
}
