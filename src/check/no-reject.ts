import { formatCount } from '../units/number.js';
import { ofMessage } from './finding-groups.js';
import { atMost, conclude, counted, defineCheck, Findings, validMail } from './check.js';

export const noReject = defineCheck(
  'no-reject',
  'Every SMTP, LMTP and submission reply to a valid sender and recipient is 2xx or 4xx, also while a fault is active.',
  ['senders', 'log'],
  ['refused', 'deferred', 'attempts', 'attemptsInOutage'],
  (evidence, { max }) => {
    const { ledger, outages } = evidence.fold;
    const findings = new Findings();
    let attempts = 0;
    let deferred = 0;
    for (const message of validMail(evidence)) {
      attempts += message.attempts;
      deferred += message.count('deferred');
      const refused = message.has('refused');
      if (!refused && !message.has('refusedByStore')) continue;
      const who = refused ? 'was refused' : 'was refused by the next server';
      findings.add(
        () => {
          const notes = message.notes('refusal', 'storeRefusal');
          const at = notes[0]?.at ?? null;
          const window = at === null ? undefined : outages.windowFor(message, at);
          const when = window === undefined ? '' : ` while ${window.volume} was broken`;
          return {
            summary: `${message.id} from ${message.from} to ${message.to} ${who} with a 5xx reply${when}`,
            messages: [message.id],
            atMs: at,
            evidence: notes.map((note) => note.text),
          };
        },
        ofMessage(message, `${who.replace('was ', '')} with a 5xx reply`),
      );
    }
    return conclude({
      findings,
      allowed: max,
      doubt: whyNothing(attempts, outages.windows.length, ledger.attemptsInOutage),
      observed: `${formatCount(findings.total)} refused, ${formatCount(deferred)} deferred in ${counted(attempts, 'attempt')}`,
      limit: atMost(max, 'refused with 5xx'),
      figures: { refused: findings.total, deferred, attempts, attemptsInOutage: ledger.attemptsInOutage },
    });
  },
);

function whyNothing(attempts: number, windows: number, inOutage: number): string | null {
  if (attempts === 0) return 'nobody tried to send anything';
  return windows > 0 && inOutage === 0 ? 'nobody tried to send anything while a fault was felt' : null;
}
