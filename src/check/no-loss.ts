import { formatDurationMs } from '../units/duration.js';
import type { Message } from '../history/messages.js';
import { conclude, counted, defineCheck, Findings, validMail } from './check.js';

export const noLoss = defineCheck(
  'no-loss',
  'Every accepted message is delivered, still queued, or bounced: none disappears.',
  ['queue', 'outside', 'mailboxes', 'senders'],
  (evidence, { max }) => {
    const findings = new Findings();
    let accepted = 0;
    let unaccounted = 0;
    let longestUnseenMs = 0;
    for (const message of validMail(evidence)) {
      if (!message.isAccepted) continue;
      accepted += 1;
      const { fate, firstCopyAt, leftQueueAt } = message;
      if (fate === 'unaccounted') unaccounted += 1;
      if (fate === 'delivered' && firstCopyAt !== null && leftQueueAt !== null) {
        longestUnseenMs = Math.max(longestUnseenMs, firstCopyAt - leftQueueAt);
      }
      if (fate !== 'lost') continue;
      findings.add(() => ({
        summary: `${message.id} from ${message.from} to ${message.to} was accepted and is nowhere${traces(message)}`,
        messages: [message.id],
        atMs: message.acceptedAt,
        evidence: message.notes('file', 'misdelivery', 'wait', 'copy').map((note) => note.text),
      }));
    }
    return conclude({
      findings,
      allowed: max,
      doubt: whyUnsure(accepted, unaccounted),
      observed: `${findings.total} lost of ${accepted} accepted`,
      limit: `at most ${max} lost`,
      figures: { lost: findings.total, accepted, unaccounted, longestUnseenMs },
    });
  },
);

function whyUnsure(accepted: number, unaccounted: number): string | null {
  if (accepted === 0) return 'no mail was accepted, so none could be lost';
  if (unaccounted === 0) return null;
  return `${counted(unaccounted, 'accepted message')} not found, and the run did not look everywhere at its end`;
}

/** The last traces of a lost message, in order of what tells most. */
function traces(message: Message): string {
  const at = (what: string, t: number | null) => (t === null ? '' : `${what} at ${formatDurationMs(t)}`);
  const seen = at('seen in the mailbox', message.firstCopyAt);
  const steps = [
    at('accepted', message.acceptedAt),
    at('seen in the queue', message.queuedAt),
    at('gone from it', message.leftQueueAt),
    seen === '' ? '' : `${seen} and gone at the end`,
    message.elsewhere > 0 ? 'delivered to someone else' : '',
    message.has('underMount') ? 'its file lies under the mount point' : '',
    message.has('onVolume') ? 'its file is on the volume, but not in the mailbox' : '',
  ];
  return ` (${steps.filter((step) => step !== '').join(', ')})`;
}
