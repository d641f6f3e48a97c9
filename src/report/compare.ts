import { cleaned, safeLine } from './safe-text.js';
import { figureOf } from '../check/check.js';
import { recoveryMs } from '../check/delivered-after-recovery.js';
import { queueDrains } from '../check/queue-drains.js';
import type { Results } from '../check/results.js';
import { formatCount } from '../units/number.js';
import { formatDurationMs } from '../units/duration.js';

type Change = 'better' | 'same' | 'worse';
type CheckVerdict = Results['checks'][number]['verdict'];

interface VerdictChange<V> {
  readonly name: string;
  /** Null: the run has no such check. */
  readonly before: V | null;
  readonly after: V | null;
  readonly change: Change;
}

/** One figure of one run; null where it has none. */
export interface RunFigure {
  readonly name: string;
  readonly unit: 'count' | 'ms';
  readonly value: number | null;
}

export interface FigureChange {
  readonly name: string;
  readonly unit: 'count' | 'ms';
  readonly before: number | null;
  readonly after: number | null;
  readonly change: Change;
}

/** Two runs held against each other. Shape of `nobounce compare --json`; times in milliseconds. */
export interface Comparison {
  readonly schemaVersion: 1;
  readonly before: RunName;
  readonly after: RunName;
  /** Why nothing can be said of the two; null where they can be compared. Nothing is worse then. */
  readonly notComparable: string | null;
  /** What to know when their figures are read. */
  readonly caveats: readonly string[];
  readonly verdict: VerdictChange<Results['verdict']>;
  readonly checks: readonly VerdictChange<CheckVerdict>[];
  readonly figures: readonly FigureChange[];
  readonly isWorse: boolean;
}

interface RunName {
  readonly dir: string;
  readonly run: string | null;
  readonly scenario: string | null;
  readonly stack: string | null;
}

export interface ComparedRun {
  readonly dir: string;
  readonly results: Results;
}

const RANK: Readonly<Record<CheckVerdict, number>> = { pass: 0, skipped: 0, inconclusive: 1, fail: 2 };

function verdictChange<V extends CheckVerdict>(
  name: string,
  before: V | null,
  after: V | null,
): VerdictChange<V> {
  const by = before === null || after === null ? 0 : RANK[after] - RANK[before];
  return { name, before, after, change: by > 0 ? 'worse' : by < 0 ? 'better' : 'same' };
}

/** Two runs of one stack differ by so much without any cause. */
const SLACK = { ms: 1_000, waiting: 5, none: 0 } as const;

interface Figure {
  readonly name: string;
  readonly unit: 'count' | 'ms';
  readonly slack: number;
  /** What matters exactly: one message more is worse, whatever the tolerance. */
  readonly isExact: boolean;
  readonly of: (results: Results) => number | null;
}

const mail = (name: keyof Results['mail']): Figure => ({
  name,
  unit: 'count',
  slack: SLACK.none,
  isExact: true,
  of: (results) => results.mail[name],
});
const time = (name: string, of: Figure['of']): Figure => ({
  name,
  unit: 'ms',
  slack: SLACK.ms,
  isExact: false,
  of,
});

const FIGURES: readonly Figure[] = [
  mail('lost'),
  mail('bounced'),
  mail('rejected'),
  mail('duplicated'),
  mail('corrupted'),
  mail('misdelivered'),
  mail('queued'),
  time('last delivery after the heal', recoveryMs),
  time('queues empty after the heal', ({ timings }) => timings.queuesDrainedMs),
  {
    name: 'queue peak',
    unit: 'count',
    slack: SLACK.waiting,
    isExact: false,
    of: (results) => figureOf(results, queueDrains, 'peak'),
  },
  time('delivery p50, steady', ({ timings }) => timings.steady.p50Ms),
  time('delivery p99, steady', ({ timings }) => timings.steady.p99Ms),
  time('delivery p50, outage', ({ timings }) => timings.outage.p50Ms),
  time('delivery p99, outage', ({ timings }) => timings.outage.p99Ms),
];

/** The figures of a run by which it is compared. */
export function figuresOf(results: Results): readonly RunFigure[] {
  return FIGURES.map(({ name, unit, of }) => ({ name, unit, value: of(results) }));
}

/** How many accepted messages arrived nowhere: the times of a run are those of the others. */
const missing = ({ mail: { accepted, delivered } }: Results): number => accepted - delivered;

function figureChange(figure: Figure, before: Results, after: Results, tolerance: number): FigureChange {
  const { name, unit, slack, isExact, of } = figure;
  const was = of(before);
  const is = of(after);
  let change: Change = 'same';
  if (was !== null && is !== null) {
    const room = isExact ? 0 : Math.max(slack, was * tolerance);
    const byMissing = isExact ? 0 : missing(after) - missing(before);
    // A queue is short and quick where mail is thrown away: that is no progress, and its end no relapse.
    if (is > was + room && byMissing >= 0) change = 'worse';
    else if (is < was - room && byMissing <= 0) change = 'better';
  }
  return { name, unit, before: was, after: is, change };
}

