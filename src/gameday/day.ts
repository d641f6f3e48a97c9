import { judgeFold } from '../check/judge.js';
import type { Judgement } from '../check/judgement.js';
import { tally } from '../check/tally.js';
import { plainErrno, plainEvidence } from '../fault/sense.js';
import { titleOfFault } from '../fault/registry.js';
import type { HistoryEvent } from '../history/event.js';
import { Fold } from '../history/fold.js';
import type { FaultRecord } from '../history/outages.js';
import { visible } from '../report/safe-text.js';
import { DayLog } from './day-log.js';
import { promiseViews } from './promises.js';
import { sentenceOf } from './sentence.js';
import type { FaultView, Snapshot, State, Sum, VolumeView } from './snapshot.js';
import { VolumeTimes } from './volume-times.js';

/** What the desk knows and no event says yet. */
export interface DeskView {
  /** Mail flows, and acts are taken. */
  readonly isOpen: boolean;
  readonly isGo: boolean;
  readonly controls: string | null;
  readonly isAborting: boolean;
  readonly healsAt: ReadonlyMap<string, number>;
}

/** A judgement may take this share of a core: the more mail, the more rarely promises are judged. */
const JUDGING_SHARE = 0.02;
const MOST_DEPTHS = 600;
const STEADY_NEEDED_MS = 30_000;

const NOBODY: DeskView = { isOpen: true, isGo: false, controls: null, isAborting: false, healsAt: new Map() };

/**
 * The day as it is so far: sees every event of the run, as the judge does, and says at any moment what a page shows. The
 * promises are the judge's own, on what has been seen until now.
 */
export class Day {
  readonly #fold = new Fold();
  readonly #log = new DayLog();
  readonly #times = new VolumeTimes();
  readonly #now: () => number;
  readonly #depths = new Map<string, number>();
  #queue: { readonly at: number; readonly depth: number }[] = [];
  #events = 0;
  #wallMs = 0;
  #judged: { readonly judgement: Judgement; readonly again: number } | null = null;
  #over: Snapshot['over'] = null;

  /** @param now milliseconds of a clock that never goes back, for how often to judge */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What happened, newest first. */
  get log(): Snapshot['log'] {
    return this.#log.lines;
  }

  /** What is injected and not healed. */
  get active(): readonly { readonly fault: string; readonly volume: string }[] {
    return this.#openFaults.map(({ name, volume }) => ({ fault: name, volume }));
  }

