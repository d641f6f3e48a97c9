import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fates } from './waiting-mail.js';
import { TimeTravel } from '../clock/travel.js';
import { NobounceError } from '../errors/errors.js';
import { parseScenario } from '../scenario/load.js';
import { planScenario, type Plan } from '../scenario/plan.js';
import { messageId, messageIdHeader, newRunToken } from '../scenario/message-id.js';
import type { PlannedMessage } from '../scenario/schedule.js';
import type { QueueLifetimes } from '../mta/dialect.js';
import type { RunningStack } from '../stack/stack.js';
import { composeMessage } from '../traffic/compose.js';
import { pause, until } from '../traffic/pause.js';
import { attemptSmtp } from '../traffic/smtp-attempt.js';
import { formatDurationMs } from '../units/duration.js';
import type { Driver } from '../stack/driver.js';
import { requireCapabilities } from '../stack/requirements.js';
import { FaultControl } from '../run/fault-control.js';
import { Scope } from '../run/scope.js';
import { beginWatch } from '../run/watches.js';

const VOLUME = 'gold';
const MESSAGES = 3;
const ATTEMPT_TIMEOUT_MS = 30_000;
const FELT_WITHIN_MS = 20_000;
const QUEUE_INTERVAL_MS = 300;
const QUEUE_RUN_TIMEOUT_MS = 15_000;
const HANDOVER_TIMEOUT_MS = 20_000;
/** A look after a full step's time would be just too late: "5 d" asks what has happened when 5 d are about to be over. */
const LOOK_BEFORE_MS = 30_000;

export type HorizonStream = 'inbound' | 'outbound' | 'bounces';
export const HORIZON_STREAMS: readonly HorizonStream[] = ['inbound', 'outbound', 'bounces'];

/** It had not happened after an outage of `survivedMs`, and had after one of `byMs`. */
export interface Between {
  readonly survivedMs: number;
  readonly byMs: number;
}

/** What happened first, and when; null: not in the time that was looked at. */
interface StreamHorizon {
  readonly firstWarning: Between | null;
  readonly firstBounce: Between | null;
  readonly firstLoss: Between | null;
}

/** How long an outage may last before mail is given up, found by experiment. */
export interface Horizon {
  readonly stack: string;
  readonly title: string;
  readonly fault: string;
  readonly stepMs: number;
  /** The last outage that was looked at. */
  readonly reachedMs: number;
  /** Null where the stack does not say. */
  readonly configured: ({ readonly service: string } & QueueLifetimes) | null;
  readonly streams: Readonly<Record<HorizonStream, StreamHorizon>>;
}

