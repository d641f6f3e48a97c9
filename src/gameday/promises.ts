import type { Judgement } from '../check/judgement.js';
import type { CheckResult } from '../check/result.js';
import { visible } from '../report/safe-text.js';
import type { PromiseView } from './snapshot.js';

/** Mail that nobody has seen for so long is not just under way. */
const UNSEEN_MS = 30_000;

const STANDING = { pass: 'holding', fail: 'broken', inconclusive: 'not yet known' } as const;

/** How each promise stands; what was skipped is left out. Never more than the judge says of what was seen so far. */
export function promiseViews({ checks, mail }: Judgement, isOver: boolean): readonly PromiseView[] {
  return checks.flatMap((check) => {
    if (check.verdict === 'skipped') return [];
    const standing = isOver ? STANDING[check.verdict] : standingOf(check, mail.accepted);
    return [
      {
        name: check.name,
        standing,
        told: visible(check.verdict === 'inconclusive' ? (check.reason ?? check.observed) : check.observed),
        message: check.findings[0]?.messages[0] ?? null,
      },
    ];
  });
}

/** Mail that is under way at this moment does not make it unknown whether mail is lost: until it has been for too long. */
function standingOf({ name, verdict, figures }: CheckResult, accepted: number): PromiseView['standing'] {
  if (verdict === 'skipped') return 'not yet known';
  if (name !== 'no-loss' || verdict !== 'inconclusive' || accepted === 0) return STANDING[verdict];
  if ((figures['lost'] ?? 0) > 0) return 'at risk';
  return (figures['longestUnseenMs'] ?? 0) > UNSEEN_MS ? 'at risk' : 'holding';
}
