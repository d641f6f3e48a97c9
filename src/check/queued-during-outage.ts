import { formatDurationMs } from '../units/duration.js';
import { conclude, counted, defineCheck, Findings, validMail } from './check.js';
import { windowGivesReasons, windowStopsWrites, withoutOutage } from './outage.js';

export const queuedDuringOutage = defineCheck(
  'queued-during-outage',
  'Mail accepted in the outage is seen waiting in a queue, with a reason and no code of class 5.',
  ['queue', 'log', 'senders'],
  (evidence, { min, delayed }) => {
    const limit = `at least ${min} seen queued`;
    const none = withoutOutage(evidence, limit);
    if (none !== null) return none;
    const { outages, course } = evidence.fold;
    const findings = new Findings();
    let accepted = 0;
    let queued = 0;
    let unexplained = 0;
    let heldUp = 0;
    let slowestMs = 0;
    let stopped = false;
    const waiting: string[] = [];
    for (const message of validMail(evidence)) {
      const { acceptedAt } = message;
      if (acceptedAt === null) continue;
      const window = outages.windowFor(message, acceptedAt);
      if (window === undefined) continue;
      accepted += 1;
      stopped ||= windowStopsWrites(window);
      if (message.has('waitedWithClass5')) {
        findings.add(() => ({
          summary: `${message.id} to ${message.to} waits in the queue with a code of class 5`,
          messages: [message.id],
          atMs: message.queuedAt,
          evidence: message.notes('wait').map((note) => note.text),
        }));
      }
      // Behind a storage that is slow or hangs, mail waits for its turn: there is no failure to give as a reason.
      const sighting = windowGivesReasons(window) ? 'waitedWithReason' : 'waited';
      if (message.has(sighting) || message.has('waitedWithClass5')) queued += 1;
      else if (message.has('waited')) unexplained += 1;
      const waitedMs = (message.firstCopyAt ?? course.lastAt) - acceptedAt;
      slowestMs = Math.max(slowestMs, waitedMs);
      if (waitedMs <= delayed) continue;
      heldUp += 1;
      if (!message.has('waited') && waiting.length < 10) waiting.push(message.id);
    }
    // Under a fault that only slows, nothing has to wait; where mail did, it must have been seen waiting.
    const required = stopped || heldUp > 0;
    if (required && queued < min) {
      findings.add(() => ({
        summary:
          unexplained > 0
            ? `${counted(unexplained, 'message')} seen in a queue without any reason, ${queued} with one`
            : `${accepted} accepted in the outage, ${queued} seen in a queue`,
        messages: waiting,
        atMs: outages.firstInjectingAt,
        evidence: [],
      }));
    }
    const slow = required ? '' : `; nothing had to wait: slowest delivery ${formatDurationMs(slowestMs)}`;
    return conclude({
      findings,
      doubt: accepted === 0 ? 'no mail was accepted while its volume was broken' : null,
      observed: `${queued} of ${accepted} accepted in the outage${slow}`,
      limit,
      figures: { acceptedInOutage: accepted, queued, unexplained, heldUp, slowestMs },
    });
  },
);
