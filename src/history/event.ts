import { z } from 'zod';

/** The version of the event vocabulary below; docs/history.md describes it event by event. */
export const HISTORY_VERSION = 1;

const text = z.string();
/** No time of a run is later than the year 2100, and no duration longer than until then. */
const LAST_MS = 4_102_444_800_000;
const ms = z.number().min(-LAST_MS).max(LAST_MS);
/** Since the run started: nobody drills for ten years. What counts spans of time must not be asked for more. */
const sinceStart = z.number().min(-LAST_MS).max(315_576_000_000);
/** What is read and told by functions that call themselves. */
const MAX_DEPTH = 64;
const anything = z.unknown().refine(isShallow, 'nested too deeply');
const count = z.number().int().min(0);

/**
 * When an event was written. `t`: milliseconds since the run started, monotonic. `wall`: epoch
 * milliseconds of the machine's clock. `sim`: epoch milliseconds of the stack's simulated clock.
 */
const stamp = { t: sinceStart, wall: ms, sim: ms };

function isShallow(value: unknown): boolean {
  const valuesOf = (one: unknown): readonly unknown[] =>
    typeof one === 'object' && one !== null ? Object.values(one) : [];
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return false;
    level = level.flatMap(valuesOf);
  }
  return true;
}

function event<const T extends string, S extends z.ZodRawShape>(type: T, fields: S) {
  return z.object({ type: z.literal(type), ...stamp, ...fields });
}

/** Outcome of one SMTP attempt (DESIGN section 2; RFC 5321 section 4.2.1). */
export const OUTCOMES = ['accepted', 'deferred', 'rejected', 'ambiguous', 'unsent'] as const;
const outcome = z.enum(OUTCOMES);
/** inbound: outside → mailbox. outbound: subscriber → outside. internal: subscriber → subscriber. canary: to a recipient that does not exist. */
export const MESSAGE_KINDS = ['inbound', 'outbound', 'internal', 'canary'] as const;
/** What watches a run: the MTAs' queues and logs, the outside, the storage probes, mailboxes, readers, senders. */
export const SOURCE_KINDS = ['queue', 'log', 'outside', 'probe', 'mailboxes', 'readers', 'senders'] as const;
/** `array`, `toxiproxy`, `outside`, `outside-mta`: of the test bed; the others of the system under test. */
const SERVICE_ROLES = ['store', 'mta', 'array', 'mounts', 'toxiproxy', 'outside', 'outside-mta'] as const;
const phaseName = z.enum(['steady', 'inject', 'hold', 'heal', 'advance', 'settle']);
/**
 * `fault`: this injection, unique in the run (the plan's key). `name`: the fault's name. One event a volume; `mx` stands
 * for the link to the MX.
 */
const faultRef = { fault: text, name: text, volume: text };

