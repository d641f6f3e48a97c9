import { NobounceError } from '../errors/errors.js';
import type { Seeding } from '../traffic/senders.js';
import { enhancedCode, type AttemptResult } from '../traffic/smtp-attempt.js';
import type { Tracker } from '../traffic/tracker.js';
import { formatDurationMs } from '../units/duration.js';

const MOST_ANSWERS = 3;

type Sent = Pick<Seeding, 'ids' | 'answers'>;
type Found = Pick<Tracker, 'waitsFor' | 'delayOf'>;

/** How far the filling of the mailboxes has come: another text is progress. */
export function fillingState({ ids, answers }: Sent, tracker: Found): string {
  const final = ids.filter((id) => /^(?:accepted|rejected)$/.test(answers.get(id)?.outcome ?? '')).length;
  return `${String(final)} answered, ${String(tracker.waitsFor(ids))} on their way`;
}

/**
 * Why the first mail did not reach its mailboxes: what the stack answers comes first, the most frequent answer before
 * the others. A harness error, since no run can begin like that.
 * @param silentMs for how long nothing more had come
 */
export function fillingFailure({ ids, answers }: Sent, tracker: Found, silentMs: number): NobounceError {
  const all = `of the first ${String(ids.length)} messages`;
  const refusals = mostFrequent(
    ids.flatMap((id) => (answers.get(id)?.outcome === 'accepted' ? [] : [whatWasSaid(answers.get(id))])),
  ).map(({ kind, example, count }) => `${kind}, to ${String(count)} ${all}${suchAs(example)}`);
  const missing = tracker.waitsFor(ids);
  const delays = mostFrequent(ids.flatMap((id) => tracker.delayOf(id) ?? []).map(whatWasLogged)).map(
    ({ kind, example, count }) => `its log says of ${String(count)}: ${kind}${suchAs(example)}`,
  );
  const notFound =
    missing === 0
      ? []
      : [`${String(missing)} ${all} were taken and did not reach their mailboxes`, ...delays];
  const what = refusals.length > 0 ? 'take mail' : 'deliver';
  const told = [...refusals, ...notFound, `nothing more came within ${formatDurationMs(silentMs)}`];
  return new NobounceError('harness', `the stack does not ${what} with healthy storage: ${told.join('; ')}`, {
    advice: 'read the logs of the run; `nobounce doctor` looks at this machine',
  });
}

function suchAs(example: string): string {
  return example === '' ? '' : ` (${example})`;
}

function whatWasLogged(reply: string): Said {
  const enhanced = enhancedCode(reply);
  return { kind: enhanced === null ? 'delayed' : `delayed, ${enhanced}`, example: reply };
}

/** Replies differ by queue ids and the like: what they have in common is told, with the first as an example. */
function whatWasSaid(answer: AttemptResult | undefined): Said {
  if (answer === undefined) return { kind: 'no attempt has ended', example: '' };
  const { outcome, code, enhanced, reply, at } = answer;
  const where = at === 'dot' ? 'the end of the message' : at.toUpperCase();
  if (code !== null)
    return {
      kind: `it answers ${[code, enhanced].filter((part) => part !== null).join(' ')} at ${where}`,
      example: JSON.stringify(reply),
    };
  const kind =
    outcome === 'ambiguous'
      ? `it does not answer ${where}`
      : `it breaks off or cannot be reached at ${where}`;
  return { kind, example: reply };
}

interface Said {
  readonly kind: string;
  readonly example: string;
}

/** The most frequent kinds first. */
function mostFrequent(all: readonly Said[]): readonly (Said & { readonly count: number })[] {
  const kinds = new Map<string, Said & { count: number }>();
  for (const said of all) {
    const one = kinds.get(said.kind) ?? { ...said, count: 0 };
    one.count += 1;
    kinds.set(said.kind, one);
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count).slice(0, MOST_ANSWERS);
}
