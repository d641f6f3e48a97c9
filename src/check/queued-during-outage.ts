import type { Message } from '../history/messages.js';
import type { OutageWindow } from '../history/outages.js';
import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import { ofMessage } from './finding-groups.js';
import { conclude, counted, defineCheck, Findings, validMail } from './check.js';
import { windowStopsWrites, withoutOutage } from './outage.js';
import { isBlind } from './source-doubts.js';

const NAMED = 10;

export const queuedDuringOutage = defineCheck(
  'queued-during-outage',
  'Mail accepted in the outage that is not delivered at once is seen waiting in a queue.',
  ['queue', 'log', 'senders'],
  ['acceptedInOutage', 'queued', 'unexplained', 'heldUp', 'slowestMs'],
  (evidence, { min, delayed }) => {
    const limit = `at least ${min} seen queued`;
    const none = withoutOutage(evidence, limit);
    if (none !== null) return none;
    const { outages, course } = evidence.fold;
    const findings = new Findings();
    let accepted = 0;
    let queued = 0;
    let unexplained = 0;
    let heldUp = 0;
    let slowestMs = 0;
    /** What had to wait, what of it is known to the end, and what was seen waiting and is there still or arrived. */
    const waits = { had: 0, known: 0, kept: 0 };
    const unseen: string[] = [];
    for (const message of validMail(evidence)) {
      const { acceptedAt } = message;
      if (acceptedAt === null) continue;
      const window = outages.windowFor(message, acceptedAt);
      if (window === undefined) continue;
      accepted += 1;
      if (message.has('waited')) queued += 1;
      if (message.has('waited') && !isExplained(message)) unexplained += 1;
      if (message.has('waitedWithClass5') && isRefusedForGood(message, course.isCompleted)) {
        findings.add(
          () => ({
            summary: `${message.id} to ${message.to} waited in the queue with a code of class 5, and did not arrive`,
            messages: [message.id],
            atMs: message.queuedAt,
            evidence: message.notes('wait').map((note) => note.text),
          }),
          ofMessage(message, 'waited in the queue with a code of class 5, and did not arrive'),
        );
      }
      const waitedMs = (message.firstCopyAt ?? course.lastAt) - acceptedAt;
      slowestMs = Math.max(slowestMs, waitedMs);
      if (waitedMs > delayed) heldUp += 1;
      const atOnce = windowStopsWrites(window) ? isDeliveredBy(message, window) : waitedMs <= delayed;
      if (atOnce) continue;
      waits.had += 1;
      const isKept = message.has('waited') && message.fate !== 'lost';
      if (isKept) waits.kept += 1;
      if (!isKept && isKnown(message, course.isCompleted)) waits.known += 1;
      if (!message.has('waited') && unseen.length < NAMED) unseen.push(message.id);
    }
    const required = Math.min(min, waits.kept + waits.known);
    const isMissed = waits.kept < required && !isBlind(evidence.fold, 'queue', 'log');
    if (isMissed) {
      findings.add(() => ({
        summary: `${formatCount(accepted)} accepted in the outage, ${formatCount(waits.kept)} seen in a queue and kept`,
        messages: unseen,
        atMs: outages.firstInjectingAt,
        evidence: [],
      }));
    }
    const slow =
      waits.had > 0 ? '' : `; nothing had to wait: slowest delivery ${formatDurationMs(slowestMs)}`;
    return conclude({
      findings,
      doubt: whyUnsure(accepted, waits.had, waits.kept < Math.min(min, waits.had)),
      observed: `${formatCount(queued)} of ${formatCount(accepted)} accepted in the outage${slow}`,
      limit,
      figures: { acceptedInOutage: accepted, queued, unexplained, heldUp, slowestMs },
    });
  },
);

/** A server need not say why mail waits: it is counted, and no finding. */
function isExplained(message: Message): boolean {
  return message.has('waitedWithReason') || message.has('waitedWithClass5');
}

/** What it was told is not what became of it: mail that arrives was kept, whatever the server called the delay. */
function isRefusedForGood(message: Message, completed: boolean): boolean {
  return message.isBounced || (completed && (message.fate === 'queued' || message.fate === 'lost'));
}

/** Seen at its recipient, or handed over by the log, before the heal: mail that gets through needs no queue. */
function isDeliveredBy(message: Message, { healedAt }: OutageWindow): boolean {
  const { firstCopyAt, handedOverAt, fate } = message;
  if (fate !== 'delivered' && fate !== 'unaccounted') return false;
  return (firstCopyAt ?? Infinity) <= healedAt || (handedOverAt ?? Infinity) <= healedAt;
}

/** Whether it is known that the message was kept in no queue: it came late, or the run looked everywhere. */
function isKnown(message: Message, completed: boolean): boolean {
  return message.isDelivered || (completed && message.fate !== 'unaccounted');
}

function whyUnsure(accepted: number, had: number, isShort: boolean): string | null {
  if (accepted === 0) return 'no mail was accepted while its volume was broken';
  return isShort ? `of ${counted(had, 'message')} that had to wait it is not known where` : null;
}
