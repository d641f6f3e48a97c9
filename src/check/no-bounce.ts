import { conclude, counted, defineCheck, Findings, validMail } from './check.js';

export const noBounce = defineCheck(
  'no-bounce',
  'No message to a valid recipient is bounced: no DSN of failure, no bounce in a server log.',
  ['log', 'outside', 'mailboxes', 'senders'],
  (evidence, { max }) => {
    const { ledger } = evidence.fold;
    const findings = new Findings();
    let accepted = 0;
    let delayNotices = 0;
    for (const message of validMail(evidence)) {
      if (message.isAccepted) accepted += 1;
      delayNotices += message.dsnDelayed;
      if (!message.isBounced) continue;
      findings.add(() => {
        const notes = message.notes('bounce');
        const where =
          message.dsnFailed > 0 ? 'its sender got a DSN of failure' : 'only the server log says so';
        const also = message.isDelivered ? ', although it was delivered' : '';
        return {
          summary: `${message.id} from ${message.from} to ${message.to} was bounced; ${where}${also}`,
          messages: [message.id],
          atMs: notes[0]?.at ?? null,
          evidence: notes.map((note) => note.text),
        };
      });
    }
    const strays = ledger.strayBounces;
    for (const { at, text } of strays.items) {
      findings.add(() => ({
        summary: 'a bounce that does not say which message it is about',
        messages: [],
        atMs: at,
        evidence: [text],
      }));
    }
    findings.addUnseen(strays.total - strays.items.length);
    return conclude({
      findings,
      allowed: max,
      doubt: accepted === 0 ? 'no mail was accepted, so none could bounce' : null,
      observed: `${findings.total} bounced of ${accepted} accepted`,
      limit: `at most ${counted(max, 'bounce')}`,
      figures: { bounces: findings.total, accepted, delayNotices },
    });
  },
);
