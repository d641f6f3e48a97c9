import { formatDurationMs } from '../units/duration.js';
import type { QueueRecord } from '../history/queues.js';
import { conclude, counted, defineCheck, Findings, validMail, type Evidence } from './check.js';

export const queueDrains = defineCheck(
  'queue-drains',
  'Queues return to their baseline after the heal, without hammering the storage with attempts.',
  ['queue', 'log'],
  (evidence, { within, attemptsPerMessage }) => {
    const { queues, outages, course } = evidence.fold;
    const findings = new Findings();
    const healedAt = outages.lastHealedAt;
    let peak = 0;
    let drainedMs = 0;
    let unwatched = false;
    for (const queue of queues.all) {
      peak = Math.max(peak, queue.peak);
      // Of a queue that nobody looked at since, nothing can be said; the doubt is below.
      if (!queue.seenAfter) continue;
      const tookMs = queue.drainedAt === null || healedAt === null ? 0 : queue.drainedAt - healedAt;
      drainedMs = Math.max(drainedMs, tookMs);
      const isBack = queue.lastDepth <= queue.baseline;
      if (isBack && tookMs <= within) continue;
      if (!isBack && healedAt !== null && course.lastAt - healedAt < within) {
        unwatched = true;
        continue;
      }
      findings.add(() => ({
        summary: isBack
          ? `the queue of ${queue.service} was back at its baseline only ${formatDurationMs(tookMs)} after the heal`
          : `the queue of ${queue.service} still holds ${queue.lastDepth} at the end, ${queue.baseline} in steady state`,
        messages: isBack ? [] : stillQueued(evidence),
        atMs: queue.drainedAt ?? queue.lastAt,
        evidence: [],
      }));
    }
    let mostAttempts = 0;
    for (const message of validMail(evidence)) {
      const { hops } = message;
      mostAttempts = Math.max(mostAttempts, hops);
      if (hops <= attemptsPerMessage) continue;
      findings.add(() => ({
        summary: `${message.id} to ${message.to} was tried ${hops} times`,
        messages: [message.id],
        atMs: message.queuedAt,
        evidence: message.notes('wait').map((note) => note.text),
      }));
    }
    return conclude({
      findings,
      doubt: unwatched
        ? 'the run ended before the limit was over, and a queue is not back at its baseline'
        : whyUnsure(evidence, queues.all),
      observed: `peak ${peak}, back after ${formatDurationMs(drainedMs)}, at most ${counted(mostAttempts, 'attempt')} a message`,
      limit: `back within ${formatDurationMs(within)}, at most ${counted(attemptsPerMessage, 'attempt')} a message`,
      figures: { peak, drainedMs, mostAttempts },
    });
  },
);

function whyUnsure({ fold }: Evidence, queues: readonly QueueRecord[]): string | null {
  if (queues.length === 0) return 'no queue was ever looked at';
  const unknown = queues.find(({ seenSteady }) => !seenSteady);
  if (unknown !== undefined) return `the queue of ${unknown.service} was not looked at in steady state`;
  if (fold.outages.faults.length > 0 && fold.outages.lastHealedAt === null) return 'no fault was healed';
  const unseen = queues.find(({ seenAfter }) => !seenAfter);
  return unseen === undefined ? null : `the queue of ${unseen.service} was not looked at after the heal`;
}

const NAMED = 10;

function stillQueued(evidence: Evidence): readonly string[] {
  const ids: string[] = [];
  for (const message of validMail(evidence)) {
    if (message.isListed && ids.push(message.id) === NAMED) break;
  }
  return ids;
}
