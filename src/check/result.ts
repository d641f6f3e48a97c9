import type { CheckName } from '../scenario/limits.js';
import type { Verdict } from './verdict.js';

/** One thing that a check found wrong: a value, never an exception. */
export interface Finding {
  /** One sentence a person understands, with the addresses, replies and figures that matter. */
  readonly summary: string;
  /** The messages it is about; may be empty for findings about mailboxes, logins or faults. */
  readonly messages: readonly string[];
  /** Milliseconds since the run started; null where it is about the run as a whole. */
  readonly atMs: number | null;
  /** The raw evidence: a reply, a DSN's diagnostic, a log line, a probe sample. */
  readonly evidence: readonly string[];
}

/** What findings count. */
export type Subject = 'message' | 'mailbox' | 'login' | 'operation' | 'bounce' | 'copy' | 'notice';

/** Tells whether two sets of messages are the same without keeping them; sums of parts that share no message add up. */
export interface MessageSum {
  readonly count: number;
  readonly hashes: readonly [number, number];
}

/** Findings of one kind in one check. The counts of a check's groups add up to its findings, listed or not. */
export interface FindingGroup {
  readonly what: string;
  /** Null for what stands for itself: its summary says it all. */
  readonly subject: Subject | null;
  readonly place: string | null;
  readonly when: string;
  readonly count: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Which of the check's listed findings are of it, by their place in the list; what is not listed is only counted. */
  readonly members: readonly number[];
  /** The same for groups that name the same messages, and for no others; null where one of its findings names none. */
  readonly messageSet: MessageSum | null;
}

/** What one check says of one run. */
export interface CheckResult {
  readonly name: CheckName;
  /** The promise in one sentence, as in the design's table. */
  readonly promise: string;
  readonly verdict: Verdict | 'skipped';
  /** What was observed, beside what was allowed: both are short texts for one line of a report. */
  readonly observed: string;
  readonly limit: string;
  /** Figures behind `observed`, for machines; units stand in the keys. */
  readonly figures: Readonly<Record<string, number>>;
  /** Why the check is inconclusive or skipped; null otherwise. */
  readonly reason: string | null;
  readonly findings: readonly Finding[];
  /** Findings beyond those listed (the list is bounded). */
  readonly moreFindings: number;
  /** The findings by kind, the most frequent first; their counts add up to all findings, listed or not. */
  readonly groups: readonly FindingGroup[];
}
