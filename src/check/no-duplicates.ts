import { formatCount } from '../units/number.js';
import { ofMessage } from './finding-groups.js';
import { atMost, conclude, defineCheck, Findings, validMail } from './check.js';

export const noDuplicates = defineCheck(
  'no-duplicates',
  'Every message arrives once; more only where an end-of-data got no reply, and then at most once for each attempt.',
  ['outside', 'mailboxes'],
  ['duplicated', 'arrived', 'excused'],
  (evidence, { max }) => {
    const findings = new Findings();
    let found = 0;
    let excused = 0;
    let doubtful: string | null = null;
    for (const message of validMail(evidence)) {
      const { copies } = message;
      if (!message.isDelivered) continue;
      found += 1;
      if (copies === 1) continue;
      const allowed = Math.max(1, message.copiesAllowed);
      if (message.hasDoubtfulCopies)
        doubtful ??= `${message.id} arrived ${copies} times, which only attempts that no sender makes could excuse`;
      if (copies <= allowed) {
        excused += 1;
        continue;
      }
      findings.add(
        () => ({
          summary: `${message.id} to ${message.to} arrived ${copies} times, ${allowed} allowed by its attempts`,
          messages: [message.id],
          atMs: message.firstCopyAt,
          evidence: message.notes('copy').map((note) => note.text),
        }),
        ofMessage(message, `arrived ${copies} times, ${allowed} allowed by the attempts`),
      );
    }
    const excuse = excused === 0 ? '' : `, ${excused} more excused by a missing reply`;
    return conclude({
      findings,
      allowed: max,
      doubt: found === 0 ? 'no message arrived' : doubtful,
      observed: `${formatCount(findings.total)} duplicated of ${formatCount(found)} arrived${excuse}`,
      limit: atMost(max, 'duplicated'),
      figures: { duplicated: findings.total, arrived: found, excused },
    });
  },
);
