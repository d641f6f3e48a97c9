import { withDeadline } from '../errors/deadline.js';
import { describeError } from '../errors/errors.js';
import { TimeTravel } from '../clock/travel.js';
import { Guardian } from '../guardian/guardian.js';
import { HISTORY_VERSION } from '../history/event.js';
import type { Plan } from '../scenario/plan.js';
import type { TimelineStep } from '../scenario/scenario.js';
import { AT_THE_START, takeStep, type PlannedStep, type Standing } from '../scenario/timeline.js';
import { needsOfStep, refusals } from '../stack/requirements.js';
import type { RunningStack } from '../stack/stack.js';
import type { TrafficContext } from '../traffic/context.js';
import { loadImapFlow } from '../traffic/imap.js';
import { MailboxWatch } from '../traffic/mailboxes.js';
import { pause } from '../traffic/pause.js';
import { Readers } from '../traffic/readers.js';
import { Senders } from '../traffic/senders.js';
import type { Tracker } from '../traffic/tracker.js';
import { readAct, type ActSource, type AskedAct } from './acts.js';
import { StackDied, type Ending } from './ending.js';
import { FaultControl } from './fault-control.js';
import { fillMailboxes } from './fill.js';
import { Heartbeats } from './heartbeats.js';
import type { Journal } from './journal.js';
import type { RunRequest } from './request.js';
import type { Scope } from './scope.js';
import { Steps } from './steps.js';
import { takeStock } from './stock.js';
import { Travelling } from './travelling.js';
import { recordLifetimes, startWatches } from './watches.js';

/** On a slow machine readers need longer than the steady step for what an outage is held against. */
const FIRST_VISITS_TIMEOUT_MS = 30_000;
/** For those who take part to let go of what they are doing when a run ends before its time. */
const LET_GO_TIMEOUT_MS = 5_000;
/** Of a stack in which something is dead. */
const LAST_STOCK_TIMEOUT_MS = 20_000;
/** For the guardian to end, and where a heal has failed, to try it once more. */
const GUARDIAN_TIMEOUT_MS = 30_000;
/** For a source of acts to hear that no more are wanted. */
const NO_MORE_TIMEOUT_MS = 1_000;
/** What follows where a source of acts ends: nothing stays broken, and mail is followed to its end. */
const HEAL_ALL: TimelineStep = { heal: 'all' };
const LAST_SETTLE: TimelineStep = { settle: 60_000 };
/** Why an act cannot move the clocks of a stack that could. */
const CLOCKS_ARE_FIXED =
  'the clocks of this run cannot be moved: they are made movable where the timeline of the scenario has an `advance`';

/** Somebody wanted the run to end, or it ended for a reason that is told already. */
export class Interrupted extends Error {}

export interface RunParts extends RunRequest {
  readonly plan: Plan;
  readonly token: string;
  readonly dir: string;
  readonly journal: Journal;
  readonly tracker: Tracker;
  readonly scope: Scope;
  readonly ending: Ending;
}

/** Everyone who has a part in a run. */
interface Cast {
  readonly context: TrafficContext;
  readonly faults: FaultControl;
  readonly senders: Senders;
  readonly readers: Readers;
  readonly mailboxes: MailboxWatch;
  readonly steps: Steps;
}

/** Who wants a step, and what has to end as well before a steady one does. */
type AskedStep = Pick<AskedAct, 'by' | 'cut' | 'refused'> & {
  readonly beside?: (() => Promise<void>) | undefined;
};