export interface HorizonRequest {
  readonly driver: Driver;
  /** The name of a fault whose parameters have defaults. */
  readonly fault: string;
  readonly stepMs: number;
  readonly maxMs: number;
  readonly seed: number;
  readonly toxiproxy: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** The messages of a horizon, by stream, as queue ids. */
type QueueIds = Readonly<Record<HorizonStream, readonly string[]>>;

/**
 * Breaks the storage of a stack and lets days pass, step by step, with three kinds of mail waiting: mail to mailboxes on
 * the broken volume, mail of subscribers to a destination that is down as well, and bounces to subscribers on the broken
 * volume.
 * @throws NobounceError: `usage` for a fault that cannot be had so; `environment` where clocks cannot be moved;
 * `harness` where the fault is not felt, or mail does not wait as it should.
 */
export async function measureHorizon(request: HorizonRequest): Promise<Horizon> {
  const plan = planOf(request);
  requireCapabilities(request.driver, plan, request.toxiproxy);
  const logsDir = await mkdtemp(join(tmpdir(), 'nobounce-horizon-'));
  const scope = new Scope();
  try {
    return await experiment(request, plan, logsDir, scope);
  } finally {
    for (const failure of await scope.close()) request.progress(failure);
    await rm(logsDir, { recursive: true, force: true });
  }
}

function planOf({ fault, maxMs, driver }: HorizonRequest): Plan {
  const written = {
    name: 'horizon',
    title: `How long ${driver.stackName} keeps mail under ${fault}`,
    domains: [{ name: 'libero.test', mailboxes: 2, volumes: [VOLUME] }],
    traffic: {},
    timeline: [
      { inject: { fault, volume: VOLUME } },
      { advance: `${maxMs}ms` },
      { heal: 'all' },
      { settle: '1s' },
    ],
  };
  // JSON is YAML; a fault that does not exist, or that needs parameters, is refused as in any scenario.
  const planning = planScenario(parseScenario(JSON.stringify(written), 'horizon').scenario);
  if (planning.ok) return planning.plan;
  throw new NobounceError('usage', planning.problems.map(({ message }) => message).join('\n'));
}

async function experiment(
  request: HorizonRequest,
  plan: Plan,
  logsDir: string,
  scope: Scope,
): Promise<Horizon> {
  const { driver, fault, seed, signal, stepMs, maxMs, progress, toxiproxy } = request;
  const run = newRunToken();
  const stack = await driver.start({
    run,
    plan,
    toxiproxy,
    logsDir,
    keep: false,
    progress,
    onTeardown: (name, timeoutMs, undo) => {
      scope.add(name, timeoutMs, undo);
    },
    signal,
  });
  if (stack.clocks === null) {
    throw new NobounceError('environment', `the clocks of ${stack.name} cannot be moved`);
  }
  const lifetimes = await stack.mta.queueLifetimes();
  const configured = lifetimes === null ? null : { service: stack.mta.service, ...lifetimes };
  const fates = await watchFates(stack, scope);
  await breakStorage(request, plan, stack, scope);
  const startMs = Date.now();
  const queueIds = await handOver({ stack, fates, plan, run, seed, signal });
  progress('mail is waiting; the clocks run');

  const travel = new TimeTravel(stack.clocks, { record: () => undefined, advanceSim: () => undefined });
  const first: Record<HorizonStream, Mutable<StreamHorizon>> = {
    inbound: { firstWarning: null, firstBounce: null, firstLoss: null },
    outbound: { firstWarning: null, firstBounce: null, firstLoss: null },
    bounces: { firstWarning: null, firstBounce: null, firstLoss: null },
  };
  let reachedMs = 0;
  while (reachedMs + stepMs <= maxMs && !isOver(first)) {
    const between = { survivedMs: reachedMs, byMs: reachedMs + stepMs };
    const ageMs = Date.now() - startMs;
    await travel.jump(Math.max(0, between.byMs - LOOK_BEFORE_MS - ageMs - travel.aheadMs));
    await runQueue(stack, fates, Object.values(queueIds).flat(), signal);
    signal.throwIfAborted();
    for (const stream of HORIZON_STREAMS) {
      const { warned, bounced, lost, delivered } = fates.happened(queueIds[stream]);
      if (delivered) {
        throw new NobounceError(
          'harness',
          `mail was delivered in spite of ${fault}: ${stream} does not wait`,
        );
      }
      if (warned) first[stream].firstWarning ??= between;
      if (bounced) first[stream].firstBounce ??= between;
      if (lost) first[stream].firstLoss ??= between;
    }
    reachedMs = between.byMs;
    progress(`${formatDurationMs(reachedMs)}: ${summary(first)}`);
  }
  return { stack: stack.name, title: stack.title, fault, stepMs, reachedMs, configured, streams: first };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** When all is known: mail of every stream has been given up. */
function isOver(first: Readonly<Record<HorizonStream, StreamHorizon>>): boolean {
  return HORIZON_STREAMS.every((stream) => first[stream].firstBounce !== null);
}

function summary(first: Readonly<Record<HorizonStream, StreamHorizon>>): string {
  const words = HORIZON_STREAMS.map((stream) => {
    const { firstWarning, firstBounce, firstLoss } = first[stream];
    const what = firstLoss !== null ? 'lost' : firstBounce !== null ? 'bounced' : 'waiting';
    return `${stream} ${what}${firstWarning === null ? '' : ', sender told'}`;
  });
  return words.join(' · ');
}

async function watchFates(stack: RunningStack, scope: Scope): Promise<Fates> {
  const fates = new Fates();
  const broken = (error: Error): void => {
    fates.broken ??= error;
  };
  await beginWatch(scope, 'log watch', 5_000, () =>
    stack.mta.watchLog({
      next: (entry) => {
        fates.see(entry);
      },
      broken,
    }),
  );
  await beginWatch(scope, 'queue watch', 5_000, () =>
    stack.mta.watchQueue(QUEUE_INTERVAL_MS, {
      next: (entries) => {
        fates.list(entries);
      },
      broken,
    }),
  );
  return fates;
}

async function breakStorage(
  { fault, signal, progress }: HorizonRequest,
  plan: Plan,
  stack: RunningStack,
  scope: Scope,
): Promise<void> {
  const evidence: string[] = [];
  const faults = new FaultControl(
    stack,
    (event) => {
      if (event.type === 'fault.felt') {
        evidence.push(event.evidence);
        progress(`${event.name} is felt: ${event.evidence}`);
      }
    },
    scope,
  );
  await beginWatch(scope, 'storage probe', 5_000, () =>
    stack.watchProbe(VOLUME, {
      next: faults.observe.bind(faults),
      broken: (error) => {
        progress(`storage probe: ${error.message}`);
      },
    }),
  );
  const injected = plan.steps.flatMap((step) => (step.kind === 'inject' ? step.faults : []));
  await faults.inject(injected, FELT_WITHIN_MS, signal);
  signal.throwIfAborted();
  if (evidence.length === 0)
    throw new NobounceError('harness', `${fault} was not felt by the storage probe: nothing can be measured`);
}

interface Handover {
  readonly stack: RunningStack;
  readonly fates: Fates;
  readonly plan: Plan;
  readonly run: string;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Sends the mail of every stream, and resolves with its queue ids once all of it waits. */
async function handOver({ stack, fates, plan, run, seed, signal }: Handover): Promise<QueueIds> {
  const [reader, writer] = plan.mailboxes.map(({ address }) => address);
  if (reader === undefined || writer === undefined) throw new Error('the horizon needs two mailboxes');
  const message = (kind: 'inbound' | 'outbound', number: number): PlannedMessage => {
    const id = messageId(run, kind, number);
    const outside = `${number < MESSAGES ? 'closed' : 'refused'}+${id}@outside.test`;
    const addresses =
      kind === 'inbound' ? { from: `c1+${id}@outside.test`, to: reader } : { from: writer, to: outside };
    return { id, kind, ...addresses, sizeBytes: 2_048, contentSeed: seed + number };
  };
  const numbers = Array.from({ length: MESSAGES }, (_, number) => number);
  const inbound = numbers.map((number) => message('inbound', number));
  const outbound = numbers.map((number) => message('outbound', number));
  const refused = numbers.map((number) => message('outbound', MESSAGES + number));
  for (const planned of [...inbound, ...outbound, ...refused]) {
    const submitted = planned.kind === 'outbound';
    const account = stack.accounts.find(({ address }) => address === planned.from);
    const { outcome, reply } = await attemptSmtp({
      server: submitted ? stack.endpoints.submission : stack.endpoints.mx,
      client: submitted ? 'subscriber.test' : 'correspondent.outside.test',
      ...(account === undefined ? {} : { auth: { user: account.address, pass: account.password } }),
      from: planned.from,
      to: planned.to,
      message: await composeMessage(planned, Date.now()),
      timeoutMs: ATTEMPT_TIMEOUT_MS,
    });
    if (outcome !== 'accepted') {
      throw new NobounceError('harness', `${planned.from} could not send mail to ${planned.to}: ${reply}`);
    }
  }
  const idsOf = (messages: readonly PlannedMessage[]): string[] =>
    messages.flatMap(({ id }) => fates.queueIdOf(messageIdHeader(id)) ?? []);
  const endsAtMs = performance.now() + HANDOVER_TIMEOUT_MS;
  for (;;) {
    const found = {
      inbound: idsOf(inbound),
      outbound: idsOf(outbound),
      bounces: idsOf(refused).flatMap((queueId) => fates.noticeOf(queueId) ?? []),
    };
    const waiting = HORIZON_STREAMS.every(
      (stream) => found[stream].length === MESSAGES && fates.wereTried(found[stream]),
    );
    if (waiting) return found;
    signal.throwIfAborted();
    if (performance.now() > endsAtMs) {
      const seen = HORIZON_STREAMS.map((stream) => `${stream} ${found[stream].length}`).join(', ');
      throw new NobounceError(
        'harness',
        `of ${MESSAGES} messages each, so many came to wait in the queue: ${seen}`,
      );
    }
    await pause(100, signal);
  }
}

/** Lets the MTA try all that waits, and its log and its queue say what came of it. */
async function runQueue(
  stack: RunningStack,
  fates: Fates,
  queueIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  fates.forgetTries();
  const endsAtMs = performance.now() + QUEUE_RUN_TIMEOUT_MS;
  const wait = (done: () => boolean): Promise<boolean> =>
    until(done, { everyMs: 50, timeoutMs: endsAtMs - performance.now(), signal });
  const before = fates.listings;
  await stack.mta.flushQueue();
  await wait(() => fates.listings >= before + 2 && fates.areTried(queueIds));
  // What is given up is given up right behind its last attempt.
  const tried = fates.listings;
  await wait(() => fates.listings >= tried + 2);
  if (fates.broken !== null)
    throw new NobounceError('harness', 'the queue cannot be seen', { cause: fates.broken });
}
