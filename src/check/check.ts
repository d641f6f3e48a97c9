import { formatDurationMs } from '../units/duration.js';
import { describeError } from '../errors/errors.js';
import type { SourceKind } from '../history/event.js';
import type { Fold } from '../history/fold.js';
import type { HistoryProblem } from '../history/reader.js';
import type { Message } from '../history/messages.js';
import { formatCount } from '../units/number.js';
import type { CheckName, Limits } from '../scenario/limits.js';
import { FindingGroups, type FindingKind } from './finding-groups.js';
import type { RecordedScenario } from './recorded-scenario.js';
import type { CheckResult, Finding, FindingGroup } from './result.js';
import { sourceDoubts } from './source-doubts.js';
import type { Verdict } from './verdict.js';

/** What a check judges: the whole history, folded, and what the scenario asked for. */
export interface Evidence {
  /** What is wrong with the file that the history was read from. */
  readonly problems: readonly HistoryProblem[];
  readonly fold: Fold;
  readonly scenario: RecordedScenario | null;
  readonly limits: Limits;
  /** Every check of a promise was skipped; false while they are judged. */
  readonly noPromiseJudged: boolean;
}

/** What a check says; its name and promise are added by the registry. `F`: the names of its figures. */
export interface Opinion<F extends string> {
  readonly verdict: Verdict | 'skipped';
  readonly observed: string;
  readonly limit: string;
  /** Null where there was nothing to look at. */
  readonly figures: Readonly<Record<F, number>> | null;
  readonly reason: string | null;
  readonly findings: Findings;
}

/** The opinion of any check that has nothing to look at. */
export type NothingToSay = Opinion<never> & { readonly figures: null };

export interface Check<F extends string = string> {
  readonly name: CheckName;
  readonly promise: string;
  /** What it counts, for reports and machines: `figureOf` reads them. Units stand in the names; without one, they are counts. */
  readonly figures: readonly F[];
  run(evidence: Evidence): CheckResult;
}

const MAX_FINDINGS = 50;

/** The findings of one check: the first are kept, all are counted, in all and by kind. */
export class Findings {
  readonly #kept: Finding[] = [];
  readonly #groups = new FindingGroups();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  get kept(): readonly Finding[] {
    return this.#kept;
  }

  get groups(): readonly FindingGroup[] {
    return this.#groups.all();
  }

  /**
   * `describe` is called only for findings that are kept: describing a million takes its time.
   * @param kind what it has in common with others; without one it stands alone.
   */
  add(describe: () => Finding, kind?: FindingKind): void {
    this.#total += 1;
    const listedAs = this.#kept.length < MAX_FINDINGS ? this.#kept.length : null;
    const finding = listedAs === null ? null : describe();
    if (finding !== null) this.#kept.push(finding);
    if (kind !== undefined) this.#groups.add(kind, listedAs);
    else if (finding !== null && listedAs !== null) this.#groups.addAlone(finding, listedAs);
    else this.#groups.addUnlisted(1);
  }

  /** Counts findings of which nothing but their number is known, and of what kind they are. */
  addUnseen(count: number, kind: FindingKind): void {
    if (count === 0) return;
    this.#total += count;
    this.#groups.add({ ...kind, atMs: null }, null, count);
  }
}

/**
 * A check: a name, a promise, the sources that it needs, the names of its figures, and a pure function of the evidence. One that throws is
 * inconclusive, one that the scenario skips says so with the scenario's reason. Silence is no evidence: where a source
 * that it needs was not heard of, a pass is inconclusive. A fail stands: it rests on what was seen.
 */
export function defineCheck<N extends CheckName, const F extends string>(
  name: N,
  promise: string,
  needs: readonly SourceKind[],
  figures: readonly F[],
  judge: (evidence: Evidence, limits: Limits[N]) => Opinion<NoInfer<F>>,
): Check<F> {
  const silent = {
    name,
    promise,
    observed: '',
    limit: '',
    figures: {},
    findings: [],
    moreFindings: 0,
    groups: [],
  };
  return {
    name,
    promise,
    figures,
    run: (evidence) => {
      const limits = evidence.limits[name];
      if (limits.skip !== undefined) return { ...silent, verdict: 'skipped', reason: limits.skip };
      try {
        const { findings, figures: counted, ...opinion } = judge(evidence, limits);
        const moreFindings = findings.total - findings.kept.length;
        const { kept, groups } = findings;
        const told = { name, promise, ...opinion, figures: counted ?? {} };
        const result = { ...told, findings: kept, moreFindings, groups };
        return { ...result, ...weighSilence(opinion, sourceDoubts(evidence.fold, needs)) };
      } catch (error) {
        const reason = `the check itself failed: ${describeError(error)}`;
        return { ...silent, verdict: 'inconclusive', reason };
      }
    },
  };
}

function weighSilence(
  { verdict, reason }: Pick<CheckResult, 'verdict' | 'reason'>,
  doubts: readonly string[],
): Pick<CheckResult, 'verdict' | 'reason'> {
  if (doubts.length === 0 || verdict === 'fail' || verdict === 'skipped') return { verdict, reason };
  return { verdict: 'inconclusive', reason: [...(reason === null ? [] : [reason]), ...doubts].join('; ') };
}

/** What `conclude` weighs. */
interface Weighing<F extends string> {
  readonly findings: Findings;
  /** So many findings are allowed. */
  readonly allowed?: number;
  /** Why nothing, or not enough, could be looked at; null where it could. */
  readonly doubt: string | null;
  readonly observed: string;
  readonly limit: string;
  readonly figures: Readonly<Record<F, number>>;
}

/** fail by its findings; else inconclusive where there was not enough to look at; else pass. */
export function conclude<F extends string>({
  findings,
  allowed = 0,
  doubt,
  observed,
  limit,
  figures,
}: Weighing<NoInfer<F>>): Opinion<F> {
  const failed = findings.total > allowed;
  const verdict = failed ? 'fail' : doubt === null ? 'pass' : 'inconclusive';
  return { verdict, observed, limit, figures, reason: failed ? null : doubt, findings };
}

/** A check that does not apply, or that had nothing to look at. */
export function without(verdict: 'skipped' | 'inconclusive', reason: string, limit: string): NothingToSay {
  return { verdict, observed: 'nothing to look at', limit, figures: null, reason, findings: new Findings() };
}

/**
 * A figure of a check in a run, by the check that declares it. Null where the check had nothing to look at, or the run
 * was judged by a version that did not count it.
 */
export function figureOf<F extends string>(
  { checks }: { readonly checks: readonly Pick<CheckResult, 'figures' | 'name'>[] },
  { name }: Pick<Check<F>, 'name' | 'figures'>,
  figure: NoInfer<F>,
): number | null {
  return checks.find((check) => check.name === name)?.figures[figure] ?? null;
}

/** Every message but the canaries: mail that a valid sender sent to a valid recipient. */
export function* validMail({ fold }: Evidence): Generator<Message, void, undefined> {
  for (const message of fold.ledger.messages()) if (message.kind !== 'canary') yield message;
}

/** `none lost`, `at most 5 lost`. */
export function atMost(max: number, what: string): string {
  return `${max === 0 ? 'none' : `at most ${formatCount(max)}`} ${what}`.trim();
}

/** How long the slowest took, behind a count of what came; nothing where nothing did. */
export function slowestAfter(slowestMs: number): string {
  return slowestMs > 0 ? `, the slowest after ${formatDurationMs(slowestMs)}` : '';
}

/** `1 message`, `2 messages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
