import type { MailboxDay } from './mailbox-days.js';
import type { MessageKind } from '../history/event.js';
import type { CheckResult } from './result.js';
import type { Verdict } from './verdict.js';

/** What a run was, from its own first events. Nulls where the history does not say. */
export interface RunFacts {
  readonly run: string;
  readonly nobounce: string;
  readonly seed: number;
  readonly driver: 'docker' | 'embedded';
  readonly scenario: { readonly name: string; readonly title: string; readonly stack: string | null };
  readonly stack: { readonly name: string; readonly title: string };
  /** Epoch milliseconds. */
  readonly startedAtWall: number;
  readonly ended: 'completed' | 'interrupted' | 'failed' | 'cut off';
  readonly endDetail: string;
  /** Each `harness.failed`, as `what: error`. */
  readonly harnessFailures: readonly string[];
}

/**
 * Every message that is not a canary. attempted = accepted + deferred + rejected + ambiguous + unsent, by
 * the best outcome of its attempts; accepted = delivered + queued + bounced + lost + unaccounted, by fate.
 * The others are counted beside the fate.
 */
export interface MailCounts {
  readonly created: number;
  readonly attempted: number;
  readonly accepted: number;
  readonly deferred: number;
  readonly rejected: number;
  readonly ambiguous: number;
  readonly unsent: number;
  readonly delivered: number;
  readonly queued: number;
  readonly bounced: number;
  readonly lost: number;
  /** Accepted and nowhere seen, in a run that did not look everywhere at its end. */
  readonly unaccounted: number;
  readonly duplicated: number;
  readonly corrupted: number;
  readonly misdelivered: number;
  /** Attempts of all these messages, retries included. */
  readonly attempts: number;
  /** Accepted while a fault was felt on the recipient's volume, and of those, seen in a queue. */
  readonly acceptedInOutage: number;
  readonly queuedInOutage: number;
}

/** The life of one fault on one volume. Times in milliseconds since the run started; null: never. */
export interface FaultLife {
  readonly name: string;
  readonly volume: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly injectedAt: number | null;
  readonly feltAt: number | null;
  readonly healedAt: number | null;
  readonly goneAt: number | null;
  /** What the storage probe saw when it felt the fault. */
  readonly evidence: string | null;
  readonly goneEvidence: string | null;
  /** How long the fault was felt by the stack's simulated clock, in milliseconds. */
  readonly simulatedMs: number | null;
}

export interface PhaseSpan {
  readonly phase: string;
  readonly step: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** Milliseconds from acceptance to the first copy; nulls where nothing was delivered. */
export interface DeliveryTimes {
  readonly messages: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

interface Timings {
  readonly totalMs: number;
  /** The same by the stack's simulated clock. */
  readonly simulatedMs: number;
  /** Each time the clocks were moved: how far they are ahead of the run's own time from `at` on. */
  readonly jumps: readonly { readonly at: number; readonly aheadMs: number }[];
  readonly stackReadyMs: number | null;
  /** Delivery of mail accepted in steady state, and of mail accepted while a fault was felt on its volume. */
  readonly steady: DeliveryTimes;
  readonly outage: DeliveryTimes;
  /** From the last heal until all queues were back at their baseline. */
  readonly queuesDrainedMs: number | null;
}

export interface ServiceVersions {
  readonly name: string;
  readonly image: string;
  readonly versions: Readonly<Record<string, string>>;
}

export interface MailboxCounts {
  readonly address: string;
  readonly volume: string;
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly bounced: number;
  readonly lost: number;
  readonly unaccounted: number;
  readonly duplicated: number;
  readonly corrupted: number;
}

/** Everything that a history says of its run: the content of results.json (DESIGN section 6). */
export interface Judgement {
  readonly run: RunFacts | null;
  readonly verdict: Verdict;
  readonly checks: readonly CheckResult[];
  /** Limits that allow more than by default, such as `no-loss max 5 (0)`. */
  readonly loosened: readonly string[];
  readonly mail: MailCounts;
  /** Messages by kind, canaries included. */
  readonly kinds: Readonly<Record<MessageKind, number>>;
  readonly faults: readonly FaultLife[];
  readonly phases: readonly PhaseSpan[];
  readonly timings: Timings;
  readonly toxiproxy: string | null;
  readonly versions: readonly ServiceVersions[];
  readonly mailboxes: readonly MailboxCounts[];
  readonly mailboxDays: readonly MailboxDay[];
  readonly events: number;
}
