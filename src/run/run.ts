import { lstat, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, NobounceError } from '../errors/errors.js';
import { withDeadline } from '../errors/deadline.js';
import { requireOpenFiles } from '../errors/descriptors.js';
import { stopsOf } from '../clock/stops.js';
import { TimeTravel } from '../clock/travel.js';
import type { HistoryEvent } from '../history/event.js';
import { HISTORY_VERSION } from '../history/event.js';
import { HistoryWriter } from '../history/writer.js';
import type { LoadedScenario } from '../scenario/load.js';
import { MX_KEY } from '../fault/place.js';
import { isLookedAwayFrom } from '../fault/kind.js';
import { planScenario, type Plan, type PlannedStep } from '../scenario/plan.js';
import { largestMessageBytes, STREAMS } from '../scenario/schedule.js';
import type { RunningStack } from '../stack/stack.js';
import type { TrafficContext } from '../traffic/context.js';
import { loadImapFlow } from '../traffic/imap.js';
import { MailboxWatch, prepareMailbox } from '../traffic/mailboxes.js';
import { watchOutside } from '../traffic/outside.js';
import { pause } from '../traffic/pause.js';
import { Queues } from '../traffic/queues.js';
import { transferMs } from '../traffic/patience.js';
import type { KnownMessage } from '../traffic/reading.js';
import { Readers } from '../traffic/readers.js';
import { Senders, type Seeding } from '../traffic/senders.js';
import { Tracker } from '../traffic/tracker.js';
import type { Driver } from './driver.js';
import { FaultControl } from './fault-control.js';
import { fillingFailure, fillingState } from './filling.js';
import { Ending, StackDied } from './ending.js';
import { guard } from './guard.js';
import { Heartbeats } from './heartbeats.js';
import { Journal } from './journal.js';
import { watchMachine } from './machine-watch.js';
import { Scope } from './scope.js';
import { each, takeStock } from './stock.js';

export interface RunRequest {
  readonly loaded: LoadedScenario;
  readonly driver: Driver;
  readonly seed: number;
  readonly reportsDir: string;
  readonly keep: boolean;
  readonly toxiproxy: string | undefined;
  readonly version: string;
  /** Aborted by Ctrl-C: the run heals, tears down and ends as interrupted. */
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
}

/** What a live display hears of a run. */
interface RunObserver {
  readonly started?: (run: { readonly id: string; readonly dir: string; readonly plan: Plan }) => void;
  readonly progress?: (line: string) => void;
  readonly event?: (event: HistoryEvent) => void;
}

export interface RunOutcome {
  readonly id: string;
  readonly dir: string;
  readonly historyFile: string;
  readonly ended: 'completed' | 'interrupted' | 'failed';
  /** The harness's own failures: never the stack's. */
  readonly failures: readonly string[];
  /** The error that ended the run, where one did. */
  readonly error: unknown;
}

const SEEDED_PER_MAILBOX = 3;
/** On a slow machine readers need longer than the steady step for what an outage is held against. */
const FIRST_VISITS_TIMEOUT_MS = 30_000;
/** For no longer may the filling of the mailboxes stand still, and so much longer as a large message takes. */
const FILL_SILENCE_MS = 30_000;
const FILL_POLL_MS = 50;
const SETTLE_POLL_MS = 100;
/** Before a jump: for what is under way. Under a storage that hangs it goes on regardless. */
const QUIET_TIMEOUT_MS = 3_000;
/** After a jump: for a burst to be handed over, and for the MTA to try its whole queue. */
const QUEUE_RUN_TIMEOUT_MS = 8_000;
const SEEN_TIMEOUT_MS = 5_000;
/** What is loaded on the way has so many files open for a moment; the rest is connections, one to each mailbox. */
const OPEN_FILES = 320;
const OPEN_FILES_OF_TRAFFIC = 160;
/** For those who take part to let go of what they are doing when a run ends before its time. */
const LET_GO_TIMEOUT_MS = 5_000;
/** Of a stack in which something is dead. */
const LAST_STOCK_TIMEOUT_MS = 20_000;
/** A probe that finds its volume hanging says so after some seconds; several operations may hang one after the other. */
const PROBE_DEADLINE_MS = 20_000;

/** Short enough for an address's local part (RFC 5321 section 4.5.3.1.1), long enough to tell runs apart. */
function newRunToken(): string {
  return Math.floor((1 + Math.random()) * 36 ** 5)
    .toString(36)
    .slice(-6);
}

class Interrupted extends Error {}

