import { formatDurationMs } from '../units/duration.js';
import type { Fold } from '../history/fold.js';
import type { FindingKind } from './finding-groups.js';
import { conclude, counted, defineCheck, Findings } from './check.js';

export const mailboxIntact = defineCheck(
  'mailbox-intact',
  'What was in a mailbox before is there after, with its UIDs, UIDVALIDITY, flags and content, and it is never shown empty meanwhile.',
  ['readers'],
  ['differences', 'mailboxes', 'messagesBefore', 'visits'],
  ({ fold }) => {
    const findings = new Findings();
    const mailboxes = fold.mailboxes.all;
    let messages = 0;
    let visits = 0;
    let compared = 0;
    const unlisted: string[] = [];
    for (const mailbox of mailboxes) {
      messages += mailbox.messagesBefore ?? 0;
      visits += mailbox.visits;
      if (mailbox.messagesBefore === null || mailbox.afterListings === 0) unlisted.push(mailbox.address);
      else compared += 1;
      for (const { text, times, firstAt, lastAt } of mailbox.deviations) {
        findings.add(
          () => {
            const span =
              times === 1
                ? `at ${formatDurationMs(firstAt)}`
                : `${times} times from ${formatDurationMs(firstAt)} to ${formatDurationMs(lastAt)}`;
            return {
              summary: `${mailbox.address} on ${mailbox.volume}: ${text} (${span})`,
              messages: [],
              atMs: firstAt,
              evidence: [],
            };
          },
          difference(text, mailbox.volume, firstAt),
        );
      }
    }
    return conclude({
      findings,
      doubt: whyUnsure(messages, unlisted) ?? whyUnreadable(fold),
      observed: `${counted(findings.total, 'difference')} in ${counted(compared, 'mailbox', 'mailboxes')}, ${counted(visits, 'visit')}`,
      limit: 'no difference',
      figures: { differences: findings.total, mailboxes: compared, messagesBefore: messages, visits },
    });
  },
);

/** The same difference in several mailboxes is one kind, whatever its numbers. */
function difference(text: string, place: string, atMs: number): FindingKind {
  const what = DIFFERENCES.find(({ of }) => of.test(text))?.what ?? text;
  return { what, subject: 'mailbox', place, when: 'first seen', atMs, message: null };
}

const DIFFERENCES = [
  { of: /^shown empty/, what: 'a mailbox was shown empty' },
  { of: /^shown with fewer/, what: 'a mailbox was shown with fewer messages than it held' },
  { of: /^UIDVALIDITY shown/, what: 'a mailbox was shown with another UIDVALIDITY' },
  { of: /^UIDVALIDITY changed/, what: 'UIDVALIDITY changed: every client downloads the mailbox again' },
  { of: /is gone$/, what: 'a message that was there before is gone' },
  { of: /is UID \d+ now$/, what: 'a message has another UID' },
  { of: /has another content$/, what: 'a message has another content' },
  { of: /has the flags/, what: 'a message has other flags' },
] as const;

function whyUnsure(messages: number, unlisted: readonly string[]): string | null {
  const [first] = unlisted;
  if (first !== undefined) {
    const others = unlisted.length === 1 ? '' : ` and ${unlisted.length - 1} more`;
    return `${first}${others} not listed both before the first fault and at the end`;
  }
  return messages === 0 ? 'no mailbox held anything before the first fault' : null;
}

/** A single visit may have met the last of the outage. */
const FEW_VISITS = 2;

/** Readers and the listing at the end contradict each other: what was listed there, hardly a visit could see. */
function whyUnreadable({ visits }: Fold): string | null {
  for (const volume of visits.volumes) {
    const { visits: total, good } = visits.on(volume).recovered;
    if (total < FEW_VISITS || good >= total / 2) continue;
    return `${volume} was listed at the end, and of ${counted(total, 'visit')} of readers behind the last fault ${good} went well`;
  }
  return null;
}
