import {
  HISTORY_VERSION,
  type EventOf,
  type HistoryEvent,
  type MessageKind,
  type NewEvent,
  type SourceKind,
} from '../../src/history/event.js';
import { judge } from '../../src/check/judge.js';
import { DEFAULT_LIMITS, readRecordedScenario } from '../../src/check/recorded-scenario.js';
import { CHECKS } from '../../src/check/registry.js';
import { Fold } from '../../src/history/fold.js';
import type { Judgement } from '../../src/check/judgement.js';
import type { CheckResult } from '../../src/check/result.js';
import type { CheckName } from '../../src/scenario/limits.js';
import { scenarioSchema } from '../../src/scenario/scenario.js';
import { at, sha256 } from './good-history.js';

export const GOLD = 'a@libero.test';
export const SILVER = 'b@virgilio.test';
export const FRIEND = 'friend@outside.test';

interface Told {
  readonly baseline?: boolean;
  readonly checks?: object;
  readonly outbound?: boolean;
  /** Instead of one injection between steady and settle. */
  readonly timeline?: readonly object[];
  /** Everything that watches the run lives all through, as it says itself; false for a run of 0.1 that tells nothing. */
  readonly heartbeats?: boolean;
}

const FOR_EVER_MS = 1e12;

/** A short history told event by event, for tests that need exactly these events and no others. */
export class Tale {
  readonly #events: HistoryEvent[] = [];

  readonly #heartbeats: boolean;

  constructor({
    baseline = false,
    checks = {},
    outbound = true,
    timeline = [
      { steady: '5s' },
      ...(baseline ? [] : [{ inject: { fault: 'vendor-os-bug', volume: 'gold' } }]),
      { settle: '60s' },
    ],
    heartbeats = true,
  }: Told = {}) {
    this.#heartbeats = heartbeats;
    const scenario = scenarioSchema.parse({
      name: 'tale',
      title: 'A tale',
      baseline,
      domains: [
        { name: 'libero.test', mailboxes: 1, volumes: ['gold'] },
        { name: 'virgilio.test', mailboxes: 1, volumes: ['silver'] },
      ],
      traffic: { inbound: { rate: '1/s' }, ...(outbound ? { outbound: { rate: '1/s' } } : {}) },
      timeline,
      checks,
    });
    this.add(0, {
      type: 'run.started',
      historyVersion: HISTORY_VERSION,
      run: 'tale',
      nobounce: '0.1.0',
      seed: 1,
      driver: 'docker',
      stack: { name: 'stack', title: 'A stack' },
      scenario,
      mailboxes: [
        { address: GOLD, volume: 'gold' },
        { address: SILVER, volume: 'silver' },
      ],
      ...(heartbeats ? { heartbeats } : {}),
    });
  }

  add(t: number, event: NewEvent): this {
    this.#events.push(at(t, event));
    return this;
  }

  /** A step of the timeline from `from` to `to`. */
  phase(phase: EventOf<'phase.started'>['phase'], step: number, from: number, to: number | null): this {
    this.add(from, { type: 'phase.started', phase, step });
    return to === null ? this : this.add(to, { type: 'phase.ended', phase, step });
  }

  /** A fault on a volume; a time that is left out never comes. */
  fault(
    times: { injected?: number; felt?: number; healed?: number; gone?: number },
    more: { name?: string; volume?: string; parameters?: Record<string, unknown> } = {},
  ): this {
    const { name = 'vendor-os-bug', volume = 'gold', parameters = {} } = more;
    const ref = { fault: `${name}@${volume}`, name, volume };
    const { injected, felt, healed, gone } = times;
    if (injected !== undefined) {
      this.add(injected, { type: 'fault.injecting', ...ref, parameters });
      this.add(injected, { type: 'fault.injected', ...ref });
    }
    if (felt !== undefined) {
      this.add(felt, { type: 'fault.felt', ...ref, evidence: 'EIO' });
      this.sampled(felt, volume, name === 'vendor-os-bug' ? 'EIO' : null);
    }
    if (healed !== undefined) this.add(healed, { type: 'fault.healed', ...ref });
    if (gone !== undefined) this.add(gone, { type: 'fault.gone', ...ref, evidence: 'ok' });
    return this;
  }