/**
 * Carries out one scenario: starts the stack, keeps mail flowing, injects and heals, waits for the end, and writes all
 * that was seen to the history. Whatever happens, every fault is healed and the stack is torn down before it returns.
 * Rejects only where no run could begin (bad plan, report folder that cannot be written).
 */
export async function runScenario(request: RunRequest): Promise<RunOutcome> {
  const { loaded, driver, observer } = request;
  const planning = planScenario(loaded.scenario);
  if (!planning.ok)
    throw new NobounceError('usage', planning.problems.map(({ message }) => message).join('\n'));
  const { plan } = planning;
  driver.require(plan);
  requireOpenFiles(Math.max(OPEN_FILES, OPEN_FILES_OF_TRAFFIC + plan.mailboxes.length), 'this run');
  const token = newRunToken();
  const id = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${token}`;
  const scenarioDir = join(request.reportsDir, plan.scenario.name);
  const dir = join(scenarioDir, id);
  await mkdir(join(dir, 'logs'), { recursive: true });
  await writeFile(join(dir, 'scenario.yaml'), loaded.source);
  await pointLatest(scenarioDir, id);
  const history = HistoryWriter.open(join(dir, 'history.jsonl'));
  const tracker = new Tracker();
  history.subscribe((event) => {
    tracker.observe(event);
    observer.event?.(event);
  });
  observer.started?.({ id, dir, plan });
  const failures: string[] = [];
  const journal = new Journal(history, (error) => {
    fail('the history', error);
    const advice = 'make room on the disk that holds the reports';
    ending.end(new NobounceError('harness', 'the history cannot be written', { cause: error, advice }));
  });
  const fail = (what: string, error: unknown): void => {
    failures.push(`${what}: ${describeError(error)}`);
    journal.record({ type: 'harness.failed', what, error: describeError(error) });
  };
  const ending = new Ending(request.signal, fail);
  const unguard = guard((error) => {
    fail('this process', error);
    ending.end(new NobounceError('harness', 'this process failed', { cause: error }));
  });
  const scope = new Scope();
  let endError: unknown;
  try {
    const { signal } = ending;
    const parts = { ...request, signal, plan, token, dir, journal, tracker, scope, ending };
    await new RunningScenario(parts).play();
  } catch (error) {
    endError = error;
  }
  ending.close();
  // What broke the run comes before what broke because of it.
  endError = ending.cause ?? endError;
  const ended = endError === undefined ? 'completed' : ending.wasInterrupted ? 'interrupted' : 'failed';
  if (ended === 'failed' && ending.cause === null) fail('the run', endError);
  for (const failure of await scope.close()) fail('teardown', failure);
  const detail = endError === undefined || endError instanceof Interrupted ? '' : describeError(endError);
  journal.close({ type: 'run.ended', reason: ended, detail });
  unguard();
  return { id, dir, historyFile: join(dir, 'history.jsonl'), ended, failures, error: endError };
}

/** Makes the link `latest` in a scenario's folder lead to a run; what is there and is no link of ours stays. */
export async function pointLatest(scenarioDir: string, id: string): Promise<void> {
  const latest = join(scenarioDir, 'latest');
  const there = await lstat(latest).catch(() => null);
  // Somebody's own file or folder of that name is not ours to remove.
  if (there !== null && !there.isSymbolicLink()) return;
  await rm(latest, { force: true });
  // A file system without links (or a Windows user without the right) has no `latest`; the run does not depend on it.
  await symlink(id, latest).catch(() => undefined);
}

interface Parts extends RunRequest {
  readonly plan: Plan;
  readonly token: string;
  readonly dir: string;
  readonly journal: Journal;
  readonly tracker: Tracker;
  readonly scope: Scope;
  readonly ending: Ending;
}

/** Everyone who has a part in a step. */
interface Cast {
  readonly context: TrafficContext;
  readonly faults: FaultControl;
  readonly senders: Senders;
  readonly readers: Readers;
  readonly mailboxes: MailboxWatch;
  readonly queues: Queues;
}

/** One scenario while it runs. */
class RunningScenario {
  readonly #parts: Parts;
  #travel: TimeTravel | null = null;
  readonly #heartbeats: Heartbeats;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#heartbeats = new Heartbeats(parts.journal.record, parts.ending.broke);
  }

  async play(): Promise<void> {
    const { plan, scope, journal } = this.#parts;
    const stack = await this.#start();
    const { record } = journal;
    const context: TrafficContext = {
      run: this.#parts.token,
      seed: this.#parts.seed,
      plan,
      stack,
      record,
      source: this.#heartbeats.start,
      broke: this.#parts.ending.broke,
      simNowMs: () => Date.now() + (this.#travel?.aheadMs ?? 0),
    };
    if (stack.clocks !== null) {
      this.#travel = new TimeTravel(stack.clocks, journal);
    }
    const faults = new FaultControl(stack, record, scope);
    const senders = new Senders(context);
    const mailboxes = new MailboxWatch(context);
    const lifetimes = this.#recordLifetimes(stack);
    // A failure is told below: a watch that were still starting then would begin behind the teardown.
    lifetimes.catch(() => undefined);
    const queues = await this.#watch(context, faults);
    await lifetimes;
    scope.add('stop mailbox watch', 10_000, () => mailboxes.stop());
    mailboxes.start();
    const readers = new Readers(context);
    scope.add('stop readers', 10_000, () => readers.abort());
    scope.add('stop senders', 10_000, () => senders.abort());
    const cast = { context, faults, senders, readers, mailboxes, queues };
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

  async #carryOut(cast: Cast): Promise<void> {
    const { plan } = this.#parts;
    const { context, senders, readers } = cast;
    // Nothing else is sent meanwhile: large mail at a high rate would keep the mailboxes from being filled.
    const fill = async (): Promise<void> => {
      readers.start(await this.#orOver(this.#fillMailboxes(context, senders)));
      senders.start();
    };
    const [first] = plan.steps;
    if (first?.kind !== 'steady') await fill();
    senders.canary();
    for (const step of plan.steps) {
      // Mailboxes are filled in the first steady time; at least half of it comes after that.
      if (step === first && step.kind === 'steady') {
        await this.#step(step, cast, async () => {
          await fill();
          const { signal } = this.#parts;
          await pause(step.durationMs / 2, signal);
          const { visits } = plan.scenario.checks['blast-radius'];
          await readers.visitedEach(visits, FIRST_VISITS_TIMEOUT_MS, signal);
        });
      } else await this.#step(step, cast);
      this.#throwIfOver();
    }
  }

  /** What can still be seen of a stack that is dead in part: each piece has its deadline, and what fails is told by the teardown. */
  async #salvage({ context, faults, senders, readers, mailboxes }: Cast): Promise<void> {
    const { observer, tracker } = this.#parts;
    observer.progress?.('a service is dead: healing, and looking at what is left');
    const parts = [
      withDeadline(faults.healAll(), LAST_STOCK_TIMEOUT_MS, 'healing'),
      withDeadline(
        Promise.all([senders.abort(), readers.abort(), mailboxes.stop()]),
        LET_GO_TIMEOUT_MS,
        'letting go of the stack',
      ),
    ];
    await Promise.allSettled(parts);
    await withDeadline(takeStock(context, tracker), LAST_STOCK_TIMEOUT_MS, 'taking stock').catch(
      (error: unknown) => observer.progress?.(`not all can be seen: ${describeError(error)}`),
    );
  }

  /** What the work comes to; throws as soon as the run is over, and leaves the work to its own end then. */
  async #orOver<T>(work: Promise<T>): Promise<T> {
    let stop = (): void => undefined;
    const over = new Promise<never>((_, reject) => {
      stop = (): void => {
        reject(new Interrupted('interrupted'));
      };
    });
    this.#parts.signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([work, over]);
    } finally {
      this.#parts.signal.removeEventListener('abort', stop);
    }
  }

  #throwIfOver(): void {
    if (this.#parts.signal.aborted) throw new Interrupted('interrupted');
  }

  async #start(): Promise<RunningStack> {
    const { driver, plan, token, seed, version, dir, scope, observer, keep, toxiproxy } = this.#parts;
    const { mailboxes, scenario } = plan;
    this.#parts.journal.record({
      type: 'run.started',
      historyVersion: HISTORY_VERSION,
      run: token,
      nobounce: version,
      seed,
      driver: driver.name,
      stack: { name: driver.stackName, title: driver.stackTitle },
      scenario,
      mailboxes: mailboxes.map(({ address, volume }) => ({ address, volume })),
      heartbeats: true,
    });
    const startMs = performance.now();
    const imapFlow = loadImapFlow();
    // A failure is told below, and not where the stack could not be started either.
    imapFlow.catch(() => undefined);
    const stack = await driver.start({
      run: token,
      plan,
      toxiproxy,
      logsDir: join(dir, 'logs'),
      keep,
      progress: (line) => observer.progress?.(line),
      onTeardown: (name, timeoutMs, undo) => {
        scope.add(name, timeoutMs, undo);
      },
      signal: this.#parts.signal,
    });
    await imapFlow;
    this.#throwIfOver();
    this.#parts.journal.record({
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

  async #recordLifetimes(stack: RunningStack): Promise<void> {
    const mtas = [stack.mta, ...stack.outsideMtas];
    await Promise.all(
      mtas.map(async (mta) => {
        const lifetimes = await mta.queueLifetimes();
        const outside = mta === stack.mta ? {} : { outside: true };
        if (lifetimes !== null)
          this.#parts.journal.record({
            type: 'mta.configured',
            service: mta.service,
            ...lifetimes,
            ...outside,
          });
      }),
    );
  }

  /** Starts everything that observes; a source that breaks while the run needs it is the harness's failure. */
  async #watch(context: TrafficContext, faults: FaultControl): Promise<Queues> {
    const { scope, ending, journal } = this.#parts;
    const broken =
      (what: string) =>
      (error: Error): void => {
        ending.streamBroke(what, error);
      };
    scope.add('stop waiting for sources', 1_000, () => {
      this.#heartbeats.close();
      return Promise.resolve();
    });
    const stopMachineWatch = watchMachine(journal.record);
    scope.add('stop watch of the machine', 1_000, () => {
      stopMachineWatch();
      return Promise.resolve();
    });
    const services = await context.stack.watchServices({
      next: (death) => {
        journal.record({ type: 'service.died', ...death });
        ending.died(death);
      },
      broken: broken('watch of the services'),
    });
    scope.add('stop watch of the services', 5_000, () => services.stop());
    const queues = new Queues(context);
    const queueWatch = await queues.start(broken('queue watch'));
    scope.add('stop queue watch', 5_000, () => queueWatch.stop());
    const outside = await watchOutside(context, broken('outside'));
    scope.add('stop outside watch', 5_000, () => outside.stop());
    const { volumes, mxLink } = context.stack;
    for (const volume of [...volumes.keys(), ...(mxLink === null ? [] : [MX_KEY])]) {
      const source = this.#heartbeats.start({
        kind: 'probe',
        subject: volume,
        deadlineMs: PROBE_DEADLINE_MS,
      });
      const probe = await context.stack.watchProbe(volume, {
        next: (sample) => {
          source.alive(1);
          faults.observe(sample);
        },
        broken: broken(`storage probe of ${volume}`),
      });
      scope.add(`stop storage probe of ${volume}`, 5_000, () => {
        source.ended();
        return probe.stop();
      });
    }
    return queues;
  }

  /** Gives every mailbox some mail before anything breaks; it is what must still be there at the end. */
  async #fillMailboxes(context: TrafficContext, senders: Senders): Promise<Map<string, KnownMessage>> {
    this.#parts.observer.progress?.('filling the mailboxes');
    await this.#untilFilled(senders.seed(SEEDED_PER_MAILBOX));
    const known = new Map<string, KnownMessage>();
    await each(context.stack.accounts, async (account) => {
      const first = await prepareMailbox(context, account);
      if (first !== undefined) known.set(account.address, first);
    });
    return known;
  }

  /** Mail may be as large, and mailboxes as many, as the scenario says: only standing still is too long. */
  async #untilFilled(seeding: Seeding): Promise<void> {
    const { tracker, signal, plan } = this.#parts;
    const silentMs = FILL_SILENCE_MS + transferMs(largestMessageBytes(plan));
    const sending = { isSettled: false };
    const settled = seeding.settled.then(() => {
      sending.isSettled = true;
    });
    settled.catch(() => undefined);
    let state = '';
    let sinceMs = performance.now();
    while (!sending.isSettled || tracker.waitsFor(seeding.ids) > 0) {
      const now = fillingState(seeding, tracker);
      if (now !== state) [state, sinceMs] = [now, performance.now()];
      if (performance.now() - sinceMs > silentMs) throw fillingFailure(seeding, tracker, silentMs);
      const next = pause(FILL_POLL_MS, signal);
      await (sending.isSettled ? next : Promise.race([settled, next]));
      this.#throwIfOver();
    }
  }

  /** `beside`: what has to end as well before a steady step does. */
  async #step(step: PlannedStep, cast: Cast, beside?: () => Promise<void>): Promise<void> {
    const { faults, mailboxes, senders } = cast;
    const { signal, plan } = this.#parts;
    const { checks } = plan.scenario;
    this.#parts.journal.record({ type: 'phase.started', phase: step.kind, step: step.step });
    switch (step.kind) {
      case 'steady':
        await Promise.all([pause(step.durationMs, signal), beside?.()]);
        break;
      case 'hold':
        senders.canary();
        await pause(step.durationMs, signal);
        break;
      case 'inject':
        for (const { description, volume } of step.faults)
          if (isLookedAwayFrom(description.traits)) mailboxes.leave(volume);
        await faults.inject(step.faults, checks['fault-felt'].within, signal);
        break;
      case 'heal': {
        const heal = (): Promise<void> => faults.heal(step.faults, checks['fault-gone'].within, signal);
        if (this.#travel === null) await heal();
        else await this.#inQuiet(cast, () => cast.queues.run(QUEUE_RUN_TIMEOUT_MS, signal).then(heal));
        for (const { volume } of step.faults) mailboxes.comeBack(volume);
        break;
      }
      case 'advance':
        await this.#advance(step.durationMs, cast);
        break;
      case 'settle':
        await this.#settle(step.durationMs, senders);
        break;
    }
    this.#parts.journal.record({ type: 'phase.ended', phase: step.kind, step: step.step });
  }

  /** Moves the clocks from burst to burst; after each jump the MTA tries all that waits, as it would have by then. */
  async #advance(durationMs: number, cast: Cast): Promise<void> {
    const { context, senders, queues } = cast;
    const { signal, plan } = this.#parts;
    const travel = this.#travel;
    if (travel === null) {
      throw new NobounceError('environment', `the clocks of ${context.stack.name} cannot be moved`);
    }
    const bursts = STREAMS.flatMap((stream) => {
      const eachMs = plan.scenario.traffic[stream]?.at;
      return eachMs === undefined ? [] : [{ stream, eachMs }];
    });
    // Behind a heal, all that can be delivered now is delivered before hours pass.
    for (let before = Infinity; queues.ids.size < before;) {
      before = queues.ids.size;
      await this.#catchUp(queues);
      this.#throwIfOver();
    }
    for (const stop of stopsOf(travel.aheadMs, durationMs, bursts)) {
      // A connection that is open while hours pass would be closed for its silence, by either side.
      await this.#inQuiet(cast, () => travel.jump(stop.byMs));
      await Promise.all(stop.bursts.map((stream) => senders.burst(stream)));
      await senders.idle(QUEUE_RUN_TIMEOUT_MS, signal);
      await this.#catchUp(queues);
      this.#throwIfOver();
    }
  }

  /** Lets happen what would have happened in the hours before a jump: the MTA tries all that waits, and what it delivers is seen. */
  async #catchUp(queues: Queues): Promise<void> {
    const { signal, tracker } = this.#parts;
    await queues.run(QUEUE_RUN_TIMEOUT_MS, signal);
    const endsAtMs = performance.now() + SEEN_TIMEOUT_MS;
    while (tracker.missing(queues.ids) > 0 && performance.now() < endsAtMs && !signal.aborted) {
      await pause(SETTLE_POLL_MS, signal);
    }
  }

  /**
   * Does something while no client talks to the stack. A minute of a run stands for hours in which next to nothing is
   * going on at any one moment: what is cut off in the middle by chance would weigh far too much.
   */
  async #inQuiet({ senders, readers, mailboxes }: Cast, act: () => Promise<void>): Promise<void> {
    const { signal } = this.#parts;
    try {
      await Promise.all(
        [senders, readers, mailboxes].map((traffic) => traffic.hold(QUIET_TIMEOUT_MS, signal)),
      );
      this.#throwIfOver();
      await act();
    } finally {
      senders.release();
      readers.release();
      mailboxes.release();
    }
  }

  /** Waits until the queues are empty and every accepted message is found, at most `timeoutMs`. */
  async #settle(timeoutMs: number, senders: Senders): Promise<void> {
    const { signal, tracker } = this.#parts;
    senders.canary();
    await senders.stop();
    const endsAtMs = performance.now() + timeoutMs;
    let quietSince: number | undefined;
    while (performance.now() < endsAtMs && !signal.aborted) {
      const quiet = tracker.pending === 0 && senders.unaccepted === 0 && tracker.queueDepth === 0;
      quietSince = quiet ? (quietSince ?? performance.now()) : undefined;
      // Two queue listings' time: what is delivered twice may come right behind the first copy.
      if (quietSince !== undefined && performance.now() - quietSince > 1_000) return;
      await pause(SETTLE_POLL_MS, signal);
    }
  }
}
