import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import type { Message } from '../history/messages.js';
import { windowAt } from '../history/outages.js';
import { ofMessage } from './finding-groups.js';
import { conclude, defineCheck, Findings, validMail, without, slowestAfter } from './check.js';
import { withoutOutage } from './outage.js';
import { Pace } from './pace.js';

export const outboundFlows = defineCheck(
  'outbound-flows',
  'Subscribers can still send during the outage, and their mail leaves during it.',
  ['senders', 'outside'],
  ['tried', 'left', 'slowestMs'],
  (evidence, { within }) => {
    const limit = `each accepted and gone within ${formatDurationMs(within)}`;
    if (evidence.scenario?.traffic.has('outbound') === false) {
      return without('skipped', 'the scenario sends no mail to the outside', limit);
    }
    const none = withoutOutage(evidence, limit);
    if (none !== null) return none;
    const { outages, course } = evidence.fold;
    const { windows } = outages;
    const findings = new Findings();
    const pace = new Pace(evidence.fold.machine);
    let tried = 0;
    let left = 0;
    let slowestMs = 0;
    for (const message of validMail(evidence)) {
      const { kind, firstAttemptAt } = message;
      if (kind !== 'outbound' || firstAttemptAt === null) continue;
      if (windowAt(windows, firstAttemptAt) === undefined) continue;
      tried += 1;
      const { firstCopyAt, acceptedAt } = message;
      if (firstCopyAt !== null) left += 1;
      if (firstCopyAt !== null && acceptedAt !== null)
        slowestMs = Math.max(slowestMs, firstCopyAt - acceptedAt);
      const trouble = troubleOf(message, firstAttemptAt, { withinMs: within, endAt: course.lastAt, pace });
      if (trouble === null) continue;
      findings.add(
        () => ({
          summary: `${message.id} from ${message.from} to ${message.to} ${trouble.text}`,
          messages: [message.id],
          atMs: firstAttemptAt,
          evidence: message.notes('refusal', 'wait', 'bounce').map((note) => note.text),
        }),
        ofMessage(message, trouble.kind),
      );
    }
    return conclude({
      findings,
      doubt: tried === 0 ? 'no subscriber sent anything to the outside during the outage' : pace.doubt,
      observed: `${formatCount(left)} of ${formatCount(tried)} left${slowestAfter(slowestMs)}`,
      limit,
      figures: { tried, left, slowestMs },
    });
  },
);

interface Limit {
  readonly withinMs: number;
  /** The last `t` of the run. */
  readonly endAt: number;
  readonly pace: Pace;
}

/** What held a message up, in full and as its kind. */
interface Trouble {
  readonly text: string;
  readonly kind: string;
}

/** What held the message up, or null; a message whose time is not over yet is not held up. */
function troubleOf(
  message: Message,
  firstAttemptAt: number,
  { withinMs, endAt, pace }: Limit,
): Trouble | null {
  const { acceptedAt, firstCopyAt } = message;
  if (acceptedAt === null) {
    const unsure = message.ambiguous > 0 || endAt - firstAttemptAt <= withinMs;
    const text = `could not be submitted (${String(message.outcome)})`;
    return unsure ? null : { text, kind: text };
  }
  if (pace.isOver(acceptedAt - firstAttemptAt, withinMs, firstAttemptAt, acceptedAt)) {
    const text = `was accepted only ${formatDurationMs(acceptedAt - firstAttemptAt)} after the first attempt`;
    return { text, kind: 'accepted only long after the first attempt' };
  }
  const gone = (firstCopyAt ?? endAt) - acceptedAt;
  if (!pace.isOver(gone, withinMs, acceptedAt, acceptedAt + gone)) return null;
  return firstCopyAt === null
    ? { text: `did not leave in the ${formatDurationMs(gone)} that were watched`, kind: 'did not leave' }
    : {
        text: `left only ${formatDurationMs(gone)} after it was accepted`,
        kind: 'left only long after they were accepted',
      };
}