/** One scenario while it runs. */
export class RunningScenario {
  readonly #parts: RunParts;
  readonly #heartbeats: Heartbeats;
  #travel: TimeTravel | null = null;
  #standing: Standing = AT_THE_START;
  #stepsTaken = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#heartbeats = new Heartbeats(parts.journal.record, parts.ending.broke);
  }

  /** @throws Interrupted, or what broke the run. */
  async play(): Promise<void> {
    const cast = await this.#assemble(await this.#start());
    const { context, senders, readers, mailboxes } = cast;
    try {
      await this.#carryOut(cast);
      await senders.giveUp();
      await readers.stop();
      await mailboxes.stop();
      await takeStock(context, this.#parts.tracker);
      this.#throwIfOver();
    } catch (error) {
      if (this.#parts.ending.cause instanceof StackDied) await this.#salvage(cast);
      throw error;
    }
  }

  async #start(): Promise<RunningStack> {
    const { driver, plan, dir, scope, observer, keep, toxiproxy, token, journal, signal } = this.#parts;
    this.#recordStart();
    const startMs = performance.now();
    const imapFlow = loadImapFlow();
    // A failure is told below, and not where the stack could not be started either.
    imapFlow.catch(() => undefined);
    const stack = await driver.start({
      run: token,
      plan,
      toxiproxy,
      logsDir: `${dir}/logs`,
      keep,
      progress: (line) => observer.progress?.(line),
      onTeardown: (name, timeoutMs, undo) => {
        scope.add(name, timeoutMs, undo);
      },
      signal,
    });
    await imapFlow;
    this.#throwIfOver();
    journal.record({
      type: 'stack.ready',
      tookMs: performance.now() - startMs,
      toxiproxy: stack.toxiproxyTitle,
      services: stack.services.map(({ name, image, versions }) => ({
        name,
        image,
        versions: { ...versions },
      })),
    });
    return stack;
  }

  #recordStart(): void {
    const { driver, plan, token, seed, version, acts } = this.#parts;
    this.#parts.journal.record({
      type: 'run.started',
      historyVersion: HISTORY_VERSION,
      run: token,
      nobounce: version,
      seed,
      driver: driver.name,
      stack: { name: driver.stackName, title: driver.stackTitle },
      scenario: plan.scenario,
      mailboxes: plan.mailboxes.map(({ address, volume }) => ({ address, volume })),
      heartbeats: true,
      ...(acts === undefined ? {} : { asked: true }),
    });
  }

  /** Starts everyone who takes part, each with its end registered first. */
  async #assemble(stack: RunningStack): Promise<Cast> {
    const { plan, scope, journal, ending, tracker, signal, token, seed } = this.#parts;
    const { record } = journal;
    const context: TrafficContext = {
      run: token,
      seed,
      plan,
      stack,
      record,
      source: this.#heartbeats.start,
      broke: ending.broke,
      simNowMs: () => Date.now() + (this.#travel?.aheadMs ?? 0),
    };
    if (stack.clocks !== null) this.#travel = new TimeTravel(stack.clocks, journal);
    const faults = new FaultControl(stack, record, scope, await this.#guardian());
    const senders = new Senders(context);
    const mailboxes = new MailboxWatch(context);
    const lifetimes = recordLifetimes(context);
    // A failure is told below: a watch that were still starting then would begin behind the teardown.
    lifetimes.catch(() => undefined);
    scope.add('stop waiting for sources', 1_000, () => {
      this.#heartbeats.close();
      return Promise.resolve();
    });
    const observe = faults.observe.bind(faults);
    const queues = await startWatches(context, { scope, ending, observe });
    await lifetimes;
    scope.add('stop mailbox watch', 10_000, () => mailboxes.stop());
    mailboxes.start();
    const readers = new Readers(context);
    scope.add('stop readers', 10_000, () => readers.abort());
    scope.add('stop senders', 10_000, () => senders.abort());
    const { traffic, checks } = plan.scenario;
    const who = { senders, readers, mailboxes, queues, tracker };
    const travelling = this.#travel === null ? null : new Travelling(this.#travel, who, traffic, signal);
    const steps = new Steps({ faults, senders, mailboxes, tracker, travelling, record }, checks, signal);
    return { context, faults, senders, readers, mailboxes, steps };
  }

  /** Starts who heals when this process cannot; its end is registered before every fault, so it comes after every heal. */
  async #guardian(): Promise<Guardian | null> {
    const { lease, dir, scope, ending } = this.#parts;
    if (lease === undefined) return null;
    const guardian = await Guardian.start({ ...lease, record: `${dir}/guardian.jsonl` }, (error) => {
      ending.broke('the lease', error);
    });
    scope.add('let the guardian go', GUARDIAN_TIMEOUT_MS, () => guardian.close());
    return guardian;
  }

  async #carryOut(cast: Cast): Promise<void> {
    const { plan, acts, live, journal, signal } = this.#parts;
    const { senders, readers } = cast;
    // Mailboxes are filled in a first steady time; at least half of it comes after that.
    const first = acts === undefined && plan.steps[0]?.kind === 'steady' ? plan.steps[0] : null;
    const fillBesides = async (durationMs: number): Promise<void> => {
      await this.#fill(cast);
      await pause(durationMs / 2, signal);
      const { visits } = plan.scenario.checks['blast-radius'];
      await readers.visitedEach(visits, FIRST_VISITS_TIMEOUT_MS, signal);
    };
    if (acts !== undefined) await fillBesides(0);
    else if (first === null) await this.#fill(cast);
    senders.canary();
    live?.({ tell: journal.record });
    if (acts !== undefined) {
      for await (const asked of this.#taken(acts)) await this.#act(asked, cast);
      for (const step of this.#lastSteps()) await this.#takeStep(step, { by: 'nobounce' }, cast);
      return;
    }
    for (const [index, step] of plan.scenario.timeline.entries()) {
      const beside = index === 0 && first !== null ? () => fillBesides(first.durationMs) : undefined;
      await this.#takeStep(step, { by: 'timeline', beside }, cast);
    }
  }

  /** Every act until the source ends; a run that is over asks for no more. */
  async *#taken(acts: ActSource): AsyncGenerator<AskedAct, void, undefined> {
    const source = acts[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next: IteratorResult<AskedAct, unknown> = await this.#orOver(source.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      const told = Promise.resolve(source.return?.()).then(() => undefined);
      // A source that waits for its next act hears of it when that comes; nobody waits for it here.
      await withDeadline(told, NO_MORE_TIMEOUT_MS, 'the source of acts').catch(() => undefined);
    }
  }

  #lastSteps(): readonly TimelineStep[] {
    if (this.#standing.isSettled) return [];
    return this.#standing.active.length === 0 ? [LAST_SETTLE] : [HEAL_ALL, LAST_SETTLE];
  }

  async #act({ act, by, cut, refused }: AskedAct, cast: Cast): Promise<void> {
    const { record } = this.#parts.journal;
    const read = readAct(act);
    if ('note' in read) record({ type: 'note.added', text: read.note, by });
    else if ('ask' in read) record({ type: 'ask.answered', question: read.ask, answer: read.answer, by });
    else if ('step' in read) await this.#takeStep(read.step, { by, cut, refused }, cast);
    else this.#refuse({ ...act }, { by, refused }, read.reasons);
  }

  #refuse(
    act: Readonly<Record<string, unknown>>,
    { by, refused }: Pick<AskedAct, 'by' | 'refused'>,
    reasons: readonly string[],
  ): void {
    this.#parts.journal.record({ type: 'act.refused', act, by, reasons: [...reasons] });
    refused?.(reasons);
  }

  async #takeStep(step: TimelineStep, asked: AskedStep, { steps }: Cast): Promise<void> {
    const { plan, journal } = this.#parts;
    const index = this.#stepsTaken;
    const bed = { volumes: plan.volumes, hasOutsideMtas: plan.outsideMtas.length > 0 };
    const { planned, standing, problems } = takeStep(this.#standing, step, index, bed);
    const reasons = [...problems.map(({ message }) => message), ...this.#lacking(planned)];
    if (reasons.length > 0) {
      this.#refuse(step, asked, reasons);
      return;
    }
    this.#standing = standing;
    this.#stepsTaken += 1;
    journal.record({ type: 'act.asked', act: step, by: asked.by, step: index });
    await steps.take(planned, asked);
    this.#throwIfOver();
  }

  /** What of a step this run cannot do: a timeline was looked at before it began, acts come later. */
  #lacking(step: PlannedStep): readonly string[] {
    const lacking = refusals(this.#parts.driver, needsOfStep(step)).map(({ told }) => told);
    const isFixed = step.kind === 'advance' && lacking.length === 0 && this.#travel === null;
    return isFixed ? [...lacking, CLOCKS_ARE_FIXED] : lacking;
  }

  /** Nothing else is sent meanwhile: large mail at a high rate would keep the mailboxes from being filled. */
  async #fill({ context, senders, readers }: Cast): Promise<void> {
    const { observer, tracker, signal } = this.#parts;
    observer.progress?.('filling the mailboxes');
    readers.start(await this.#orOver(fillMailboxes(context, senders, tracker, signal)));
    senders.start();
  }

  /** What can still be seen of a stack that is dead in part: each piece has its deadline, and what fails is told by the teardown. */
  async #salvage({ context, faults, senders, readers, mailboxes }: Cast): Promise<void> {
    const { observer, tracker } = this.#parts;
    observer.progress?.('a service is dead: healing, and looking at what is left');
    const letGo = Promise.all([senders.abort(), readers.abort(), mailboxes.stop()]);
    await Promise.allSettled([
      withDeadline(faults.healAll(), LAST_STOCK_TIMEOUT_MS, 'healing'),
      withDeadline(letGo, LET_GO_TIMEOUT_MS, 'letting go of the stack'),
    ]);
    await withDeadline(takeStock(context, tracker), LAST_STOCK_TIMEOUT_MS, 'taking stock').catch(
      (error: unknown) => observer.progress?.(`not all can be seen: ${describeError(error)}`),
    );
  }

  /** What the work comes to; throws as soon as the run is over, and leaves the work to its own end then. */
  async #orOver<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#parts;
    this.#throwIfOver();
    let stop = (): void => undefined;
    const over = new Promise<never>((_, reject) => {
      stop = (): void => {
        reject(new Interrupted('interrupted'));
      };
    });
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([work, over]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #throwIfOver(): void {
    if (this.#parts.signal.aborted) throw new Interrupted('interrupted');
  }
}
