/**
 * Bounces that no machine was meant to read: qmail's (QSBMF, http://cr.yp.to/proto/qsbmf.txt), and the plain text of
 * Exim, sendmail, Postfix before RFC 3464, Courier and Exchange.
 */

export type BounceAction = 'failed' | 'delayed' | 'delivered' | 'unknown';

/** What a bounce says of one recipient in words. */
export interface ToldRecipient {
  readonly action: BounceAction;
  /** Enhanced status code (RFC 3463) in the words about it. */
  readonly status: string | null;
  readonly recipient: string | null;
  readonly diagnostic: string;
}

/** So much of a notice is read for words: what follows is the message that came back. */
const MAX_WORDS = 65_536;
const MAX_RECIPIENTS = 1_000;

/** Where the report ends and what came back begins: QSBMF's break paragraph and its like, or the first trace header. */
const BREAKS: readonly RegExp[] = [
  /^[ \t]*-+[^\n]*(?:copy of (?:the|your) (?:message|mail|body)|original message|message headers?|returned message|unsent message|undelivered message|headers? follows?)[^\n]*$/im,
  /^[ \t]*(?:original (?:message )?headers|message headers follow|received message):?[ \t]*$/im,
  /^(?:return-path|received|x-nobounce-id):[ \t]/im,
];

const SAYS_DELAYED =
  /\bdelayed\b|not (?:yet )?been delivered|still undelivered|will be retried|will keep trying|delivery attempts will continue|transient (?:non-fatal )?errors?|transient non-fatal|no action is required|warning only|not need to resend/i;
/** What ends all waiting, whatever else is said beside it. */
const SAYS_FINAL = /permanent (?:fatal )?error|permanently|given up|giving up|gave up|delivery failed/i;
const SAYS_FAILED =
  /undeliver|not be delivered|cannot be delivered|not (?:been )?delivered|able to deliver|returned mail|return(?:ed|ing) (?:message )?to sender|returning message|did not reach|fail(?:ed|ure)|permanent|given up|rejected|refused|bounce|unknown user|user unknown|no such user|unrouteable|does not exist/i;
const SAYS_DELIVERED =
  /success(?:ful(?:ly)?)? (?:delivery|deliver|relay)|delivered successfully|was successfully|return receipt/i;
const FINAL_CODE = /(?<![\d.])5\d\d(?=[ \-#])|(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])/;
/** Not the beginning of an IP address. */
const STATUS = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)/;

/** A line that begins with an address, alone, in brackets, or followed by what is said of it. */
const ADDRESSED =
  /^[ \t]*(?:[^\n<>@:]{0,80}[ \t])?[<(]?([^\s<>()@",:;]+@[A-Za-z0-9.-]+|[^\s<>()@",:;]+@\[[^\]\s]+\])[>)]?[ \t]*(?:$|:|\(|on [A-Z])/;

/** Splits a notice at the point where the message that came back begins. */
export function splitNotice(text: string): { readonly report: string; readonly returned: string } {
  const starts = BREAKS.map((line) => line.exec(text)?.index ?? Infinity);
  const start = Math.min(...starts, text.length);
  return { report: text.slice(0, Math.min(start, MAX_WORDS)), returned: text.slice(start) };
}

/** What these words say became of the mail that they are about. */
export function actionInWords(words: string): BounceAction {
  if (SAYS_DELAYED.test(words) && !SAYS_FINAL.test(words)) return 'delayed';
  if (SAYS_FINAL.test(words) || SAYS_FAILED.test(words) || FINAL_CODE.test(words)) return 'failed';
  return SAYS_DELIVERED.test(words) ? 'delivered' : 'unknown';
}

/** The first enhanced status code in a text (RFC 3463). */
export function statusInWords(words: string): string | null {
  return STATUS.exec(words)?.[0] ?? null;
}

/**
 * Whom a notice's report is about and what it says of each: a paragraph that begins with an address, or a line that
 * does, under the last heading that told of failures or delays.
 * @param subject the notice's own.
 */
export function recipientsInWords(report: string, subject: string): readonly ToldRecipient[] {
  const whole = actionOf(report, subject);
  const found: { recipient: string; action: BounceAction; said: string[] }[] = [];
  let heading: BounceAction = 'unknown';
  for (const line of report.split(/\r?\n/)) {
    const recipient = ADDRESSED.exec(line)?.[1];
    const last = found.at(-1);
    if (recipient !== undefined && found.length < MAX_RECIPIENTS) {
      found.push({ recipient, action: heading === 'unknown' ? whole : heading, said: [line.trim()] });
    } else if (/^[ \t]*-+.*-[ \t]*$/.test(line)) heading = actionInWords(line);
    else if (line.trim() !== '') last?.said.push(line.trim());
  }
  const byAddress = new Map<string, ToldRecipient>();
  for (const { recipient, action, said } of found) {
    const diagnostic = said.join(' ').slice(0, 1_000);
    const key = recipient.toLowerCase();
    const before = byAddress.get(key);
    // A transcript names the recipient again, and often tells more.
    const status = before?.status ?? statusInWords(diagnostic);
    byAddress.set(key, { ...(before ?? { action, recipient, diagnostic }), status });
  }
  return [...byAddress.values()];
}

/** What a whole notice says: in its subject, which leaves no room for ifs, or else in its words. */
export function actionOf(report: string, subject: string): BounceAction {
  if (SAYS_FAILED.test(subject)) return 'failed';
  const inWords = actionInWords(report);
  return inWords === 'unknown' ? actionInWords(subject) : inWords;
}