  /** What has to be so before something is broken on purpose, each found out by looking. */
  get preflight(): Snapshot['preflight'] {
    const { course, mailboxes, queues } = this.#fold;
    const judgement = this.#judge();
    const broken = judgement.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
    const steadyMs = course.lastAt - mailboxes.filledAt;
    const isFilled = mailboxes.filledAt > 0;
    return [
      { text: 'the stack is up', ok: course.ready !== null },
      { text: 'every mailbox has mail and was listed', ok: isFilled },
      {
        text: `mail has flowed steadily for ${String(STEADY_NEEDED_MS / 1_000)} s`,
        ok: isFilled && steadyMs >= STEADY_NEEDED_MS,
      },
      {
        text: broken.length === 0 ? 'no promise is broken' : `promises are broken: ${broken.join(', ')}`,
        ok: broken.length === 0,
      },
      { text: 'nothing of the harness has failed', ok: course.failures.total === 0 },
      { text: 'an MTA says how long it keeps mail', ok: queues.lifetimes.length > 0 },
      { text: 'storage is well on every volume', ok: this.#openFaults.length === 0 },
    ];
  }

  see(event: HistoryEvent): void {
    this.#fold.see(event);
    this.#log.see(event);
    this.#times.see(event, this.#fold.outages.firstInjectingAt === null);
    this.#events += 1;
    this.#wallMs = event.wall;
    if (event.type === 'queue.sampled') {
      this.#depths.set(event.service, event.depth);
      this.#queue.push({
        at: event.t,
        depth: [...this.#depths.values()].reduce((sum, depth) => sum + depth, 0),
      });
      if (this.#queue.length > 2 * MOST_DEPTHS * 4)
        this.#queue = this.#queue.filter((_, index) => index % 2 === 1);
    }
  }

  /** The run is over and judged: nothing changes any more. */
  end(judgement: Judgement, headline: string, report: string): void {
    this.#judged = { judgement, again: Infinity };
    this.#over = { verdict: judgement.verdict, headline, report };
  }

  snapshot(desk: DeskView = NOBODY): Snapshot {
    const { course, time, queues } = this.#fold;
    const judgement = this.#judge();
    const faults = this.#faultViews(desk.healsAt);
    const sum = this.#sum();
    const state = this.#state(faults, sum, desk);
    const lifetimes = queues.lifetimes.map(({ mailMs }) => mailMs);
    return {
      event: this.#events,
      wallMs: this.#wallMs,
      tMs: course.lastAt,
      simulatedMs: time.at(course.lastAt),
      title: visible(judgement.run?.scenario.title ?? ''),
      stack: visible(judgement.run?.stack.title ?? ''),
      stage: this.#stage(state, desk),
      state,
      faults,
      sentence: this.#over?.headline ?? sentenceOf(sum),
      sum,
      fuseMs: this.#fuseMs(lifetimes),
      lifetimeMs: lifetimes.length === 0 ? null : Math.min(...lifetimes),
      promises: promiseViews(judgement, this.#over !== null),
      volumes: this.#volumes(faults),
      queue: this.#depthSpans(),
      log: this.#log.lines,
      controls: desk.controls,
      isGo: desk.isGo,
      preflight: this.#over === null && !desk.isGo ? this.preflight : [],
      over: this.#over,
    };
  }

  get #openFaults(): readonly FaultRecord[] {
    return this.#fold.outages.faults.filter(({ healedAt }) => healedAt === null);
  }

  /** Judged anew no more often than its cost allows. */
  #judge(): Judgement {
    const now = this.#now();
    if (this.#judged !== null && now < this.#judged.again) return this.#judged.judgement;
    const judgement = judgeFold(this.#fold, []);
    const tookMs = this.#now() - now;
    this.#judged = { judgement, again: now + tookMs / JUDGING_SHARE };
    return judgement;
  }

  #sum(): Sum {
    this.#fold.close();
    const { mail } = tally(this.#fold);
    const { accepted, delivered, queued, bounced, lost, rejected, duplicated, corrupted } = mail;
    const underWay = accepted - delivered - queued - bounced - lost;
    return { accepted, delivered, queued, bounced, lost, underWay, refused: rejected, duplicated, corrupted };
  }

  #faultViews(healsAt: ReadonlyMap<string, number>): readonly FaultView[] {
    return this.#fold.outages.faults
      .filter(({ goneAt }) => goneAt === null)
      .map(({ name, volume, injectingAt, feltAt, healedAt, evidence }) => ({
        key: `${name}@${volume}`,
        name: visible(name),
        title: titleOfFault(name),
        volume: visible(volume),
        state: healedAt !== null ? 'healed' : feltAt !== null ? 'felt' : 'injected',
        sinceMs: healedAt ?? feltAt ?? injectingAt ?? 0,
        evidence: visible(plainEvidence(evidence ?? '')),
        healsAtMs: healedAt === null ? (healsAt.get(volume) ?? healsAt.get('all') ?? null) : null,
      }));
  }

  #state(faults: readonly FaultView[], { queued, underWay }: Sum, { isAborting, isOpen }: DeskView): State {
    const { course, outages } = this.#fold;
    if (this.#over !== null || course.ended !== null) return 'SETTLED';
    if (course.ready === null || !isOpen) return 'STARTING';
    if (faults.length > 0 && isAborting) return 'ABORTING';
    if (faults.some(({ state }) => state === 'felt')) return 'BROKEN';
    if (faults.some(({ state }) => state === 'injected')) return 'INJECTED';
    if (faults.length > 0) return 'HEALED';
    return outages.faults.length > 0 && queued + underWay > 0 ? 'RECOVERING' : 'STEADY';
  }

  #stage(state: State, { isGo }: DeskView): Snapshot['stage'] {
    const { course, outages } = this.#fold;
    if (this.#over !== null) return 'over';
    if (course.phases.some(({ phase }) => phase === 'settle')) return 'settle';
    if (state === 'HEALED' || state === 'ABORTING') return 'restore';
    if (isGo || outages.faults.length > 0) return 'live';
    return course.ready === null ? 'brief' : 'preflight';
  }

  /** The time until the oldest message that waits has waited for as long as its MTA keeps mail. */
  #fuseMs(lifetimesMs: readonly number[]): number | null {
    const { ledger, time, course } = this.#fold;
    if (lifetimesMs.length === 0) return null;
    let oldestAt = Infinity;
    for (const { fate, acceptedAt } of ledger.messages())
      if (fate === 'queued' && acceptedAt !== null) oldestAt = Math.min(oldestAt, acceptedAt);
    if (oldestAt === Infinity) return null;
    return Math.min(...lifetimesMs) - time.between(oldestAt, course.lastAt);
  }

  #volumes(faults: readonly FaultView[]): readonly VolumeView[] {
    const { all } = this.#fold.mailboxes;
    return [...this.#fold.mailboxes.volumes].map((name) => {
      const mailboxes = all.filter(({ volume }) => volume === name).length;
      const trouble = this.#times.troubleOn(name);
      return {
        name: visible(name),
        isBroken: faults.some(({ volume, state }) => volume === name && state !== 'healed'),
        trouble: trouble === null ? '' : visible(`${trouble.operation}: ${plainErrno(trouble.errno)}`),
        mailboxes,
        share: mailboxes / all.length,
        nowMs: this.#times.nowMs(name, this.#fold.course.lastAt),
        steadyMs: this.#times.steadyMs(name),
      };
    });
  }

  #depthSpans(): Snapshot['queue'] {
    const first = this.#queue[0]?.at ?? 0;
    const fromMs = Math.max(first, this.#fold.course.lastAt - 10 * 60_000);
    const seen = this.#queue.filter(({ at }) => at >= fromMs);
    const spanMs = Math.max(1_000, Math.ceil((this.#fold.course.lastAt - fromMs) / MOST_DEPTHS));
    const spans = Math.ceil((this.#fold.course.lastAt - fromMs) / spanMs) + 1;
    const depths: (number | null)[] = Array.from({ length: Math.min(spans, MOST_DEPTHS + 1) }, () => null);
    for (const { at, depth } of seen) {
      const span = Math.floor((at - fromMs) / spanMs);
      depths[span] = Math.max(depths[span] ?? 0, depth);
    }
    return { spanMs, fromMs, depths };
  }
}
