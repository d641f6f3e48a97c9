import { conclude, counted, defineCheck, Findings } from './check.js';

export const selfCheck = defineCheck(
  'self-check',
  'A recipient who does not exist is refused for good at RCPT, so the run could have seen a refusal.',
  [],
  ['attempts', 'unknownUser', 'accepted', 'otherwise'],
  ({ fold }) => {
    const { attempts, unknownUser, accepted, otherwise } = fold.ledger.canaries;
    return conclude({
      // A stack that takes mail for anyone breaks no promise about storage; it only blinds the run.
      findings: new Findings(),
      doubt: whyBlind(attempts, unknownUser, accepted, otherwise.items[0]?.text),
      observed: `${unknownUser} of ${counted(attempts, 'attempt')} refused for good at RCPT`,
      limit: 'at least one 5xx, and no other answer but 4xx',
      figures: { attempts, unknownUser, accepted, otherwise: otherwise.total },
    });
  },
);

function whyBlind(
  attempts: number,
  unknownUser: number,
  accepted: number,
  other: string | undefined,
): string | null {
  if (attempts === 0) return 'nothing was sent to a recipient who does not exist';
  if (accepted > 0) {
    return `mail to a recipient who does not exist was accepted ${counted(accepted, 'time')}`;
  }
  if (other !== undefined) return `a recipient who does not exist was refused otherwise: ${other}`;
  return unknownUser === 0 ? 'a recipient who does not exist was never refused' : null;
}