export const EVENT_SCHEMAS = [
  event('run.started', {
    historyVersion: z.literal(HISTORY_VERSION),
    run: text,
    nobounce: text,
    seed: count,
    driver: z.enum(['docker', 'embedded']),
    stack: z.object({ name: text, title: text }),
    /** The scenario as resolved; parse it with the scenario schema's output shape. */
    scenario: anything,
    mailboxes: z.array(z.object({ address: text, volume: text })),
    /** Every source says that it lives (`source.started`, `.alive`, `.ended`); absent in runs before 0.2. */
    heartbeats: z.literal(true).optional(),
    /** Its acts came one by one, and not from the scenario's timeline: `act.asked` tells them. */
    asked: z.literal(true).optional(),
  }),
  event('stack.ready', {
    tookMs: ms,
    toxiproxy: text,
    services: z.array(z.object({ name: text, image: text, versions: z.record(text, text) })),
  }),
  /** How long an MTA keeps what it cannot deliver, mail and bounces; `warningMs` 0: it never tells of a delay. */
  event('mta.configured', {
    service: text,
    mailMs: ms,
    bouncesMs: ms,
    warningMs: ms,
    /** An MTA of the correspondents, not of the stack. */
    outside: z.boolean().optional(),
  }),
  /**
   * A watcher begins. `source`: unique in the run, `<kind>` or `<kind>:<subject>`. `subject`: the service or volume that
   * it watches; empty where there is only one of the kind. It must be heard of at least every `deadlineMs` until it ends.
   */
  event('source.started', { source: text, kind: z.enum(SOURCE_KINDS), subject: text, deadlineMs: ms }),
  /** Proof of life that came from the watched thing itself; `seen`: its listings, lines, samples, visits or attempts so far. */
  event('source.alive', { source: text, seen: count }),
  /** It was stopped on purpose; `seen` as above. */
  event('source.ended', { source: text, seen: count }),
  /**
   * How the machine kept up since the sample before: by how much the harness's own timers were late at worst, and how
   * many tasks wanted to run for each core on average (null where the system does not tell).
   */
  event('machine.sampled', { lateMs: ms.min(0), tasksPerCore: z.number().min(0).nullable() }),
  /** A container or process of the run ended before the teardown. `killed`: from outside, which is no doing of its own. */
  event('service.died', {
    service: text,
    role: z.enum(SERVICE_ROLES),
    exitCode: z.number().int().nullable(),
    cause: z.enum(['itself', 'killed', 'out-of-memory', 'unknown']),
  }),

  /** What somebody asked for and got, as a timeline would write it with every unit a number; `step` counts these. */
  event('act.asked', { act: z.record(text, anything), by: text, step: count }),
  /** What could not be done at that point, and why. */
  event('act.refused', { act: z.record(text, anything), by: text, reasons: z.array(text) }),
  event('note.added', { text, by: text }),
  /** What somebody did that is no step: an abort, a word of go, a hand on the controls. `via`: how it reached the run. */
  event('operator.acted', {
    act: text,
    by: text,
    via: z.enum(['page', 'ctl', 'terminal', 'rule', 'lease']),
    reason: text.nullable(),
  }),
  /** A step was ended before its time, or its waiting was. */
  event('act.cut', { step: count, by: text }),
  event('ask.answered', { question: text, answer: text.nullable(), by: text }),
  event('phase.started', { phase: phaseName, step: count }),
  event('phase.ended', { phase: phaseName, step: count }),

  event('fault.injecting', { ...faultRef, parameters: z.record(text, anything) }),
  event('fault.injected', faultRef),
  event('fault.felt', { ...faultRef, evidence: text }),
  event('fault.healing', faultRef),
  event('fault.healed', faultRef),
  event('fault.gone', { ...faultRef, evidence: text }),
  event('probe.sampled', {
    service: text,
    volume: text,
    operation: text,
    outcome: z.enum(['ok', 'error', 'blocked']),
    errno: text.nullable(),
    ms,
  }),

  /** One message to one recipient. It exists from here on, whether or not anyone accepts it. */
  event('message.created', {
    id: text,
    kind: z.enum(MESSAGE_KINDS),
    from: text,
    to: text,
    bytes: count,
    bodySha256: text,
    headersSha256: text,
  }),
  event('attempt.started', { id: text, attempt: count }),
  event('attempt.ended', {
    id: text,
    attempt: count,
    outcome,
    /** Reply code and enhanced status code (RFC 3463); null where no reply came. */
    code: count.nullable(),
    enhanced: text.nullable(),
    reply: text,
    /** How far the dialogue came. */
    at: z.enum(['connect', 'greeting', 'hello', 'auth', 'mail', 'rcpt', 'data', 'dot']),
    ms,
  }),
  /** The sender stops trying without an acceptance: the run's sending time is over, or a 5xx was final. */
  event('message.abandoned', { id: text, reason: text }),

  /** A message is listed in an MTA's queue for the first time, or with another reason than before. */
  event('queue.seen', {
    service: text,
    id: text,
    queueId: text,
    queue: text,
    reason: text,
    /** Class 4 or 5 enhanced code in the reason, where there is one. */
    enhanced: text.nullable(),
  }),
  /** It was listed before, and is missing from two listings in a row. */
  event('queue.left', { service: text, id: text, queueId: text }),
  event('queue.sampled', { service: text, depth: count }),
  /** A delivery attempt that the MTA logged; `id` is null for mail that is not the harness's own, such as DSNs. */
  event('mta.logged', {
    service: text,
    id: text.nullable(),
    queueId: text,
    recipient: text,
    status: z.enum(['sent', 'deferred', 'bounced', 'expired', 'undeliverable']),
    enhanced: text.nullable(),
    reply: text,
    /** What the reply says of the next hop, in the MTA's dialect; absent in runs before 0.2, whose MTAs were Postfix. */
    nextHop: z.object({ refused: z.boolean(), unanswered: z.boolean() }).optional(),
  }),

  /** One copy in a mailbox, seen over IMAP; once per UID. `id` is null where the message carries none. */
  event('copy.found', {
    id: text.nullable(),
    mailbox: text,
    uid: count,
    uidValidity: text,
    bytes: count,
    bodySha256: text,
    headersSha256: text,
  }),
  /** One message that reached the outside world; DSNs are `dsn.received` instead. */
  event('outside.received', {
    id: text.nullable(),
    from: text,
    to: text,
    bytes: count,
    bodySha256: text,
    headersSha256: text,
  }),
  /** A delivery status notification (RFC 3464), one event per recipient block, wherever it arrived. */
  event('dsn.received', {
    /** The original message, by the id in the returned message or headers; null where none came back. */
    id: text.nullable(),
    action: z.enum(['failed', 'delayed', 'delivered', 'relayed', 'expanded', 'unknown']),
    status: text.nullable(),
    recipient: text.nullable(),
    diagnostic: text,
    /** To whom the DSN went: `outside` or a mailbox, and the address. */
    place: text,
    to: text,
    /** Machine-readable, or in words alone; absent in runs before 0.2, which read no others than RFC 3464. */
    form: z.enum(['rfc3464', 'words']).optional(),
    /** Where it lies in its mailbox; absent outside, and in runs before 0.2. */
    uid: count.optional(),
    uidValidity: text.optional(),
  }),
  /** A mail file on a volume, or under its mount point, found by looking at the files. */
  event('file.found', {
    id: text.nullable(),
    volume: text,
    where: z.enum(['volume', 'under-mount']),
    path: text,
    bytes: count,
  }),

  /** The whole mailbox, read over IMAP before the first fault and at the end. */
  event('mailbox.listed', {
    stage: z.enum(['before', 'after']),
    mailbox: text,
    volume: text,
    uidValidity: text,
    messages: z.array(z.object({ uid: count, id: text.nullable(), flags: z.array(text), bodySha256: text })),
  }),
  /** A reader's visit: LOGIN, SELECT, FETCH of the known message, each with its own result. */
  event('reader.visited', {
    mailbox: text,
    volume: text,
    steps: z.array(
      z.object({
        step: z.enum(['connect', 'login', 'select', 'fetch']),
        outcome: z.enum(['ok', 'no', 'bad', 'closed', 'timeout']),
        /** IMAP response code (RFC 5530), such as AUTHENTICATIONFAILED, SERVERBUG, UNAVAILABLE. */
        code: text.nullable(),
        text,
        ms,
      }),
    ),
    exists: count.nullable(),
    uidValidity: text.nullable(),
    known: z.enum(['intact', 'missing', 'changed']).nullable(),
  }),
  /** A login tried for its own sake, with correct or with wrong credentials. */
  event('login.tried', {
    service: z.enum(['imap', 'submission']),
    mailbox: text,
    credentials: z.enum(['correct', 'wrong']),
    outcome: z.enum(['ok', 'refused', 'unavailable', 'timeout']),
    code: text.nullable(),
    text,
    ms,
  }),

  event('clock.advanced', { byMs: ms }),
  event('clock.read', { service: text, clock: ms, errorMs: ms }),

  /** The harness or an injector failed; the run cannot be a pass. */
  event('harness.failed', { what: text, error: text }),
  event('run.ended', { reason: z.enum(['completed', 'interrupted', 'failed']), detail: text }),
] as const;

export const eventSchema = z.discriminatedUnion('type', EVENT_SCHEMAS);
export type HistoryEvent = z.output<typeof eventSchema>;
export type EventType = HistoryEvent['type'];
export type EventOf<T extends EventType> = Extract<HistoryEvent, { type: T }>;
export type Outcome = (typeof OUTCOMES)[number];
export type MessageKind = (typeof MESSAGE_KINDS)[number];
export type SourceKind = (typeof SOURCE_KINDS)[number];
type WithoutStamp<E> = E extends HistoryEvent ? Omit<E, 't' | 'wall' | 'sim'> : never;
/** An event before the writer stamps it. */
export type NewEvent = WithoutStamp<HistoryEvent>;
