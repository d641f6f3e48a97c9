import type { Strain } from '../history/machine.js';
import { windowAt } from '../history/outages.js';
import { formatDurationMs } from '../units/duration.js';
import { placeOf, sparesNoVolume, titleOfPlace } from '../fault/place.js';
import { conclude, defineCheck, Findings, validMail, without, type Evidence } from './check.js';
import { withoutOutage } from './outage.js';
import { Pace } from './pace.js';
import { percentile } from './percentile.js';
import { judgeSparedVisits, VISIT_FIGURES } from './spared-visits.js';

/** Delivery latencies on volumes without a fault, sorted upwards, in milliseconds. */
interface Latencies {
  readonly steady: readonly number[];
  readonly outage: readonly number[];
  /** The ids of the slowest in the outage. */
  readonly slowest: readonly string[];
}

const SLOWEST = 5;

export const blastRadius = defineCheck(
  'blast-radius',
  'Volumes without a fault take mail and show mailboxes as fast and as surely as in steady state.',
  ['senders', 'mailboxes', 'readers'],
  ['steady', 'outage', 'p50SteadyMs', 'p50OutageMs', 'p99SteadyMs', 'p99OutageMs', ...VISIT_FIGURES],
  (evidence, limits) => {
    const { factor, slack, success, samples } = limits;
    const limit = `p50 and p99 at most ${factor} × steady + ${formatDurationMs(slack)}, good visits at least ${success} × steady`;
    const none = withoutOutage(evidence, limit);
    if (none !== null) return none;
    const { outages, mailboxes } = evidence.fold;
    const common = [...outages.volumes].map(placeOf).find(sparesNoVolume);
    if (common !== undefined) {
      return without('skipped', `the fault was on ${titleOfPlace(common)}, which no volume is spared`, limit);
    }
    const healthy = [...mailboxes.volumes].filter((volume) => !outages.volumes.has(volume));
    if (healthy.length === 0) {
      return without('skipped', 'no volume with mailboxes is without a fault', limit);
    }
    const { steady, outage, slowest } = latenciesOn(new Set(healthy), evidence);
    const findings = new Findings();
    const pace = new Pace(evidence.fold.machine);
    const strain = strainOf(evidence);
    const hasGrown = (before: number, during: number): boolean =>
      pace.hasGrown({ before, during, factor, slackMs: slack, ...strain });
    const times = {
      p50: { before: percentile(steady, 0.5) ?? 0, during: percentile(outage, 0.5) ?? 0 },
      p99: { before: percentile(steady, 0.99) ?? 0, during: percentile(outage, 0.99) ?? 0 },
    };
    for (const [name, { before, during }] of Object.entries(times)) {
      if (steady.length < samples || outage.length < samples) continue;
      if (!hasGrown(before, during)) continue;
      findings.add(() => ({
        summary: `${name} delivery latency on ${healthy.join(', ')} grew from ${formatDurationMs(before)} to ${formatDurationMs(during)}`,
        messages: slowest,
        atMs: outages.firstInjectingAt,
        evidence: [],
      }));
    }
    const whyFailuresProveNothing = pace.whyFailuresProveNothing(strain.outage);
    const visits = judgeSparedVisits(evidence, healthy, limits, { hasGrown, whyFailuresProveNothing });
    for (const finding of visits.findings) findings.add(() => finding);
    const few =
      steady.length < samples || outage.length < samples
        ? `too little mail on volumes without a fault: ${steady.length} messages in steady state, ${outage.length} in the outage, ${samples} needed`
        : null;
    const doubts = [few, visits.doubt, few === null ? pace.doubt : null].filter((doubt) => doubt !== null);
    return conclude({
      findings,
      doubt: doubts.length === 0 ? null : doubts.join('; '),
      observed: `p50 ${grown(times.p50)}, p99 ${grown(times.p99)}`,
      limit,
      figures: {
        steady: steady.length,
        outage: outage.length,
        p50SteadyMs: times.p50.before,
        p50OutageMs: times.p50.during,
        p99SteadyMs: times.p99.before,
        p99OutageMs: times.p99.during,
        ...visits.figures,
      },
    });
  },
);

function grown({ before, during }: { readonly before: number; readonly during: number }): string {
  return `${formatDurationMs(before)} → ${formatDurationMs(during)}`;
}

/** What the machine did to the times of steady state, behind the filling of the mailboxes, and of the outage. */
function strainOf({ fold }: Evidence): { readonly steady: Strain; readonly outage: Strain } {
  const { machine, mailboxes, outages, course } = fold;
  const steady = machine.strainIn(mailboxes.filledAt, outages.firstInjectingAt ?? course.lastAt);
  const spans = outages.windows.map(({ feltAt, healedAt }) => ({
    from: feltAt,
    to: Math.min(healedAt, course.lastAt),
  }));
  return { steady, outage: machine.strainDuring(spans) };
}

/**
 * From the first attempt to the first copy, so that a deferral counts as the delay that it is. What still
 * waits counts with the time it has waited so far; what is lost or refused is for other checks to say.
 */
function latenciesOn(healthy: ReadonlySet<string | null>, evidence: Evidence): Latencies {
  const { outages, course, mailboxes } = evidence.fold;
  const { windows } = outages;
  const { filledAt } = mailboxes;
  const steady: number[] = [];
  const outage: { readonly id: string; readonly ms: number }[] = [];
  for (const message of validMail(evidence)) {
    const { firstAttemptAt, firstCopyAt, volume, outcome } = message;
    if (firstAttemptAt === null || !healthy.has(volume)) continue;
    const waits = outcome === 'deferred' || outcome === 'unsent' || message.fate === 'queued';
    if (firstCopyAt === null && !waits) continue;
    const ms = (firstCopyAt ?? course.lastAt) - firstAttemptAt;
    // The burst that fills the mailboxes is not how the stack is in steady state.
    if (firstAttemptAt < filledAt) continue;
    if (outages.isSteadyAt(firstAttemptAt)) steady.push(ms);
    else if (windowAt(windows, firstAttemptAt) !== undefined) outage.push({ id: message.id, ms });
  }
  steady.sort((a, b) => a - b);
  outage.sort((a, b) => a.ms - b.ms);
  return {
    steady,
    outage: outage.map(({ ms }) => ms),
    slowest: outage.slice(-SLOWEST).map(({ id }) => id),
  };
}
