import type { OutageWindow } from '../history/outages.js';
import { formatDurationMs } from '../units/duration.js';
import { conclude, defineCheck, Findings, validMail, without, type Evidence } from './check.js';
import { withoutOutage } from './outage.js';

export const lifetimeMargin = defineCheck(
  'lifetime-margin',
  'The queues keep mail for longer than the outage lasts and the queues need to drain.',
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
    const longest = needed.reduce((most, each) => (each.ms > most.ms ? each : most));
    let spareMs = Infinity;
    for (const { service, mailMs, bouncesMs } of queues.lifetimes) {
      for (const [what, keptMs] of [
        ['mail', mailMs],
        ['bounces', bouncesMs],
      ] as const) {
        spareMs = Math.min(spareMs, keptMs - longest.ms);
        if (keptMs - longest.ms >= margin) continue;
        findings.add(() => ({
          summary: `${service} keeps ${what} for ${formatDurationMs(keptMs)}; ${longest.volume} was down and draining for ${formatDurationMs(longest.ms)}`,
          messages: [],
          atMs: course.lastAt,
          evidence: [],
        }));
      }
    }
    return conclude({
      findings,
      doubt: null,
      observed: `${formatDurationMs(longest.ms)} of outage and drain on ${longest.volume}, ${formatDurationMs(spareMs)} to spare`,
      limit,
      figures: { neededMs: longest.ms, spareMs },
    });
  },
);

/** When the last message that waited for the window's volume was out of the queue; what is still in it, is at the end. */
function drainedBy(evidence: Evidence): ReadonlyMap<OutageWindow, number> {
  const { outages, course } = evidence.fold;
  const drained = new Map<OutageWindow, number>();
  for (const { acceptedAt, volume, firstCopyAt, leftQueueAt, isListed } of validMail(evidence)) {
    if (acceptedAt === null || volume === null) continue;
    const window = outages.windowAt(volume, acceptedAt);
    if (window === undefined) continue;
    const left = isListed ? course.lastAt : (firstCopyAt ?? leftQueueAt ?? acceptedAt);
    drained.set(window, Math.max(drained.get(window) ?? window.healedAt, left));
  }
  return drained;
}
