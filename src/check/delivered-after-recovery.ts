import type { Message } from '../history/messages.js';
import type { OutageWindow } from '../history/outages.js';
import { formatDurationMs } from '../units/duration.js';
import { conclude, counted, defineCheck, Findings, validMail } from './check.js';
import { withoutOutage } from './outage.js';

/**
 * The outage after which the message was due: one that it was waiting in, and that no other outage of its
 * volume followed before the limit was over.
 */
function dueAfter(
  acceptedAt: number,
  firstCopyAt: number | null,
  windows: readonly OutageWindow[],
  withinMs: number,
): OutageWindow | undefined {
  return windows.find(({ injectedAt, healedAt }, index) => {
    if (acceptedAt > healedAt) return false;
    if (firstCopyAt !== null && firstCopyAt < injectedAt) return false;
    const next = windows[index + 1];
    return next === undefined || next.injectedAt > healedAt + withinMs;
  });
}

export const deliveredAfterRecovery = defineCheck(
  'delivered-after-recovery',
  'All mail that waited for the storage is in its mailbox within the limit after the heal.',
  ['mailboxes', 'queue', 'senders'],
  (evidence, { within }) => {
    const limit = `all within ${formatDurationMs(within)} after the heal`;
    const none = withoutOutage(evidence, limit);
    if (none !== null) return none;
    const { outages, course } = evidence.fold;
    const findings = new Findings();
    let due = 0;
    let inTime = 0;
    let acceptedInOutage = 0;
    let unwatched = 0;
    let unhealed = 0;
    let slowestMs = 0;
    for (const message of validMail(evidence)) {
      const { acceptedAt, firstCopyAt } = message;
      if (acceptedAt === null) continue;
      if (outages.windowFor(message, acceptedAt) !== undefined) acceptedInOutage += 1;
      const window = dueAfter(acceptedAt, firstCopyAt, outages.windowsFor(message), within);
      if (window === undefined) continue;
      const { healedAt } = window;
      const foundAt = message.isDelivered ? firstCopyAt : null;
      due += 1;
      if (foundAt !== null) slowestMs = Math.max(slowestMs, foundAt - healedAt);
      if (foundAt !== null && foundAt <= healedAt + within) inTime += 1;
      else if (healedAt === Infinity) unhealed += 1;
      else if (course.lastAt < healedAt + within && mayStillCome(message)) unwatched += 1;
      else {
        findings.add(() => {
          const what =
            foundAt === null
              ? `is not in its mailbox (${message.fate})`
              : `arrived ${formatDurationMs(foundAt - healedAt)} after the heal`;
          return {
            summary: `${message.id} to ${message.to} ${what}`,
            messages: [message.id],
            atMs: foundAt ?? acceptedAt,
            evidence: message.notes('wait', 'bounce').map((note) => note.text),
          };
        });
      }
    }
    return conclude({
      findings,
      doubt: whyUnsure(acceptedInOutage, unhealed, unwatched),
      observed: `${inTime} of ${due}, the slowest after ${formatDurationMs(slowestMs)}`,
      limit,
      figures: { due, inTime, acceptedInOutage, unwatched, unhealed, slowestMs },
    });
  },
);

function mayStillCome({ fate }: Message): boolean {
  return fate !== 'lost' && fate !== 'bounced';
}

function whyUnsure(acceptedInOutage: number, unhealed: number, unwatched: number): string | null {
  if (acceptedInOutage === 0) return 'no mail was accepted while its volume was broken';
  if (unhealed > 0) return `the volume of ${counted(unhealed, 'waiting message')} was never healed`;
  if (unwatched === 0) return null;
  return `the run ended before the limit was over for ${counted(unwatched, 'waiting message')}`;
}
