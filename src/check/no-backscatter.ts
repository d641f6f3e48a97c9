import type { Message } from '../history/messages.js';
import { formatCount } from '../units/number.js';
import { ofMessage, type FindingKind } from './finding-groups.js';
import { atMost, conclude, counted, defineCheck, Findings } from './check.js';

export const noBackscatter = defineCheck(
  'no-backscatter',
  'At most one DSN of a kind for each message and recipient, only to its sender, and none to a null sender.',
  ['outside', 'mailboxes'],
  ['needless', 'dsns'],
  ({ fold }, { max }) => {
    const { ledger } = fold;
    const findings = new Findings();
    let isAnyAccepted = false;
    for (const message of ledger.messages()) {
      isAnyAccepted ||= message.isAccepted;
      if (message.dsnFailed + message.dsnDelayed === 0) continue;
      const wrong = whatIsWrong(message);
      if (wrong === null) continue;
      findings.add(
        () => {
          const notes = message.notes('dsn');
          return {
            summary: `${message.id} from ${message.from === '' ? 'the null sender' : message.from}: ${wrong}`,
            messages: [message.id],
            atMs: notes[0]?.at ?? null,
            evidence: notes.map((note) => note.text),
          };
        },
        ofMessage(message, wrong),
      );
    }
    for (const { at, text } of ledger.dsnToNobody.items) {
      findings.add(
        () => ({
          summary: 'a DSN was sent to the null sender',
          messages: [],
          atMs: at,
          evidence: [text],
        }),
        { ...TO_NOBODY, atMs: at },
      );
    }
    findings.addUnseen(ledger.dsnToNobody.total - ledger.dsnToNobody.items.length, TO_NOBODY);
    return conclude({
      findings,
      allowed: max,
      doubt: isAnyAccepted ? null : 'no mail was accepted, so nobody could be told of it',
      observed: `${formatCount(findings.total)} needless, ${counted(ledger.dsns, 'DSN')} in all`,
      limit: atMost(max, 'needless'),
      figures: { needless: findings.total, dsns: ledger.dsns },
    });
  },
);

const TO_NOBODY: FindingKind = {
  what: 'sent to the null sender',
  subject: 'notice',
  place: null,
  when: '',
  atMs: null,
  message: null,
};

function whatIsWrong(message: Message): string | null {
  const { dsnFailed, dsnDelayed, from } = message;
  if (from === '' || from === '<>') return 'a null sender was told of it (RFC 5321 section 4.5.5)';
  if (message.has('dsnElsewhere')) return 'someone who did not send it was told of it';
  const allowed = message.mostTaken;
  if (dsnFailed > allowed) return `${dsnFailed} DSNs of failure, ${allowed} allowed`;
  return dsnDelayed > allowed ? `${dsnDelayed} DSNs of delay, ${allowed} allowed` : null;
}