const nameOf = ({ dir, results }: ComparedRun): RunName => ({
  dir,
  run: results.run,
  scenario: results.scenario,
  stack: results.stack,
});

/**
 * What changed from one run to another, in verdicts and in figures. `isWorse`: the verdict, a check or a
 * figure got worse.
 * @param tolerance by what share a time or a queue may grow (0.2 = 20 %) and still count as the same; at
 *   least a second, or five messages. Lost, bounced or duplicated mail has no tolerance.
 */
export function compareRuns(before: ComparedRun, after: ComparedRun, tolerance = 0.2): Comparison {
  const [was, is] = [before.results, after.results];
  const names = [...new Set([...was.checks, ...is.checks].map(({ name }) => name))];
  const verdictOf = (results: Results, check: string): CheckVerdict | null =>
    results.checks.find(({ name }) => name === check)?.verdict ?? null;
  const verdict = verdictChange('verdict', was.verdict, is.verdict);
  const checks = names.map((name) => verdictChange(name, verdictOf(was, name), verdictOf(is, name)));
  const figures = FIGURES.map((figure) => figureChange(figure, was, is, tolerance));
  const [wasMissing, isMissing] = [missing(was), missing(is)];
  const caveats =
    wasMissing === isMissing
      ? []
      : [
          `${formatCount(wasMissing)} and ${formatCount(isMissing)} accepted messages arrived nowhere: times and queues are those of the others`,
        ];
  const notComparable = whyNotComparable(before, after);
  return {
    schemaVersion: 1,
    before: nameOf(before),
    after: nameOf(after),
    notComparable,
    caveats,
    verdict,
    checks,
    figures,
    isWorse:
      notComparable === null && [verdict, ...checks, ...figures].some(({ change }) => change === 'worse'),
  };
}

/** Runs of two scenarios, and one that did not come to its end, say nothing about each other. */
function whyNotComparable(before: ComparedRun, after: ComparedRun): string | null {
  const [was, is] = [before.results.scenario, after.results.scenario];
  const reasons = [
    ...(was === is ? [] : [`the scenarios differ: ${was ?? '?'} and ${is ?? '?'}`]),
    ...[before, after].flatMap(({ dir, results: { ended } }) =>
      ended.reason === 'completed' ? [] : [`${dir} did not end as planned: ${ended.reason}`],
    ),
  ];
  return reasons.length === 0 ? null : reasons.join('; ');
}

/** A figure with its unit; a dash where the run has none. */
export function figureText(value: number | null, unit: FigureChange['unit']): string {
  if (value === null) return '–';
  return unit === 'ms' ? formatDurationMs(value) : formatCount(value);
}

/** One sentence about the whole comparison. */
export function comparisonSentence(comparison: Comparison): string {
  const { isWorse, notComparable, verdict, checks, figures } = comparison;
  if (notComparable !== null) return `Not comparable: ${notComparable}.`;
  const all = [...checks, ...figures];
  const worse = all.filter(({ change }) => change === 'worse').map(({ name }) => name);
  const better = all.filter(({ change }) => change === 'better').map(({ name }) => name);
  if (isWorse) return `The second run is worse: ${worse.length > 0 ? worse.join(', ') : verdict.name}.`;
  return better.length > 0
    ? `The second run is better: ${better.join(', ')}.`
    : 'The second run is neither better nor worse.';
}

const SIGN: Readonly<Record<Change, string>> = { better: '+', same: ' ', worse: '!' };

/** The comparison as lines of text; `!` marks what got worse, `+` what got better. */
export function comparisonText(told: Comparison): string {
  const comparison = cleaned(told);
  const { before, after, caveats, verdict, checks, figures } = comparison;
  const same = [...checks, ...figures].filter(({ before: was, after: is }) => was === is).length;
  const row = (change: Change, name: string, was: string, is: string): string =>
    `  ${SIGN[change]} ${name.padEnd(30)} ${was.padStart(14)}  →  ${is}`;
  return [
    `${before.dir} (${before.stack ?? '?'})  →  ${after.dir} (${after.stack ?? '?'})`,
    ...caveats.map((caveat) => `  note: ${caveat}`),
    row(verdict.change, 'verdict', verdict.before ?? '–', verdict.after ?? '–'),
    ...checks
      .filter(({ before: was, after: is }) => was !== is)
      .map(({ name, change, before: was, after: is }) => row(change, name, was ?? '–', is ?? '–')),
    ...figures
      .filter(({ before: was, after: is }) => was !== is)
      .map(({ name, change, before: was, after: is, unit }) =>
        row(change, name, figureText(was, unit), figureText(is, unit)),
      ),
    ...(same === 0 ? [] : [`    ${formatCount(same)} checks and figures are the same`]),
    comparisonSentence(comparison),
    '',
  ]
    .map(safeLine)
    .join('\n');
}
