/** fail > inconclusive > pass: a run's verdict is the worst of its checks' (DESIGN section 6). */
export type Verdict = 'pass' | 'inconclusive' | 'fail';

const RANK = { pass: 0, inconclusive: 1, fail: 2 } as const;

/** The worst of several verdicts; `inconclusive` of none, since nothing was looked at. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return (
    verdicts.reduce<Verdict | undefined>(
      (so, next) => (so === undefined || RANK[next] > RANK[so] ? next : so),
      undefined,
    ) ?? 'inconclusive'
  );
}
