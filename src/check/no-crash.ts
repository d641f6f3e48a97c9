import { isStacksDoing } from '../history/deaths.js';
import { conclude, counted, defineCheck, Findings, without } from './check.js';

export const noCrash = defineCheck(
  'no-crash',
  'No service of the mail stack ends by itself.',
  [],
  ['services', 'ended'],
  ({ fold }) => {
    const { course } = fold;
    const limit = 'none ends by itself';
    const { started, ready, deaths } = course;
    if (started === null || ready === null) return without('inconclusive', 'no service was ever up', limit);
    if (started.heartbeats !== true && deaths.length === 0) {
      return without('skipped', 'the run did not watch its services: it was made before version 0.2', limit);
    }
    const findings = new Findings();
    let doubt: string | null = null;
    for (const death of deaths) {
      const { service, cause, exitCode, t } = death;
      const code = exitCode === null ? '' : ` with exit code ${String(exitCode)}`;
      if (!isStacksDoing(death)) {
        doubt ??=
          cause === 'killed'
            ? `${service} was killed from outside`
            : `${service} ended${code}, and it is not known that this was the stack's doing`;
        continue;
      }
      findings.add(() => ({
        summary: `${service} ended by itself${code}${cause === 'out-of-memory' ? ': it was out of memory' : ''}`,
        messages: [],
        atMs: t,
        evidence: [],
      }));
    }
    return conclude({
      findings,
      doubt,
      observed: `${counted(findings.total, 'service')} of ${ready.services.length} ended by ${findings.total === 1 ? 'itself' : 'themselves'}`,
      limit,
      figures: { services: ready.services.length, ended: findings.total },
    });
  },
);
