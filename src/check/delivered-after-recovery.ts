import type { Message } from '../history/messages.js';
import type { OutageWindow } from '../history/outages.js';
import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import { ofMessage } from './finding-groups.js';
import {
  conclude,
  counted,
  defineCheck,
  figureOf,
  Findings,
  validMail,
  type Evidence,
  slowestAfter,
} from './check.js';
import { withoutOutage } from './outage.js';
import { Pace } from './pace.js';
import { isBlind } from './source-doubts.js';

/**
 * The outage after which the message was due: one that it was waiting in, and that no other outage of its
 * volume followed before the limit was over.
 */
function dueAfter(
  acceptedAt: number,
  firstCopyAt: number | null,
  windows: readonly OutageWindow[],
  withinMs: number,
): OutageWindow | undefined {
  return windows.find(({ injectedAt, healedAt }, index) => {
    if (acceptedAt > healedAt) return false;
    if (firstCopyAt !== null && firstCopyAt < injectedAt) return false;
    const next = windows[index + 1];
    return next === undefined || next.injectedAt > healedAt + withinMs;
  });
}

export const deliveredAfterRecovery = defineCheck(
  'delivered-after-recovery',
  'All mail that waited for the storage is in its mailbox within the limit after the heal, and none is left in a queue.',
  ['mailboxes', 'queue', 'senders'],
  ['due', 'inTime', 'acceptedInOutage', 'unwatched', 'unhealed', 'unsure', 'slowestMs'],
  (evidence, { within }) => {
    const limit = `all within ${formatDurationMs(within)} after the heal`;
    const none = withoutOutage(evidence, limit);
    if (none !== null) return none;
    const { outages, course } = evidence.fold;
    const isWatchBlind = isBlind(evidence.fold, 'mailboxes');
    const pace = new Pace(evidence.fold.machine);
    const findings = new Findings();
    const counts = { due: 0, inTime: 0, acceptedInOutage: 0, unwatched: 0, unhealed: 0, unsure: 0 };
    let slowestMs = 0;
    const find = (message: Message, foundAt: number | null, healedAt: number): void => {
      findings.add(
        () => {
          const what =
            foundAt === null
              ? `is not in its mailbox (${message.fate})`
              : `arrived ${formatDurationMs(foundAt - healedAt)} after the heal`;
          return {
            summary: `${message.id} to ${message.to} ${what}`,
            messages: [message.id],
            atMs: foundAt ?? message.acceptedAt,
            evidence: message.notes('wait', 'bounce').map((note) => note.text),
          };
        },
        ofMessage(
          message,
          foundAt === null ? `not in the mailbox (${message.fate})` : 'arrived only when the limit was over',
        ),
      );
    };
    for (const message of validMail(evidence)) {
      const { acceptedAt, firstCopyAt } = message;
      if (acceptedAt === null) continue;
      if (outages.windowFor(message, acceptedAt) !== undefined) counts.acceptedInOutage += 1;
      const window = dueAfter(acceptedAt, firstCopyAt, outages.windowsFor(message), within);
      if (window === undefined) {
        const state = leftBehind(message, acceptedAt, evidence, { withinMs: within, pace });
        if (state === 'stuck') find(message, null, Infinity);
        else if (state !== null) counts[state] += 1;
        continue;
      }
      const { healedAt } = window;
      const foundAt = message.isDelivered ? firstCopyAt : null;
      counts.due += 1;
      if (foundAt !== null) slowestMs = Math.max(slowestMs, foundAt - healedAt);
      if (foundAt !== null && foundAt <= healedAt + within) counts.inTime += 1;
      else if (healedAt === Infinity) counts.unhealed += 1;
      else if (course.lastAt < healedAt + within && mayStillCome(message)) counts.unwatched += 1;
      else if (foundAt === null ? message.fate === 'unaccounted' : isWatchBlind) counts.unsure += 1;
      else if (foundAt !== null && !pace.isOver(foundAt - healedAt, within, healedAt, foundAt)) continue;
      else find(message, foundAt, healedAt);
    }
    return conclude({
      findings,
      doubt: whyUnsure(counts) ?? pace.doubt,
      observed: `${formatCount(counts.inTime)} of ${formatCount(counts.due)} in time${slowestAfter(slowestMs)}`,
      limit,
      figures: { ...counts, slowestMs },
    });
  },
);

/** How long a run took to recover: from the heal to the last delivery of mail that had waited; null where none came. */
export function recoveryMs(run: Parameters<typeof figureOf>[0]): number | null {
  const due = figureOf(run, deliveredAfterRecovery, 'due') ?? 0;
  const slowestMs = figureOf(run, deliveredAfterRecovery, 'slowestMs') ?? 0;
  return due > 0 && slowestMs > 0 ? slowestMs : null;
}

function mayStillCome({ fate }: Message): boolean {
  return fate !== 'lost' && fate !== 'bounced';
}

/**
 * Mail of any kind and for any volume that was accepted in an outage or behind it, had no broken volume to wait for,
 * and is still in a queue when a completed run ended; null: it is no such mail.
 */
function leftBehind(
  { fate }: Message,
  acceptedAt: number,
  { fold }: Evidence,
  { withinMs, pace }: { readonly withinMs: number; readonly pace: Pace },
): 'stuck' | 'unwatched' | 'unhealed' | null {
  const { course, outages } = fold;
  if (!course.isCompleted || fate !== 'queued') return null;
  if (outages.windows.every(({ feltAt }) => acceptedAt < feltAt)) return null;
  if (outages.isAnyOpen) return 'unhealed';
  const sinceAt = Math.max(acceptedAt, outages.lastHealedAt ?? 0);
  return pace.isOverdue(sinceAt, course.lastAt, withinMs) ? 'stuck' : 'unwatched';
}

type Counts = Readonly<Record<'acceptedInOutage' | 'unhealed' | 'unwatched' | 'unsure', number>>;

function whyUnsure({ acceptedInOutage, unhealed, unwatched, unsure }: Counts): string | null {
  if (acceptedInOutage === 0) return 'no mail was accepted while its volume was broken';
  if (unhealed > 0) return `the volume of ${counted(unhealed, 'waiting message')} was never healed`;
  if (unwatched > 0) {
    return `the run ended before the limit was over for ${counted(unwatched, 'waiting message')}`;
  }
  return unsure === 0 ? null : `when ${counted(unsure, 'waiting message')} arrived is not known`;
}
