import type { SourceKind } from '../history/event.js';
import type { Fold } from '../history/fold.js';
import type { Disagreement } from '../history/queue-account.js';
import type { Shortfall, Silence } from '../history/source.js';
import { formatDurationMs } from '../units/duration.js';

/** Why the sources of these kinds are no evidence, or not all through: a sentence for each that was silent or contradicted. */
export function sourceDoubts({ sources, queues }: Fold, kinds: readonly SourceKind[]): readonly string[] {
  const silent = kinds.flatMap((kind) => [
    ...sources.silences(kind).map(describe),
    ...sources.shortfalls(kind).map(shortfall),
  ]);
  return kinds.includes('queue') ? [...silent, ...queues.disagreements.map(contradiction)] : silent;
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
