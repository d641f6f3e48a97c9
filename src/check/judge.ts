import type { HistoryEvent } from '../history/event.js';
import { readHistory, type HistoryProblem } from '../history/reader.js';
import type { Judgement } from './judgement.js';

/** Judges a history: what became of every message, and which promises were kept. */
export async function judge(
  history: AsyncIterable<HistoryEvent> | Iterable<HistoryEvent>,
  problems: readonly HistoryProblem[] = [],
): Promise<Judgement> {
  let events = 0;
  for await (const _event of history) events += 1;
  void problems;
  const none = { messages: 0, p50Ms: null, p99Ms: null, maxMs: null };
  return {
    run: null,
    verdict: 'inconclusive',
    checks: [],
    mail: {
      created: 0,
      attempted: 0,
      accepted: 0,
      deferred: 0,
      rejected: 0,
      ambiguous: 0,
      unsent: 0,
      delivered: 0,
      queued: 0,
      bounced: 0,
      lost: 0,
      unaccounted: 0,
      duplicated: 0,
      corrupted: 0,
      misdelivered: 0,
      attempts: 0,
      acceptedInOutage: 0,
      queuedInOutage: 0,
    },
    kinds: { inbound: 0, outbound: 0, internal: 0, canary: 0 },
    faults: [],
    phases: [],
    timings: { totalMs: 0, stackReadyMs: null, steady: none, outage: none, queuesDrainedMs: null },
    toxiproxy: null,
    versions: [],
    mailboxes: [],
    events,
  };
}

/** Judges a saved history, with what the file itself shows (a line cut off). */
export async function judgeFile(path: string): Promise<Judgement> {
  const reading = readHistory(path);
  return judge(reading, reading.problems);
}
