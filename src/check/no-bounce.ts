import { ofMessage, type FindingKind } from './finding-groups.js';
import { formatCount } from '../units/number.js';
import { atMost, conclude, counted, defineCheck, Findings, validMail } from './check.js';

export const noBounce = defineCheck(
  'no-bounce',
  'No message to a valid recipient is bounced: no DSN of failure, no bounce in a server log.',
  ['log', 'outside', 'mailboxes', 'senders'],
  ['bounces', 'nameless', 'accepted', 'delayNotices'],
  (evidence, { max }) => {
    const { ledger } = evidence.fold;
    const findings = new Findings();
    let accepted = 0;
    const bounced = { named: 0, arrived: 0, unaccepted: 0 };
    let delayNotices = 0;
    for (const message of validMail(evidence)) {
      if (message.isAccepted) accepted += 1;
      delayNotices += message.dsnDelayed;
      if (!message.isBounced) continue;
      bounced.named += 1;
      if (message.isDelivered) bounced.arrived += 1;
      else if (!message.isAccepted) bounced.unaccepted += 1;
      const isDsn = message.dsnFailed > 0;
      findings.add(
        () => {
          const notes = message.notes('bounce');
          const where = isDsn ? 'its sender got a DSN of failure' : 'only the server log says so';
          const also = message.isDelivered ? ', although it was delivered' : '';
          return {
            summary: `${message.id} from ${message.from} to ${message.to} was bounced; ${where}${also}`,
            messages: [message.id],
            atMs: notes[0]?.at ?? null,
            evidence: notes.map((note) => note.text),
          };
        },
        ofMessage(
          message,
          `bounced${message.isDelivered ? ', although delivered' : ''}; ${isDsn ? 'the senders got DSNs of failure' : 'only the server log says so'}`,
        ),
      );
    }
    const strays = ledger.strayBounces;
    for (const { at, text } of strays.items) {
      findings.add(
        () => ({
          summary: 'a bounce that does not say which message it is about',
          messages: [],
          atMs: at,
          evidence: [text],
        }),
        { ...NAMELESS, atMs: at },
      );
    }
    findings.addUnseen(strays.total - strays.items.length, NAMELESS);
    return conclude({
      findings,
      allowed: max,
      doubt: accepted === 0 ? 'no mail was accepted, so none could bounce' : null,
      observed: told(accepted, { ...bounced, nameless: strays.total }),
      limit: atMost(max, 'bounced'),
      figures: { bounces: findings.total, nameless: strays.total, accepted, delayNotices },
    });
  },
);

const NAMELESS: FindingKind = {
  what: 'none says which message it is about',
  subject: 'bounce',
  place: null,
  when: '',
  atMs: null,
  message: null,
};

/**
 * What was bounced and did not arrive, which is the fate that is counted everywhere; beside it what is no fate: bounces of
 * mail that arrived all the same, or that nobody is known to have accepted, and bounces that may be of any of these.
 */
function told(
  accepted: number,
  {
    named,
    arrived,
    unaccepted,
    nameless,
  }: Readonly<Record<'named' | 'arrived' | 'unaccepted' | 'nameless', number>>,
): string {
  return [
    `${formatCount(named - arrived - unaccepted)} bounced of ${formatCount(accepted)} accepted`,
    ...(arrived === 0 ? [] : [`${formatCount(arrived)} more that arrived all the same`]),
    ...(unaccepted === 0 ? [] : [`${formatCount(unaccepted)} more that nobody is known to have accepted`]),
    ...(nameless === 0 ? [] : [`${counted(nameless, 'more bounce names', 'more bounces name')} no message`]),
  ].join('; ');
}
