import type { OutageWindow } from '../history/outages.js';
import { placeOf } from '../fault/place.js';
import { formatDurationMs } from '../units/duration.js';
import { conclude, defineCheck, Findings, validMail, without, type Evidence } from './check.js';
import { withoutOutage } from './outage.js';

export const lifetimeMargin = defineCheck(
  'lifetime-margin',
  'The queues keep mail for longer than the outage lasts and the queues need to drain.',
  ['queue', 'mailboxes'],
  ['neededMs', 'spareMs'],
  (evidence, { margin }) => {
    const limit =
      margin > 0 ? `at least ${formatDurationMs(margin)} to spare` : 'longer than outage and drain';
    const none = withoutOutage(evidence, limit);
    if (none !== null) return none;
    const { outages, queues, course } = evidence.fold;
    if (queues.lifetimes.length === 0) {
      return without('skipped', 'the stack does not say how long its queues keep mail', limit);
    }
    if (outages.windows.some(({ healedAt }) => healedAt === Infinity)) {
      return without('inconclusive', 'a volume was never healed', limit);
    }
    const findings = new Findings();
    const drained = drainedBy(evidence);
    const needed = outages.windows.map((window) => ({
      volume: window.volume,
      ms: evidence.fold.time.between(window.injectedAt, drained.get(window) ?? window.healedAt),
    }));
    // Mail waits for a volume in the stack's queue, and for the MX in its senders' queues.
    const kept = queues.lifetimes.flatMap(({ service, mailMs, bouncesMs, outside = false }) => {
      const own = needed.filter(({ volume }) => (placeOf(volume).kind === 'link') === outside);
      return own.length === 0
        ? []
        : [
            { service, what: 'mail', ms: mailMs, longest: longestOf(own) },
            { service, what: 'bounces', ms: bouncesMs, longest: longestOf(own) },
          ];
    });
    const spareMs = ({ ms, longest }: (typeof kept)[number]): number => ms - longest.ms;
    const tightest = kept.toSorted((a, b) => spareMs(a) - spareMs(b))[0];
    if (tightest === undefined) {
      return without('skipped', 'no queue whose lifetime is known had to keep mail', limit);
    }
    for (const each of kept) {
      const { service, what, ms, longest } = each;
      if (spareMs(each) >= margin) continue;
      findings.add(() => ({
        summary: `${service} keeps ${what} for ${formatDurationMs(ms)}; ${longest.volume} was down and draining for ${formatDurationMs(longest.ms)}`,
        messages: [],
        atMs: course.lastAt,
        evidence: [],
      }));
    }
    const { longest } = tightest;
    return conclude({
      findings,
      doubt: null,
      observed: `${formatDurationMs(longest.ms)} of outage and drain on ${longest.volume}, ${formatDurationMs(spareMs(tightest))} to spare`,
      limit,
      figures: { neededMs: longest.ms, spareMs: spareMs(tightest) },
    });
  },
);

/** How long one volume, or the link to the MX, was down and draining. */
interface Needed {
  readonly volume: string;
  readonly ms: number;
}

function longestOf(needed: readonly Needed[]): Needed {
  return needed.reduce((most, each) => (each.ms > most.ms ? each : most));
}

/** When the last message that waited for the window's volume was out of the queue; what is still in it, is at the end. */
function drainedBy(evidence: Evidence): ReadonlyMap<OutageWindow, number> {
  const { outages, course } = evidence.fold;
  const drained = new Map<OutageWindow, number>();
  for (const message of validMail(evidence)) {
    const { acceptedAt, firstCopyAt, leftQueueAt, isListed } = message;
    if (acceptedAt === null) continue;
    const window = outages.windowFor(message, acceptedAt);
    if (window === undefined) continue;
    const left = isListed ? course.lastAt : (firstCopyAt ?? leftQueueAt ?? acceptedAt);
    drained.set(window, Math.max(drained.get(window) ?? window.healedAt, left));
  }
  return drained;
}
