import type { Missed } from '../history/delivery-account.js';
import type { SourceKind } from '../history/event.js';
import type { Fold } from '../history/fold.js';
import type { Disagreement } from '../history/queue-account.js';
import type { Shortfall, Silence } from '../history/source.js';
import { formatDurationMs } from '../units/duration.js';

/** Why the sources of these kinds are no evidence, or not all through: a sentence for each that was silent or contradicted. */
export function sourceDoubts(fold: Fold, kinds: readonly SourceKind[]): readonly string[] {
  const { sources, queues } = fold;
  const silent = kinds.flatMap((kind) => [
    ...sources.silences(kind).map(describe),
    ...sources.shortfalls(kind).map(shortfall),
    ...missedBy(kind, fold),
  ]);
  return kinds.includes('queue') ? [...silent, ...queues.disagreements.map(contradiction)] : silent;
}

/** What a source did not show of the deliveries that another one saw. */
function missedBy(kind: SourceKind, { deliveries }: Fold): readonly string[] {
  const told = (missed: Missed | null, what: string): readonly string[] => {
    if (missed === null) return [];
    const { count, firstAt, lastAt } = missed;
    const span = `between ${formatDurationMs(firstAt)} and ${formatDurationMs(lastAt)}`;
    return [`${count} messages ${what}, ${span}`];
  };
  switch (kind) {
    case 'log':
      return [
        ...told(
          deliveries.unlogged,
          'were seen at their recipients, and no log says that they were delivered',
        ),
        ...told(deliveries.undelayed, 'were listed in a queue with a reason to wait, and no log says so'),
      ];
    case 'outside':
      return told(deliveries.unreceived, 'were handed over by the log, and the outside did not receive them');
    case 'mailboxes':
      return told(
        deliveries.unwatched,
        'lie in mailboxes at the end, and the watch of the mailboxes saw none come',
      );
    default:
      return [];
  }
}

/** Whether what was not seen of these kinds may have been there all the same. */
export function isBlind(fold: Fold, ...kinds: readonly SourceKind[]): boolean {
  return sourceDoubts(fold, kinds).length > 0;
}

function shortfall({ kind, subject, claimed, recorded }: Shortfall): string {
  return `${TITLES[kind](subject)} counted ${claimed}, and the history has ${recorded}`;
}

function contradiction({ service, against, from, to, depth, claimed }: Disagreement): string {
  const span = `from ${formatDurationMs(from)} to ${formatDurationMs(to)}`;
  return against === 'listings'
    ? `the listings of the queue of ${service} name ${claimed} messages and its depth is ${depth}, ${span}`
    : `by the log of ${service} ${claimed} messages wait and by its queue ${depth}, ${span}`;
}

function describe({ kind, subject, from, to, how }: Silence): string {
  const source = TITLES[kind](subject);
  const [start, end] = [formatDurationMs(from), formatDurationMs(to)];
  switch (how) {
    case 'never':
      return `nothing was ever heard of ${source}`;
    case 'ended':
      return `${source} ended at ${start}, and was needed until ${end}`;
    case 'silent':
      return `nothing was heard of ${source} from ${start} to ${end}`;
  }
}

const of = (subject: string) => (subject === '' ? '' : ` of ${subject}`);

const TITLES: Readonly<Record<SourceKind, (subject: string) => string>> = {
  queue: (subject) => `the watch of the queue${of(subject)}`,
  log: (subject) => `the log${of(subject)}`,
  outside: () => 'the outside',
  probe: (subject) => `the storage probe${of(subject)}`,
  mailboxes: () => 'the watch of the mailboxes',
  readers: () => 'the readers',
  senders: () => 'the senders',
};
