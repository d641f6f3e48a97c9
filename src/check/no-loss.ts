import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import type { Escape, Message } from '../history/messages.js';
import { ofMessage } from './finding-groups.js';
import { atMost, conclude, counted, defineCheck, Findings, validMail } from './check.js';

export const noLoss = defineCheck(
  'no-loss',
  'Every accepted message is delivered, still queued, or bounced: none disappears.',
  ['queue', 'outside', 'mailboxes', 'senders'],
  ['lost', 'accepted', 'unaccounted', 'longestUnseenMs'],
  (evidence, { max }) => {
    const findings = new Findings();
    let accepted = 0;
    const unaccounted = new Unaccounted();
    let longestUnseenMs = 0;
    for (const message of validMail(evidence)) {
      if (!message.isAccepted) continue;
      accepted += 1;
      const { fate, firstCopyAt, leftQueueAt } = message;
      if (fate === 'unaccounted') unaccounted.add(message);
      if (fate === 'delivered' && firstCopyAt !== null && leftQueueAt !== null) {
        longestUnseenMs = Math.max(longestUnseenMs, firstCopyAt - leftQueueAt);
      }
      if (fate !== 'lost') continue;
      findings.add(
        () => ({
          summary: `${message.id} from ${message.from} to ${message.to} was accepted and is nowhere${traces(message)}`,
          messages: [message.id],
          atMs: message.acceptedAt,
          evidence: message.notes('file', 'misdelivery', 'wait', 'copy').map((note) => note.text),
        }),
        ofMessage(message, howLost(message)),
      );
    }
    return conclude({
      findings,
      allowed: max,
      doubt: accepted === 0 ? 'no mail was accepted, so none could be lost' : unaccounted.doubt,
      observed: `${formatCount(findings.total)} lost of ${formatCount(accepted)} accepted`,
      limit: atMost(max, 'lost'),
      figures: { lost: findings.total, accepted, unaccounted: unaccounted.total, longestUnseenMs },
    });
  },
);

/** The messages of which nobody can say what became of them, and why. */
class Unaccounted {
  readonly #byReason = new Map<string, { count: number; readonly first: string }>();
  total = 0;

  add(message: Message): void {
    this.total += 1;
    const reason = REASONS[message.escape ?? 'queue-unsure'];
    const known = this.#byReason.get(reason);
    if (known === undefined) this.#byReason.set(reason, { count: 1, first: message.id });
    else known.count += 1;
  }

  get doubt(): string | null {
    const doubts = [...this.#byReason].map(([reason, { count, first }]) => {
      const rest = count === 1 ? '' : ` and ${count - 1} more`;
      return `${counted(count, 'accepted message')} not found (${first}${rest}), ${reason}`;
    });
    return doubts.length === 0 ? null : doubts.join('; ');
  }
}

const REASONS: Readonly<Record<Escape, string>> = {
  'not-ended': 'and the run did not look everywhere at its end',
  'not-listed': 'and its mailbox was not listed at the end',
  'listed-too-early': 'and its mailbox was listed before it can have been there',
  'queue-unsure': 'and what is known of the queue at the end is in doubt',
  'queue-untold': 'and the queue holds as many messages at the end that its listings do not name',
  'still-deferred': 'which the log says is kept, and no listing of the queue saw it go',
  'file-in-store': 'and its file lies in the store',
  'outside-unsure': 'and the outside was not heard of until the end',
  'sent-outside': 'which the log says was handed over, and the outside never received',
};

/** The last trace of a lost message, the same for all that were lost alike. */
function howLost(message: Message): string {
  const last =
    message.firstCopyAt !== null
      ? 'seen in the mailbox, then gone'
      : message.queuedAt !== null
        ? 'seen in the queue, never in the mailbox'
        : 'never seen again';
  const parts = [
    last,
    message.has('underMount') ? 'the files lie under the mount point' : '',
    message.has('onVolume') ? 'the files are on the volume, but not in the mailbox' : '',
    message.elsewhere > 0 ? 'delivered to someone else' : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
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
