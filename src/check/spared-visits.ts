import { VisitCount } from '../history/visits.js';
import type { Limits } from '../scenario/limits.js';
import { formatDurationMs } from '../units/duration.js';
import { counted, type Evidence } from './check.js';
import { percentile } from './percentile.js';
import type { Finding } from './result.js';

/** What is counted of visits. */
export const VISIT_FIGURES = [
  'visitsSteady',
  'visitsOutage',
  'visitsSteadyShare',
  'visitsOutageShare',
  'visitsP50SteadyMs',
  'visitsP50OutageMs',
  'visitsP99SteadyMs',
  'visitsP99OutageMs',
] as const;

/** What readers' visits to volumes without a fault say. */
interface VisitsOpinion {
  readonly findings: readonly Finding[];
  /** Why they prove nothing; null where they do. */
  readonly doubt: string | null;
  readonly figures: Readonly<Record<(typeof VISIT_FIGURES)[number], number>>;
}

type BlastRadius = Limits['blast-radius'];
/** Whether a time of the outage, in milliseconds, is over what the same in steady state allows. */
type HasGrown = (before: number, during: number) => boolean;

interface Reckoning {
  readonly hasGrown: HasGrown;
  readonly whyFailuresProveNothing: string | null;
}

/** What is compared: visits before the first fault, and to volumes that were spared while others were broken. */
interface Compared {
  readonly where: string;
  readonly steady: VisitCount;
  readonly outage: VisitCount;
  /** With fewer visits on either side, a difference is a doubt. */
  readonly limits: BlastRadius;
  readonly hasGrown: HasGrown;
  readonly atMs: number | null;
}

/**
 * Holds readers' visits to volumes without a fault against the same in steady state: how many went well, and how long
 * those took. Where there are too few of them, a difference may be chance and is a doubt.
 * @param spared at least one volume.
 * @param machine how the machine is reckoned with: whether a time has grown, and why failed visits prove nothing.
 */
export function judgeSparedVisits(
  evidence: Evidence,
  spared: readonly string[],
  limits: BlastRadius,
  { hasGrown, whyFailuresProveNothing }: Reckoning,
): VisitsOpinion {
  const { visits, outages } = evidence.fold;
  const own = spared.map((volume) => ({ volume, ...visits.on(volume) }));
  const compared: Compared = {
    where: spared.join(', '),
    steady: steadyVisits(evidence, spared),
    outage: VisitCount.sum(own.map(({ outage }) => outage)),
    limits,
    hasGrown,
    atMs: outages.firstInjectingAt,
  };
  const failures = [
    ...shareDifferences(compared),
    ...own.flatMap(({ volume, outage }) => unreadable(volume, outage, compared)),
  ];
  const times = timeDifferences(compared);
  const isEnough = ({ steady, outage }: Judged): boolean =>
    steady >= limits.visits && outage >= limits.samples;
  const proven = [...(whyFailuresProveNothing === null ? failures : []), ...times];
  const few = [...failures, ...times].find((one) => !isEnough(one))?.finding.summary ?? null;
  return {
    findings: proven.filter(isEnough).map(({ finding }) => finding),
    doubt:
      whyUnsure(evidence, spared, compared) ?? few ?? (failures.length > 0 ? whyFailuresProveNothing : null),
    figures: figuresOf(compared),
  };
}

/**
 * What was seen of these volumes before the first fault. Readers of 0.1 went round mailbox by mailbox: where they were
 * on their way to the first one on these volumes, what they had seen of all the others stands for it.
 */
function steadyVisits({ fold, scenario }: Evidence, spared: readonly string[]): VisitCount {
  const { visits, sources, course, outages } = fold;
  const steady = VisitCount.sum(spared.map((volume) => visits.on(volume).steady));
  if (sources.hasHeartbeats || steady.visits > 0) return steady;
  const mailboxes = course.started?.mailboxes ?? [];
  const first = mailboxes.findIndex(({ volume }) => spared.includes(volume));
  const { steadyRound } = visits;
  const isBefore = mailboxes.slice(first).every(({ address }) => !steadyRound.mailboxes.has(address));
  // One turn, half a turn for what it is late, and what the visit itself takes.
  const nextBy = steadyRound.lastAt + 1.5 * (scenario?.readersMs ?? 0) + steadyRound.slowestMs;
  if (!isBefore || nextBy < (outages.firstInjectingAt ?? Infinity)) return steady;
  return VisitCount.sum(visits.volumes.map((volume) => visits.on(volume).steady));
}

