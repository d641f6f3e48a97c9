import type { QueueRecord } from '../history/queues.js';
import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import { ofMessage } from './finding-groups.js';
import { conclude, counted, defineCheck, Findings, validMail, type Evidence } from './check.js';
import { Pace } from './pace.js';
import { isBlind } from './source-doubts.js';

export const queueDrains = defineCheck(
  'queue-drains',
  'Queues return to their baseline after the heal, keep no message for ever, and do not hammer the storage with attempts.',
  ['queue', 'log'],
  ['peak', 'drainedMs', 'mostAttempts'],
  (evidence, { within, attemptsPerMessage }) => {
    const { queues } = evidence.fold;
    const findings = new Findings();
    const pace = new Pace(evidence.fold.machine);
    const states = queues.all.map((queue) => ({ queue, ...stateOf(queue, evidence, within, pace) }));
    const stuck = stuckMail(evidence, within, pace);
    const over = isBlind(evidence.fold, 'queue') ? [] : states.filter(({ isOver }) => isOver);
    for (const { queue, isBack, tookMs } of over) {
      findings.add(() => ({
        summary: isBack
          ? `the queue of ${queue.service} was back at its baseline only ${formatDurationMs(tookMs)} after the heal`
          : `the queue of ${queue.service} still holds ${queue.lastDepth} at the end, ${queue.baseline} in steady state`,
        messages: isBack ? [] : stillQueued(evidence),
        atMs: queue.drainedAt ?? queue.lastAt,
        evidence: [],
      }));
    }
    if (stuck.count > 0 && over.every(({ isBack }) => isBack)) {
      findings.add(() => ({
        summary: `${counted(stuck.count, 'accepted message')} still in a queue at the end, the first accepted ${formatDurationMs(stuck.longestMs)} before`,
        messages: stuck.ids,
        atMs: evidence.fold.course.lastAt,
        evidence: stuck.evidence,
      }));
    }
    let mostAttempts = 0;
    for (const message of validMail(evidence)) {
      const { hops } = message;
      mostAttempts = Math.max(mostAttempts, hops);
      if (hops <= attemptsPerMessage) continue;
      findings.add(
        () => ({
          summary: `${message.id} to ${message.to} was tried ${hops} times`,
          messages: [message.id],
          atMs: message.queuedAt,
          evidence: message.notes('wait').map((note) => note.text),
        }),
        ofMessage(message, `tried more than ${attemptsPerMessage} times`),
      );
    }
    const peak = Math.max(0, ...queues.all.map((queue) => queue.peak));
    const drainedMs = Math.max(0, ...states.map(({ tookMs }) => tookMs));
    const isUnwatched = stuck.pending > 0 || states.some(({ isDue }) => isDue);
    return conclude({
      findings,
      doubt: whyUnsure(evidence, queues.all) ?? (isUnwatched ? UNWATCHED : pace.doubt),
      observed: `peak ${formatCount(peak)}, back after ${formatDurationMs(drainedMs)}, ${mostAttempts === 0 ? 'no attempt logged' : `at most ${counted(mostAttempts, 'attempt')} a message`}`,
      limit: `back within ${formatDurationMs(within)}, at most ${counted(attemptsPerMessage, 'attempt')} a message`,
      figures: { peak, drainedMs, mostAttempts },
    });
  },
);

const UNWATCHED = 'the run ended before the limit was over, and a queue is not back at its baseline';

interface QueueState {
  /** It was at its baseline in its last sample. */
  readonly isBack: boolean;
  /** From the last heal until it was back first; 0 where it never was. */
  readonly tookMs: number;
  /** It was back too late, or is not back although the limit is over. */
  readonly isOver: boolean;
  /** It is not back, and may still be. */
  readonly isDue: boolean;
}

function stateOf(queue: QueueRecord, { fold }: Evidence, withinMs: number, pace: Pace): QueueState {
  const { course, outages } = fold;
  const healedAt = outages.lastHealedAt;
  const isBack = queue.lastDepth <= queue.baseline;
  // While a volume is broken mail waits rightly; of a queue that nobody looked at since, nothing can be said.
  if (!queue.seenAfter || outages.isAnyOpen) return { isBack, tookMs: 0, isOver: false, isDue: false };
  const tookMs = queue.drainedAt === null || healedAt === null ? 0 : queue.drainedAt - healedAt;
  const fromAt = healedAt ?? 0;
  if (isBack) {
    return { isBack, tookMs, isOver: pace.isOver(tookMs, withinMs, fromAt, fromAt + tookMs), isDue: false };
  }
  const isOverdue = healedAt === null || pace.isOverdue(healedAt, course.lastAt, withinMs);
  // A queue that was back and is not any more need only be back again when the run is over.
  const isOver = isOverdue && (course.isCompleted || (healedAt !== null && queue.drainedAt === null));
  return { isBack, tookMs, isOver, isDue: !isOver };
}

/** Accepted mail that a completed run left in a queue, whatever the queue's depth was in steady state. */
interface StuckMail {
  count: number;
  /** Left there as well, but for less than the limit. */
  pending: number;
  longestMs: number;
  readonly ids: string[];
  evidence: readonly string[];
}

function stuckMail(evidence: Evidence, withinMs: number, pace: Pace): StuckMail {
  const { course, outages } = evidence.fold;
  const stuck: StuckMail = { count: 0, pending: 0, longestMs: 0, ids: [], evidence: [] };
  if (!course.isCompleted || outages.isAnyOpen) return stuck;
  const healedAt = outages.lastHealedAt ?? 0;
  for (const message of validMail(evidence)) {
    const { acceptedAt, fate } = message;
    if (acceptedAt === null || fate !== 'queued') continue;
    const sinceAt = Math.max(acceptedAt, healedAt);
    if (!pace.isOverdue(sinceAt, course.lastAt, withinMs)) {
      stuck.pending += 1;
      continue;
    }
    stuck.count += 1;
    stuck.longestMs = Math.max(stuck.longestMs, course.lastAt - acceptedAt);
    if (stuck.ids.length < NAMED) stuck.ids.push(message.id);
    if (stuck.count === 1) stuck.evidence = message.notes('wait').map((note) => note.text);
  }
  return stuck;
}

function whyUnsure({ fold }: Evidence, queues: readonly QueueRecord[]): string | null {
  const { outages } = fold;
  if (queues.length === 0) return 'no queue was ever looked at';
  const unknown = queues.find(({ seenSteady }) => !seenSteady);
  if (unknown !== undefined) return `the queue of ${unknown.service} was not looked at in steady state`;
  if (outages.faults.length > 0 && outages.lastHealedAt === null) return 'no fault was healed';
  if (outages.isAnyOpen) return 'a fault was not healed';
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
