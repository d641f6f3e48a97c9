import type { Judgement } from '../check/judgement.js';
import type { CheckResult } from '../check/result.js';
import { recoveryMs } from '../check/delivered-after-recovery.js';
import { titleOfFault } from '../fault/registry.js';
import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';

/** The stack's name without what stands in brackets: "Postfix, LMTP, Dovecot with Maildir". */
export function shortStack(title: string): string {
  const short = title.replace(/\s*\([^)]*\)\s*$/, '');
  // A word such as `embedded` cannot begin a sentence.
  return /^[a-z]/.test(short) ? `The ${short} stack` : short;
}

/** The same inside a sentence. */
const within = (stack: string): string => stack.replace(/^The /, 'the ');

/** "15.4 s of a storage vendor’s OS bug", or null for a run without a fault. */
function outage({ faults }: Judgement): string | null {
  const names = [...new Set(faults.map(({ name }) => name))];
  const spans = faults.flatMap(({ feltAt, injectedAt, healedAt }) => {
    const from = feltAt ?? injectedAt;
    return from === null || healedAt === null ? [] : [{ from, to: healedAt }];
  });
  if (names.length === 0) return null;
  const what = names.map(titleOfFault).join(' and ');
  if (spans.length === 0) return what;
  const simulatedMs = Math.max(0, ...faults.map((fault) => fault.simulatedMs ?? 0));
  const realMs = Math.max(...spans.map(({ to }) => to)) - Math.min(...spans.map(({ from }) => from));
  // Where the stack's clocks were moved, its own time is what it lived through.
  return `${formatDurationMs(simulatedMs > 2 * realMs ? simulatedMs : realMs)} of ${what}`;
}

const are = (count: number): string => (count === 1 ? 'was' : 'were');

/** What became of mail that should not have: "53 were lost". Empty where all is well. */
function losses({ mail }: Judgement): readonly string[] {
  return (
    [
      [mail.lost, `${are(mail.lost)} lost`],
      [mail.bounced, `bounced`],
      [mail.rejected, `${are(mail.rejected)} refused for good`],
      [mail.corrupted, `arrived damaged`],
      [mail.misdelivered, `went to someone else`],
      [mail.duplicated, `arrived more than once`],
      [mail.queued, `${are(mail.queued)} still waiting at the end`],
    ] as const
  ).flatMap(([count, what]) => (count === 0 ? [] : [`${formatCount(count)} ${what}`]));
}

function list(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

const promises = (count: number): string => (count === 1 ? 'one promise' : `${formatCount(count)} promises`);

/** What the run was allowed beyond the defaults; null where it was not. */
export function allowances({ loosened }: Judgement): string | null {
  return loosened.length === 0 ? null : `looser than by default: ${loosened.join(', ')}`;
}

/** The verdict in one sentence that a manager understands, and what it was not held against. */
export function headline(judgement: Judgement, stackTitle: string): string {
  const allowed = allowances(judgement);
  return `${sentence(judgement, stackTitle)}${allowed === null ? '' : ` (${allowed})`}`;
}

/** Checks that say whether a run can be judged at all, in the order in which one is why the others are unsure. */
const ROOTS: readonly CheckResult['name'][] = ['fault-felt', 'self-check', 'sound-history', 'fault-gone'];

/** The one check for which a run proves nothing; null where it proves something. */
export function rootDoubt({ verdict, checks, run }: Judgement): CheckResult | null {
  if (verdict !== 'inconclusive') return null;
  const unsure = checks.filter((result) => result.verdict === 'inconclusive');
  // Of a run that did not end as planned all else follows.
  const roots = run?.ended === 'completed' ? ROOTS : (['sound-history', ...ROOTS] as const);
  const root = roots.flatMap((name) => unsure.find((result) => result.name === name) ?? [])[0];
  return root ?? unsure[0] ?? null;
}

/** The verdict in one sentence, without what the run was not held against. */
export function sentence(judgement: Judgement, stackTitle: string): string {
  const { run, mail, verdict } = judgement;
  const stack = shortStack(stackTitle);
  const through = outage(judgement);
  const during = through === null ? 'with healthy storage' : `through ${through}`;
  if (run?.ended === 'interrupted')
    return `The drill of ${within(stack)} was interrupted: it says nothing yet.`;
  if ((run?.harnessFailures.length ?? 0) > 0)
    return `nobounce itself failed while it drilled ${within(stack)}: the run says nothing about the stack’s promises.`;
  const failed = judgement.checks.filter((result) => result.verdict === 'fail');
  if (verdict === 'fail') {
    const bad = losses(judgement);
    if (bad.length > 0)
      return `${stack} did not keep its mail safe ${during}: of ${formatCount(mail.created)} messages, ${list(bad)}.`;
    const kept =
      mail.accepted === mail.delivered ? `kept all ${formatCount(mail.accepted)} messages` : 'kept its mail';
    return `${stack} ${kept} ${during}, but broke ${promises(failed.length)}: ${list(
      failed.map(({ name, observed }) => `${name} (${observed})`),
    )}.`;
  }
  if (verdict === 'inconclusive') {
    // Of many reasons the first: the check that gave it has the others.
    const why = rootDoubt(judgement)?.reason?.split('; ')[0];
    return `This run proves nothing about ${within(stack)}${why === undefined ? '' : `: ${why.replace(/\.$/, '')}`}.`;
  }
  const recovered = recoveryMs(judgement);
  const last =
    recovered === null
      ? ''
      : `; the last was delivered ${formatDurationMs(recovered)} after the storage came back`;
  return `${stack} kept all ${formatCount(mail.accepted)} messages ${during}${last}.`;
}

/** The checks worth telling line by line: none of a run that never began, since its error says it all. */
export function toldChecks({ mail, checks, run }: Judgement): readonly CheckResult[] {
  return mail.created === 0 && (run?.harnessFailures.length ?? 0) > 0 ? [] : checks;
}
