import { formatCount } from '../units/number.js';
import { ofMessage } from './finding-groups.js';
import { atMost, conclude, defineCheck, Findings } from './check.js';

export const noCorruption = defineCheck(
  'no-corruption',
  'Every copy has the body, the size and the headers that were sent; nothing truncated is visible.',
  ['outside', 'mailboxes'],
  ['corrupted', 'compared'],
  ({ fold }, { max }) => {
    const findings = new Findings();
    let compared = 0;
    for (const message of fold.ledger.messages()) {
      compared += message.copies + message.elsewhere;
      if (message.corrupt === 0) continue;
      findings.add(
        () => {
          const notes = message.notes('corruption');
          return {
            summary: `${message.id} to ${message.to} did not arrive as it was sent`,
            messages: [message.id],
            atMs: notes[0]?.at ?? null,
            evidence: notes.map((note) => note.text),
          };
        },
        ofMessage(message, 'did not arrive as sent'),
      );
    }
    return conclude({
      findings,
      allowed: max,
      doubt: compared === 0 ? 'no copy was found to compare' : null,
      observed: `${formatCount(findings.total)} corrupted, ${formatCount(compared)} copies compared`,
      limit: atMost(max, 'corrupted'),
      figures: { corrupted: findings.total, compared },
    });
  },
);