  /** What the storage probe saw of one operation. */
  sampled(t: number, volume: string, errno: string | null): this {
    const outcome = errno === null ? 'blocked' : 'error';
    return this.add(t, {
      type: 'probe.sampled',
      service: 'store',
      volume,
      operation: 'write',
      outcome,
      errno,
      ms: 3,
    });
  }

  /** An operation of the storage probe that went well. */
  well(t: number, volume: string): this {
    const sample = {
      service: 'store',
      volume,
      operation: 'write',
      outcome: 'ok',
      errno: null,
      ms: 3,
    } as const;
    return this.add(t, { type: 'probe.sampled', ...sample });
  }

  created(
    id: string,
    t: number,
    { to = GOLD, kind = 'inbound', from = FRIEND }: { to?: string; kind?: MessageKind; from?: string } = {},
  ): this {
    return this.add(t, { type: 'message.created', id, kind, from, to, ...contentOf(id) });
  }

  attempt(
    id: string,
    t: number,
    outcome: EventOf<'attempt.ended'>['outcome'],
    fields: Partial<EventOf<'attempt.ended'>> = {},
  ): this {
    const reply = {
      accepted: '250 Ok',
      deferred: '451 4.3.0 Later',
      rejected: '550 5.0.0 No',
      ambiguous: '',
      unsent: '',
    }[outcome];
    const code = reply === '' ? null : Number(reply.slice(0, 3));
    this.add(t, { type: 'attempt.started', id, attempt: 1 });
    return this.add(t, {
      type: 'attempt.ended',
      id,
      attempt: 1,
      outcome,
      code,
      enhanced: null,
      reply,
      at: outcome === 'unsent' ? 'rcpt' : 'dot',
      ms: 5,
      ...fields,
    });
  }

  /** Created and accepted at once. */
  accepted(id: string, t: number, more: { to?: string; kind?: MessageKind; from?: string } = {}): this {
    return this.created(id, t, more).attempt(id, t, 'accepted');
  }

  copy(id: string, t: number, fields: Partial<EventOf<'copy.found'>> = {}): this {
    return this.add(t, {
      type: 'copy.found',
      id,
      mailbox: GOLD,
      uid: t,
      uidValidity: '1',
      ...contentOf(id),
      ...fields,
    });
  }

  outside(id: string, t: number, fields: Partial<EventOf<'outside.received'>> = {}): this {
    return this.add(t, { type: 'outside.received', id, from: GOLD, to: FRIEND, ...contentOf(id), ...fields });
  }

  queued(id: string, t: number, fields: Partial<EventOf<'queue.seen'>> = {}): this {
    const reason = 'host store said: 451 4.2.0 Internal error';
    return this.add(t, {
      type: 'queue.seen',
      service: 'mta',
      id,
      queueId: `Q${id}`,
      queue: 'deferred',
      reason,
      enhanced: '4.2.0',
      ...fields,
    });
  }

  left(id: string, t: number, fields: Partial<EventOf<'queue.left'>> = {}): this {
    return this.add(t, { type: 'queue.left', service: 'mta', id, queueId: `Q${id}`, ...fields });
  }

  logged(id: string | null, t: number, fields: Partial<EventOf<'mta.logged'>> = {}): this {
    return this.add(t, {
      type: 'mta.logged',
      service: 'mta',
      id,
      queueId: 'Q',
      recipient: GOLD,
      status: 'deferred',
      enhanced: fields.status === undefined ? '4.2.0' : null,
      reply: 'later',
      ...fields,
    });
  }

  dsn(id: string | null, t: number, fields: Partial<EventOf<'dsn.received'>> = {}): this {
    return this.add(t, {
      type: 'dsn.received',
      id,
      action: 'failed',
      status: '5.3.0',
      recipient: GOLD,
      diagnostic: 'x',
      place: 'outside',
      to: FRIEND,
      ...fields,
    });
  }

  depth(t: number, depth: number, service = 'mta'): this {
    return this.add(t, { type: 'queue.sampled', service, depth });
  }

