import { SOURCE_KINDS } from '../history/event.js';
import type { Fold } from '../history/fold.js';
import type { HistoryProblem } from '../history/reader.js';
import { formatDurationMs } from '../units/duration.js';
import { conclude, counted, defineCheck, Findings, type Evidence } from './check.js';
import { courseDoubts } from './expected-course.js';
import { seedDoubts } from './seeded-mail.js';
import { foreignRun } from './foreign.js';
import { sourceDoubts } from './source-doubts.js';

export const soundHistory = defineCheck(
  'sound-history',
  'The history is whole and of one run, its clocks can be trusted, and nothing failed in the harness itself.',
  [],
  ['events', 'messages', 'doubts'],
  (evidence, { maxJump }) => {
    const { course, ledger } = evidence.fold;
    const doubts = [...allDoubts(evidence, maxJump)];
    return conclude({
      // Whatever is wrong here says that the run cannot be judged, not that a promise was broken.
      findings: new Findings(),
      doubt: doubts.length === 0 ? null : doubts.join('; '),
      observed: `${counted(course.events, 'event')}, ${counted(ledger.size, 'message')}, ${counted(doubts.length, 'doubt')}`,
      limit: `one whole run, no clock off by more than ${formatDurationMs(maxJump)}`,
      figures: { events: course.events, messages: ledger.size, doubts: doubts.length },
    });
  },
);

const more = (total: number) => (total > 1 ? ` (and ${total - 1} more)` : '');

function* allDoubts(
  { fold, scenario, problems, noPromiseJudged }: Evidence,
  maxJumpMs: number,
): Generator<string> {
  const { course, ledger } = fold;
  yield* problemDoubts(problems);
  if (course.events === 0) yield 'the history is empty';
  else if (course.started === null) yield 'it never says which run it is of';
  else if (course.headless) yield 'it does not begin with run.started';
  if (course.started !== null && scenario === null) yield 'its scenario cannot be read';
  if (course.starts > 1) yield `${counted(course.starts, 'run')} are mixed: ${[...course.runs].join(', ')}`;
  if (course.ended === null) yield 'it is cut off: the run never ended';
  else if (course.ended.reason !== 'completed') {
    yield [`the run was ${course.ended.reason}`, course.ended.detail].filter(Boolean).join(': ');
  }
  if (course.ended?.reason === 'completed' && scenario !== null) {
    yield* courseDoubts(scenario, course, fold.outages);
    yield* seedDoubts(scenario, course, ledger);
  }
  for (const check of scenario?.forbiddenSkips ?? []) {
    yield `the scenario skips ${check}, which cannot be skipped: it was judged all the same`;
  }
  if (noPromiseJudged) yield 'every promise was skipped: nothing was judged';
  const { unprovoked } = fold.outages;
  const [trouble] = unprovoked.items;
  if (trouble !== undefined) {
    yield `storage failed that no fault was on: ${trouble.text}, at ${formatDurationMs(trouble.at)}${more(unprovoked.total)}`;
  }
  if (course.late > 0) yield `${counted(course.late, 'event')} after the run's end`;
  const [failure] = course.failures.items;
  if (failure !== undefined) yield `the harness failed: ${failure.text}${more(course.failures.total)}`;
  const run = course.started?.run ?? null;
  const foreign = [...ledger.strayCopies, ...ledger.orphans.items].find(
    ({ id }) => foreignRun(id, run) !== null,
  );
  if (foreign !== undefined) yield `mail of another run is here: ${String(foreign.id)}, ${foreign.text}`;
  const [orphan] = ledger.orphans.items;
  if (orphan !== undefined && foreign === undefined) yield `${orphan.text}${more(ledger.orphans.total)}`;
  const [contradiction] = ledger.contradictions.items;
  if (contradiction !== undefined) {
    const at = formatDurationMs(contradiction.at);
    yield `${contradiction.text}, at ${at}: neither is believed${more(ledger.contradictions.total)}`;
  }
  if (course.isCompleted) yield* listedTooEarly(fold);
  const openAttempts = course.isCompleted ? attemptsWithoutEnd(fold) : 0;
  if (openAttempts > 0) yield `${counted(openAttempts, 'attempt')} never ended, though the run did`;
  const [back] = course.backwards.items;
  if (back !== undefined) yield `time runs backwards: ${back.text}${more(course.backwards.total)}`;
  if (Math.abs(course.jump.ms) > maxJumpMs) {
    yield `the machine's clock jumped by ${formatDurationMs(course.jump.ms)} at ${formatDurationMs(course.jump.at)}`;
  }
  const [off] = course.simDeviations.items;
  if (off !== undefined) yield `${off.text}${more(course.simDeviations.total)}`;
  yield* sourceDoubts(fold, SOURCE_KINDS);
}

/** A run lists its mailboxes when it has settled. */
function* listedTooEarly({ course, mailboxes }: Fold): Generator<string> {
  const settleAt = course.phases.findLast(({ phase }) => phase === 'settle')?.startedAt ?? -Infinity;
  const early = mailboxes.all.filter(({ firstAfterAt }) => firstAfterAt !== null && firstAfterAt < settleAt);
  if (early[0] === undefined) return;
  const { address, firstAfterAt } = early[0];
  const [at, from] = [formatDurationMs(firstAfterAt ?? 0), formatDurationMs(settleAt)];
  yield `${address} was listed at the end at ${at}, before the run settled at ${from}${more(early.length)}`;
}

function attemptsWithoutEnd({ ledger }: Fold): number {
  let count = 0;
  for (const message of ledger.messages()) if (message.isUnderWay) count += 1;
  return count;
}

function* problemDoubts(problems: readonly HistoryProblem[]): Generator<string> {
  for (const { kind, where, text } of problems.slice(0, 3)) {
    yield kind === 'truncated' ? `${where}: ${text}` : `${where} is no event: ${text}`;
  }
  if (problems.length > 3) yield `${problems.length - 3} more lines are no events`;
}
