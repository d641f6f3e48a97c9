import { formatDurationMs } from '../units/duration.js';
import type { Message } from '../history/messages.js';
import { isBlind } from './source-doubts.js';
import { ofMessage } from './finding-groups.js';
import { conclude, counted, defineCheck, Findings, validMail, without } from './check.js';

/** So long in real time may mail take that was on its way when the clocks were moved. */
const IN_FLIGHT_MS = 10_000;

/**
 * Whether the clocks were moved while the message was on its way, with nothing that held it up: hours passed for it, and
 * the MTA had no reason to write.
 */
function isInFlight(message: Message, acceptedAt: number, arrivedAt: number): boolean {
  const isHeldUp = message.has('waitedWithReason') || message.has('waitedWithClass5');
  return message.fate === 'delivered' && !isHeldUp && arrivedAt - acceptedAt < IN_FLIGHT_MS;
}

export const senderTold = defineCheck(
  'sender-told',
  'Whoever wrote mail that waits for long is told so, once.',
  ['outside', 'mailboxes'],
  ['waited', 'told'],
  (evidence, { after }) => {
    const limit = `one delay notice for mail that waits longer than ${formatDurationMs(after)}`;
    const { time, course } = evidence.fold;
    const findings = new Findings();
    // A notice that was not seen may still come, or came where nobody looked.
    const isSilenceProof = course.isCompleted && !isBlind(evidence.fold, 'outside', 'mailboxes');
    let unsure = 0;
    let isAnyAccepted = false;
    let waited = 0;
    let told = 0;
    for (const message of validMail(evidence)) {
      const { acceptedAt, firstCopyAt, leftQueueAt, dsnDelayed } = message;
      if (acceptedAt === null) continue;
      isAnyAccepted = true;
      const arrivedAt = firstCopyAt ?? leftQueueAt ?? course.lastAt;
      const waitedMs = time.between(acceptedAt, arrivedAt);
      if (waitedMs <= after || (dsnDelayed === 0 && isInFlight(message, acceptedAt, arrivedAt))) continue;
      waited += 1;
      if (dsnDelayed > 0) told += 1;
      // What may have been taken twice waits twice.
      if (dsnDelayed > 0 && dsnDelayed <= message.mostTaken) continue;
      if (dsnDelayed === 0 && !isSilenceProof) {
        unsure += 1;
        continue;
      }
      findings.add(
        () => ({
          summary:
            dsnDelayed === 0
              ? `${message.from} was never told that ${message.id} to ${message.to} waited ${formatDurationMs(waitedMs)}`
              : `${message.from} was told ${dsnDelayed} times that ${message.id} to ${message.to} waited`,
          messages: [message.id],
          atMs: acceptedAt,
          evidence: message.notes('dsn').map((note) => note.text),
        }),
        ofMessage(
          message,
          dsnDelayed === 0
            ? 'waited, and the senders were never told'
            : 'waited, and the senders were told more than once',
        ),
      );
    }
    if (!isAnyAccepted) return without('inconclusive', 'no mail was accepted', limit);
    if (waited === 0)
      return without('skipped', `no mail waited longer than ${formatDurationMs(after)}`, limit);
    return conclude({
      findings,
      doubt: unsure === 0 ? null : `${counted(unsure, 'sender')} may still be told`,
      observed: `${told} of ${counted(waited, 'sender')} told`,
      limit,
      figures: { waited, told },
    });
  },
);