  listed(
    t: number,
    stage: 'before' | 'after',
    ids: readonly (string | null)[],
    fields: Partial<EventOf<'mailbox.listed'>> = {},
  ): this {
    const messages = ids.map((id, index) => ({
      uid: index + 1,
      id,
      flags: [],
      bodySha256: contentOf(id ?? '').bodySha256,
    }));
    return this.add(t, {
      type: 'mailbox.listed',
      stage,
      mailbox: GOLD,
      volume: 'gold',
      uidValidity: '1',
      messages,
      ...fields,
    });
  }

  visit(t: number, fields: Partial<EventOf<'reader.visited'>> = {}): this {
    const steps = (['connect', 'login', 'select', 'fetch'] as const).map((step) => ({
      step,
      outcome: 'ok' as const,
      code: null,
      text: '',
      ms: 5,
    }));
    return this.add(t, {
      type: 'reader.visited',
      mailbox: GOLD,
      volume: 'gold',
      steps,
      exists: 1,
      uidValidity: '1',
      known: 'intact',
      ...fields,
    });
  }

  login(t: number, credentials: 'correct' | 'wrong', fields: Partial<EventOf<'login.tried'>> = {}): this {
    const outcome = credentials === 'correct' ? 'ok' : 'refused';
    return this.add(t, {
      type: 'login.tried',
      service: 'imap',
      mailbox: GOLD,
      credentials,
      outcome,
      code: null,
      text: '',
      ms: 5,
      ...fields,
    });
  }

  ended(t: number, reason: EventOf<'run.ended'>['reason'] = 'completed'): this {
    return this.add(t, { type: 'run.ended', reason, detail: 'told' });
  }

  get events(): readonly HistoryEvent[] {
    const told = this.#heartbeats ? this.#events.flatMap((event) => withItsSources(event)) : this.#events;
    const [first, ...rest] = told.toSorted((a, b) => a.t - b.t);
    if (first === undefined || !this.#heartbeats) return told.toSorted((a, b) => a.t - b.t);
    return [first, ...this.#sources(), ...rest];
  }

  #sources(): HistoryEvent[] {
    const mtas = new Set(['mta']);
    const volumes = new Set(['gold', 'silver']);
    for (const event of this.#events) {
      if (event.type === 'queue.sampled' || event.type === 'mta.configured') mtas.add(event.service);
      if (event.type === 'fault.injecting' || event.type === 'fault.felt') volumes.add(event.volume);
      if (event.type === 'mailbox.listed') volumes.add(event.volume);
    }
    const started = (kind: SourceKind, subject = ''): HistoryEvent =>
      at(0, {
        type: 'source.started',
        source: subject === '' ? kind : `${kind}:${subject}`,
        kind,
        subject,
        deadlineMs: FOR_EVER_MS,
      });
    return [
      ...[...mtas].flatMap((mta) => [started('queue', mta), started('log', mta)]),
      ...[...volumes].map((volume) => started('probe', volume)),
      ...(['outside', 'mailboxes', 'readers', 'senders'] as const).map((kind) => started(kind)),
    ];
  }

  judged(): Promise<Judgement> {
    return judge(this.events);
  }

  /** Judges by one check alone. */
  check(name: CheckName): CheckResult {
    const check = CHECKS.find((one) => one.name === name);
    if (check === undefined) throw new Error(`no check ${name}`);
    const fold = new Fold();
    for (const event of this.events) fold.see(event);
    fold.close();
    const scenario = readRecordedScenario(fold.course.started?.scenario);
    return check.run({
      fold,
      scenario,
      limits: scenario?.limits ?? DEFAULT_LIMITS,
      problems: [],
      noPromiseJudged: false,
    });
  }
}

/** What arrives stands in the log of the MTA that delivered it, here as mail of no id. */
function withItsSources(event: HistoryEvent): readonly HistoryEvent[] {
  if (event.type !== 'copy.found' && event.type !== 'outside.received') return [event];
  const logged = { type: 'mta.logged', service: 'mta', id: null, queueId: 'L', recipient: FRIEND } as const;
  return [at(event.t, { ...logged, status: 'sent', enhanced: '2.0.0', reply: '250 Saved' }), event];
}

export function contentOf(id: string): { bytes: number; bodySha256: string; headersSha256: string } {
  return { bytes: 1_000, bodySha256: sha256(`body ${id}`), headersSha256: sha256(`headers ${id}`) };
}