/** A difference, and between how many visits. */
interface Judged {
  readonly steady: number;
  readonly outage: number;
  readonly finding: Finding;
}

function shareDifferences(compared: Compared): readonly Judged[] {
  const { where, steady, outage, limits, atMs } = compared;
  const [before, during] = [shareOf(steady), shareOf(outage)];
  if (during >= limits.success * before) return [];
  return [
    {
      steady: steady.visits,
      outage: outage.visits,
      finding: {
        summary: `readers' good visits to ${where} fell from ${percent(before)} to ${percent(during)}`,
        messages: [],
        atMs,
        evidence: [`${outage.good} of ${outage.visits} in the outage`],
      },
    },
  ];
}

function timeDifferences({ where, steady, outage, hasGrown, atMs }: Compared): readonly Judged[] {
  return SHARES.flatMap(({ name, share }) => {
    const [before, during] = [timeOf(steady, share), timeOf(outage, share)];
    if (!hasGrown(before, during)) return [];
    return [
      {
        steady: steady.good,
        outage: outage.good,
        finding: {
          summary: `${name} time of readers' good visits to ${where} grew from ${formatDurationMs(before)} to ${formatDurationMs(during)}`,
          messages: [],
          atMs,
          evidence: [],
        },
      },
    ];
  });
}

/** A volume without a single good visit, which may be little among many. */
function unreadable(volume: string, outage: VisitCount, compared: Compared): readonly Judged[] {
  if (outage.visits === 0 || outage.good > 0 || volume === compared.where) return [];
  return [
    {
      steady: compared.steady.visits,
      outage: outage.visits,
      finding: {
        summary: `none of ${counted(outage.visits, 'visit')} of readers to ${volume} was good in the outage`,
        messages: [],
        atMs: compared.atMs,
        evidence: [],
      },
    },
  ];
}

function whyUnsure(
  { fold }: Evidence,
  spared: readonly string[],
  { where, steady, outage, limits }: Compared,
): string | null {
  // Runs of 0.1 visited no more often than it happened: one visit must do.
  const isNew = fold.sources.hasHeartbeats;
  const needed = isNew ? limits.visits : 1;
  if (steady.visits < needed || outage.visits < needed) {
    return `too few visits of readers to ${where}: ${steady.visits} in steady state, ${outage.visits} in the outage, ${needed} needed`;
  }
  if (shareOf(steady) < limits.success) {
    return `readers could not look at ${where} in steady state: ${steady.good} of ${counted(steady.visits, 'visit')} went well`;
  }
  const unseen = spared.filter((volume) => {
    const own = fold.visits.on(volume);
    return own.steady.visits === 0 || own.outage.visits === 0;
  });
  if (!isNew || unseen.length === 0) return null;
  return `no reader visited ${unseen.join(', ')} both in steady state and in the outage`;
}

const SHARES = [
  { name: 'p50', share: 0.5 },
  { name: 'p99', share: 0.99 },
] as const;

function figuresOf({ steady, outage }: Compared): VisitsOpinion['figures'] {
  return {
    visitsSteady: steady.visits,
    visitsOutage: outage.visits,
    visitsSteadyShare: shareOf(steady),
    visitsOutageShare: shareOf(outage),
    visitsP50SteadyMs: timeOf(steady, 0.5),
    visitsP50OutageMs: timeOf(outage, 0.5),
    visitsP99SteadyMs: timeOf(steady, 0.99),
    visitsP99OutageMs: timeOf(outage, 0.99),
  };
}

/** Of none, all: nothing went wrong that could be compared. */
const shareOf = ({ visits, good }: VisitCount): number => (visits === 0 ? 1 : good / visits);

const timeOf = ({ goodMs }: VisitCount, share: number): number =>
  percentile(
    goodMs.toSorted((a, b) => a - b),
    share,
  ) ?? 0;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
