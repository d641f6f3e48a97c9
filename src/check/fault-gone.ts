import { formatDurationMs } from '../units/duration.js';
import { conclude, counted, defineCheck, Findings, without } from './check.js';
import { Pace } from './pace.js';

export const faultGone = defineCheck(
  'fault-gone',
  'After the heal the storage probe saw every fault go: the storage came back.',
  ['probe'],
  ['faults', 'gone', 'slowestMs'],
  ({ scenario, fold }, { within }) => {
    const limit = `each within ${formatDurationMs(within)} after the heal`;
    const { faults } = fold.outages;
    if (faults.length === 0) {
      return scenario?.baseline === true
        ? without('skipped', 'the scenario is a baseline and injects no fault', limit)
        : without('inconclusive', 'no fault was injected', limit);
    }
    const findings = new Findings();
    const pace = new Pace(fold.machine);
    let doubt: string | null = null;
    let gone = 0;
    let slowestMs = 0;
    for (const fault of faults) {
      const { name, volume, injectedAt, feltAt, healedAt, goneAt, goneEvidence, relapses } = fault;
      const what = `${name} on ${volume}`;
      if (injectedAt === null && feltAt === null) doubt ??= `${what} was never injected`;
      else if (feltAt === null) doubt ??= `${what} was never felt, so that nobody can say that it went`;
      else if (healedAt === null) doubt ??= `${what} was never healed`;
      else if (goneAt === null && fold.course.lastAt - healedAt < within) {
        doubt ??= `the run ended before the storage could be seen to come back from ${what}`;
      } else if (
        goneAt === null
          ? pace.isOverdue(healedAt, fold.course.lastAt, within)
          : pace.isOver(goneAt - healedAt, within, healedAt, goneAt)
      ) {
        const when =
          goneAt === null ? 'did not come back' : `came back only ${formatDurationMs(goneAt - healedAt)}`;
        findings.add(() => ({
          summary: `${what} was healed, and the storage ${when}${goneAt === null ? '' : ' later'}`,
          messages: [],
          atMs: healedAt,
          evidence: goneEvidence === null ? [] : [goneEvidence],
        }));
      } else if (goneAt !== null) {
        const [relapse] = relapses.items;
        if (relapse !== undefined) {
          doubt ??= `${what} was gone, and then the storage failed again: ${relapse.text}, at ${formatDurationMs(relapse.at)}`;
        }
        gone += 1;
        slowestMs = Math.max(slowestMs, goneAt - healedAt);
      }
    }
    return conclude({
      findings,
      doubt: doubt ?? pace.doubt,
      observed: `${gone} of ${counted(faults.length, 'fault')} gone, after ${formatDurationMs(slowestMs)}`,
      limit,
      figures: { faults: faults.length, gone, slowestMs },
    });
  },
);
