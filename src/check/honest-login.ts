import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import type { FindingKind } from './finding-groups.js';
import { conclude, counted, defineCheck, Findings, type Evidence } from './check.js';
import { Pace } from './pace.js';

export const honestLogin = defineCheck(
  'honest-login',
  'Correct credentials are never called wrong, wrong ones never let in, and every operation ends within its deadline.',
  ['readers'],
  ['correct', 'refused', 'wrong', 'admitted', 'operations', 'slowestMs', 'timeouts'],
  (evidence, { deadline }) => {
    const { logins, machine } = evidence.fold;
    const pace = new Pace(machine);
    const findings = new Findings();
    for (const { list, summary } of [
      { list: logins.refused, summary: 'correct credentials were called wrong' },
      { list: logins.admitted, summary: 'wrong credentials were let in' },
    ]) {
      for (const { at, text } of list.items) {
        findings.add(() => ({ summary, messages: [], atMs: at, evidence: [text] }), {
          ...login(summary),
          atMs: at,
        });
      }
      findings.addUnseen(list.total - list.items.length, login(summary));
    }
    for (const { at, ms, text } of logins.slowest) {
      if (ms < deadline) break;
      if (!pace.isOverdue(at - ms, at, deadline)) continue;
      findings.add(
        () => ({
          summary: `an operation took ${formatDurationMs(ms)}`,
          messages: [],
          atMs: at,
          evidence: [text],
        }),
        { ...login(`took longer than ${formatDurationMs(deadline)}`), subject: 'operation', atMs: at },
      );
    }
    return conclude({
      findings,
      doubt: whyUnsure(evidence, deadline) ?? pace.doubt,
      observed: `${told(logins.correct, 'correct', logins.refused.total, 'called wrong')}; ${told(logins.wrong, 'wrong', logins.admitted.total, 'let in')}; the slowest operation took ${formatDurationMs(logins.slowestMs)}`,
      limit: `none called wrong, none let in, every operation within ${formatDurationMs(deadline)}`,
      figures: {
        correct: logins.correct,
        refused: logins.refused.total,
        wrong: logins.wrong,
        admitted: logins.admitted.total,
        operations: logins.operations,
        slowestMs: logins.slowestMs,
        timeouts: logins.timeouts,
      },
    });
  },
);

function login(what: string): FindingKind {
  return { what, subject: 'login', place: null, when: '', atMs: null, message: null };
}

/** `29 correct logins, none called wrong`. */
function told(logins: number, kind: string, count: number, what: string): string {
  return `${counted(logins, `${kind} login`)}, ${count === 0 ? 'none' : formatCount(count)} ${what}`;
}

function whyUnsure({ fold }: Evidence, deadlineMs: number): string | null {
  const { logins, outages } = fold;
  if (logins.correct === 0) return 'nobody tried to log in with correct credentials';
  if (logins.wrong === 0) return 'nobody tried to log in with wrong credentials';
  if (outages.windows.length > 0 && logins.inOutage === 0) return 'nobody tried to log in during the outage';
  if (logins.shortestTimeoutMs >= deadlineMs) return null;
  const given = `${counted(logins.timeouts, 'operation was', 'operations were')} given up`;
  return `${given}, the first after ${formatDurationMs(logins.shortestTimeoutMs)}, before the deadline was over`;
}
