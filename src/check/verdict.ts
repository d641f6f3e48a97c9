/** fail > inconclusive > pass: a run's verdict is the worst of its checks' (DESIGN section 6). */
export type Verdict = 'pass' | 'inconclusive' | 'fail';

const WORST_FIRST = ['fail', 'inconclusive', 'pass'] as const;

/** The worst of several verdicts, skipped ones aside; `inconclusive` of none, since nothing was looked at. */
export function worst(verdicts: readonly (Verdict | 'skipped')[]): Verdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'inconclusive';
}
