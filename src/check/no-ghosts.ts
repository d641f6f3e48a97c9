import { formatCount } from '../units/number.js';
import { ofMessage, type FindingKind } from './finding-groups.js';
import { atMost, conclude, counted, defineCheck, Findings } from './check.js';
import { foreignRun } from './foreign.js';

export const noGhosts = defineCheck(
  'no-ghosts',
  'Nothing is delivered that was not sent there, or was refused.',
  ['outside', 'mailboxes'],
  ['ghosts', 'copies'],
  ({ fold }, { max }) => {
    const { ledger, course } = fold;
    const run = course.started?.run ?? null;
    const findings = new Findings();
    for (const message of ledger.messages()) {
      const { copies, elsewhere } = message;
      if (copies + elsewhere === 0) continue;
      if (message.count('accepted') + message.ambiguous === 0) {
        findings.add(
          () => ({
            summary: `${message.id} to ${message.to} was delivered, but nobody accepted it (${message.outcome ?? 'never sent'})`,
            messages: [message.id],
            atMs: message.firstCopyAt,
            evidence: message.notes('refusal', 'misdelivery').map((note) => note.text),
          }),
          ofMessage(message, `delivered, but nobody accepted them (${message.outcome ?? 'never sent'})`),
        );
      } else if (elsewhere > 0) {
        findings.add(
          () => {
            const notes = message.notes('misdelivery');
            return {
              summary: `${message.id} for ${message.to} was delivered to someone else`,
              messages: [message.id],
              atMs: notes[0]?.at ?? null,
              evidence: notes.map((note) => note.text),
            };
          },
          ofMessage(message, 'delivered to someone else'),
        );
      }
    }
    let unread = 0;
    for (const { id, at, text, isListedOnly } of ledger.strayCopies) {
      // Mail of another run says that two runs were mixed, which is for sound-history to say.
      if (foreignRun(id, run) !== null) continue;
      // It may be a notice that came too late to be read.
      if (id === null && isListedOnly) {
        unread += 1;
        continue;
      }
      findings.add(
        () => ({
          summary: id === null ? 'a message that no one sent' : `${id}, which no one sent`,
          messages: id === null ? [] : [id],
          atMs: at,
          evidence: [text],
        }),
        { ...SENT_BY_NO_ONE, atMs: at, message: id },
      );
    }
    findings.addUnseen(ledger.moreStrayCopies, SENT_BY_NO_ONE);
    return conclude({
      findings,
      allowed: max,
      doubt: ledger.copiesSeen === 0 ? 'no copy was found anywhere' : whatNobodySaw(unread),
      observed: `${formatCount(findings.total)} of ${formatCount(ledger.copiesSeen)} copies should not be there`,
      limit: atMost(max, ''),
      figures: { ghosts: findings.total, copies: ledger.copiesSeen },
    });
  },
);

const SENT_BY_NO_ONE: FindingKind = {
  what: 'sent by no one',
  subject: 'copy',
  place: null,
  when: '',
  atMs: null,
  message: null,
};

function whatNobodySaw(unread: number): string | null {
  if (unread === 0) return null;
  return `${counted(unread, 'message')} that nobody saw come and that no one knows lie in mailboxes at the end`;
}
