import { groupSummary, sameMessagesAs } from '../check/finding-groups.js';
import type { CheckResult, Finding } from '../check/result.js';
import type { SimulatedAt } from './simulated.js';

/** So many findings of a kind are told in full; the others are folded. */
const TOLD_IN_FULL = 3;

/** Findings of one kind as every report tells them. */
export interface ToldGroup {
  /** `57 messages to gold, accepted 11.4–26.6 s: seen, then gone (the same messages as no-loss)`. */
  readonly sentence: string;
  /** Another check names exactly the same messages, and tells them. */
  readonly isToldBefore: boolean;
  /** What the sentence says in full is not told again: null for a finding that is alone of its kind. */
  readonly isAlone: boolean;
  /** Told in full: none where another check did it already. */
  readonly first: readonly Finding[];
  /** Listed, and folded. */
  readonly rest: readonly Finding[];
  /** All findings of the group, those that are not listed as well. */
  readonly count: number;
  /** A message of the group; null where it names none. */
  readonly message: string | null;
}

/**
 * What a check found, kind by kind, the most frequent first.
 * @param checks all of the run: what names the same messages as an earlier one says so.
 */
export function toldGroups(
  check: CheckResult,
  checks: readonly CheckResult[],
  simulatedAt?: SimulatedAt,
): readonly ToldGroup[] {
  return check.groups.map((group): ToldGroup => {
    const same = sameMessagesAs(group, check, checks);
    const listed = group.members.flatMap((index) => check.findings[index] ?? []);
    const inFull = same === null ? TOLD_IN_FULL : 0;
    const messages = listed.flatMap((finding) => finding.messages);
    return {
      sentence: `${groupSummary(group, check, simulatedAt)}${same === null ? '' : ` (the same ${messages.length === 1 ? 'message' : 'messages'} as ${same})`}`,
      isToldBefore: same !== null,
      isAlone: group.count === 1 && listed.length === 1,
      first: listed.slice(0, inFull),
      rest: listed.slice(inFull),
      count: group.count,
      message: messages[0] ?? null,
    };
  });
}

/** How many findings the groups from `shown` on hold. */
export function findingsBehind(groups: readonly ToldGroup[], shown: number): number {
  return groups.slice(shown).reduce((sum, { count }) => sum + count, 0);
}
