import { createHash } from 'node:crypto';
import { HISTORY_VERSION, type EventOf, type HistoryEvent, type NewEvent } from '../../src/history/event.js';
import { scenarioSchema, type Scenario } from '../../src/scenario/scenario.js';

/** What a made-up run is like; every one of them keeps every promise. */
export interface GoodRun {
  readonly seed: number;
  /** The fault on volume `gold`; `none` is a baseline. */
  readonly fault: 'vendor-os-bug' | 'stall' | 'latency' | 'none';
  /** Inbound messages a second; half as many outbound, and half as many internal. */
  readonly perSecond: number;
  /** Shares of messages: deferred at first, without a reply to the dot at first, with a delay notice. */
  readonly deferred: number;
  readonly ambiguous: number;
  readonly delayNotices: number;
}

export const TYPICAL: GoodRun = {
  seed: 1,
  fault: 'vendor-os-bug',
  perSecond: 2,
  deferred: 0.1,
  ambiguous: 0.1,
  delayNotices: 0.1,
};

export const RUN = '20261123-abcdef';
const FAULT_KEY = 'fault@gold#1';
/** The timeline in milliseconds. */
export const TIMES = {
  ready: 500,
  inject: 8_000,
  felt: 8_400,
  heal: 22_000,
  gone: 22_600,
  settle: 23_000,
  listed: 35_000,
};
const LAST_SENT_MS = 24_000;
const WALL = 1_790_000_000_000;
const SERVICES = { mta: 'mta', store: 'store' };

const GOLD = ['u1@libero.test', 'u2@libero.test', 'u3@libero.test'];
const SILVER = ['u1@virgilio.test', 'u2@virgilio.test'];
export const MAILBOXES = [
  ...GOLD.map((address) => ({ address, volume: 'gold' })),
  ...SILVER.map((address) => ({ address, volume: 'silver' })),
];

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Stamps an event at `t` milliseconds of the run. */
export function at(t: number, event: NewEvent): HistoryEvent {
  return { ...event, t, wall: WALL + t, sim: WALL + t };
}

export function scenarioOf(fault: GoodRun['fault']): Scenario {
  const parameters = fault === 'latency' ? { latency: '2s' } : {};
  const outage = [{ inject: { fault, volume: 'gold', ...parameters } }, { hold: '13.5s' }, { heal: 'all' }];
  return scenarioSchema.parse({
    name: fault === 'none' ? 'baseline' : fault,
    title: 'A made-up run',
    baseline: fault === 'none',
    domains: [
      { name: 'libero.test', mailboxes: 3, volumes: ['gold'] },
      { name: 'virgilio.test', mailboxes: 2, volumes: ['silver'] },
    ],
    traffic: { inbound: { rate: '2/s' }, outbound: { rate: '1/s' }, internal: { rate: '1/s' } },
    timeline: [{ steady: '7s' }, ...(fault === 'none' ? [] : outage), { settle: '120s' }],
  });
}

/** What a run records of an injection: the step as it was resolved. */
function parametersOf(fault: GoodRun['fault']): Record<string, unknown> {
  const step = scenarioOf(fault).timeline.find((one) => 'inject' in one);
  return step === undefined || !('inject' in step) ? {} : { ...step.inject };
}

/** mulberry32: 32 bits of state are enough for made-up mail. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Makes up the history of a run that kept every promise; the same for the same `run`. */
export function goodHistory(run: GoodRun = TYPICAL): HistoryEvent[] {
  return new GoodHistory(run).events();
}

class GoodHistory {
  readonly #run: GoodRun;
  readonly #random: () => number;
  readonly #events: HistoryEvent[] = [];
  /** When each message entered and left the queue. */
  readonly #queued: { readonly from: number; readonly until: number }[] = [];
  #number = 0;

  constructor(run: GoodRun) {
    this.#run = run;
    this.#random = randomOf(run.seed);
  }

  events(): HistoryEvent[] {
    this.#frame();
    this.#faultEvents();
    const { perSecond } = this.#run;
    for (const kind of ['inbound', 'outbound', 'internal'] as const) {
      const gap = 1_000 / (kind === 'inbound' ? perSecond : perSecond / 2);
      for (let t = TIMES.ready + this.#between(0, gap); t < LAST_SENT_MS; t += gap) this.#message(kind, t);
    }
    this.#canaries();
    this.#readers();
    this.#queueSamples();
    this.#events.sort((a, b) => a.t - b.t);
    return [...this.#withUids(), ...this.#ending()];
  }

  #between(from: number, to: number): number {
    return from + this.#random() * (to - from);
  }

  #one<T>(items: readonly T[], fallback: T): T {
    return items[Math.floor(this.#random() * items.length)] ?? fallback;
  }

  #add(t: number, event: NewEvent): void {
    this.#events.push(at(t, event));
  }

  #isBroken(volume: string | undefined, t: number): boolean {
    return this.#run.fault !== 'none' && volume === 'gold' && t >= TIMES.inject && t <= TIMES.heal;
  }

  #frame(): void {
    const scenario = scenarioOf(this.#run.fault);
    this.#add(0, {
      type: 'run.started',
      historyVersion: HISTORY_VERSION,
      run: RUN,
      nobounce: '0.1.0',
      seed: this.#run.seed,
      driver: 'docker',
      stack: { name: 'postfix-dovecot', title: 'Postfix and Dovecot' },
      scenario,
      mailboxes: MAILBOXES,
    });
    this.#add(300, {
      type: 'stack.ready',
      tookMs: 300,
      toxiproxy: 'builtin',
      services: [{ name: SERVICES.mta, image: 'mta:1', versions: { postfix: '3.10.5' } }],
    });
    for (const { address, volume } of MAILBOXES) {
      const messages = [seeded(address, 1), seeded(address, 2)];
      const uidValidity = validityOf(address);
      this.#add(400, {
        type: 'mailbox.listed',
        stage: 'before',
        mailbox: address,
        volume,
        uidValidity,
        messages,
      });
    }
    const spans: [EventOf<'phase.started'>['phase'], number, number][] =
      this.#run.fault === 'none'
        ? [['steady', TIMES.ready, TIMES.settle]]
        : [
            ['steady', TIMES.ready, TIMES.inject],
            ['inject', TIMES.inject, TIMES.felt],
            ['hold', TIMES.felt, TIMES.heal],
            ['heal', TIMES.heal, TIMES.gone],
          ];
    [...spans, ['settle', TIMES.settle, TIMES.listed] as const].forEach(([phase, from, to], step) => {
      this.#add(from, { type: 'phase.started', phase, step });
      this.#add(to - 1, { type: 'phase.ended', phase, step });
    });
  }

  #faultEvents(): void {
    const { fault } = this.#run;
    const well = { outcome: 'ok', errno: null, ms: 3 } as const;
    const ill = {
      'vendor-os-bug': { outcome: 'error', errno: 'EIO', ms: 3 },
      stall: { outcome: 'blocked', errno: null, ms: 3_000 },
      latency: { outcome: 'ok', errno: null, ms: 2_003 },
      none: well,
    } as const;
    const probe = (t: number, volume: string, seen: (typeof ill)[GoodRun['fault']]): void => {
      const event = { type: 'probe.sampled', service: SERVICES.store, volume, operation: 'write' } as const;
      this.#add(t, { ...event, ...seen });
    };
    for (let t = TIMES.ready; t < TIMES.listed; t += 250) {
      const fails = this.#isBroken('gold', t) && t > TIMES.felt;
      probe(t, 'gold', fails ? ill[fault] : well);
      probe(t, 'silver', well);
    }
    if (fault === 'none') return;
    const ref = { fault: FAULT_KEY, name: fault, volume: 'gold' };
    this.#add(TIMES.inject + 10, { type: 'fault.injecting', ...ref, parameters: parametersOf(fault) });
    this.#add(TIMES.inject + 100, { type: 'fault.injected', ...ref });
    this.#add(TIMES.felt, { type: 'fault.felt', ...ref, evidence: 'EIO on write' });
    this.#add(TIMES.heal, { type: 'fault.healing', ...ref });
    this.#add(TIMES.heal + 50, { type: 'fault.healed', ...ref });
    this.#add(TIMES.gone, { type: 'fault.gone', ...ref, evidence: 'write ok' });
  }

  #message(kind: 'inbound' | 'outbound' | 'internal', createdAt: number): void {
    this.#number += 1;
    const id = `${RUN}-${kind.charAt(0)}${String(this.#number).padStart(6, '0')}`;
    // In turn, so that no run has too little mail on a volume to judge it.
    const mailbox = MAILBOXES[this.#number % MAILBOXES.length] ?? { address: GOLD[0] ?? '', volume: 'gold' };
    const subscriber = this.#one(MAILBOXES, mailbox).address;
    const from = kind === 'inbound' ? `friend${this.#number % 7}@outside.test` : subscriber;
    const to = kind === 'outbound' ? `friend${this.#number % 7}@outside.test` : mailbox.address;
    const content = {
      bytes: 1_000 + this.#number,
      bodySha256: sha256(`b${id}`),
      headersSha256: sha256(`h${id}`),
    };
    this.#add(createdAt, { type: 'message.created', id, kind, from, to, ...content });
    const { acceptedAt, unanswered } = this.#send(id, createdAt);
    const hop = { id, to, mailbox: kind === 'outbound' ? undefined : mailbox, content };
    this.#arrive(hop, acceptedAt, from);
    // What got no reply to its dot may have been taken all the same.
    if (unanswered && this.#random() < 0.5) this.#arrive(hop, acceptedAt + 5, from);
  }

  #send(id: string, createdAt: number): { acceptedAt: number; unanswered: boolean } {
    const { deferred, ambiguous } = this.#run;
    const ended = { type: 'attempt.ended', id, ms: 12 } as const;
    const draw = this.#random();
    let t = createdAt + 2;
    let attempt = 1;
    this.#add(t, { type: 'attempt.started', id, attempt });
    const first = draw < deferred ? 'deferred' : draw < deferred + ambiguous ? 'ambiguous' : 'accepted';
    if (first === 'deferred') {
      const reply = '451 4.3.0 Try again later';
      this.#add(t + 9, {
        ...ended,
        attempt,
        outcome: first,
        code: 451,
        enhanced: '4.3.0',
        reply,
        at: 'rcpt',
      });
    } else if (first === 'ambiguous') {
      this.#add(t + 9, {
        ...ended,
        attempt,
        outcome: first,
        code: null,
        enhanced: null,
        reply: '',
        at: 'dot',
      });
    }
    if (first !== 'accepted') {
      t += this.#between(500, 2_000);
      attempt += 1;
      this.#add(t, { type: 'attempt.started', id, attempt });
    }
    const acceptedAt = t + this.#between(3, 30);
    const reply = `250 2.0.0 Ok: queued as ${queueIdOf(id)}`;
    this.#add(acceptedAt, {
      ...ended,
      attempt,
      outcome: 'accepted',
      code: 250,
      enhanced: '2.0.0',
      reply,
      at: 'dot',
    });
    return { acceptedAt, unanswered: first === 'ambiguous' };
  }

  #arrive(
    hop: {
      readonly id: string;
      readonly to: string;
      readonly mailbox: { readonly address: string; readonly volume: string } | undefined;
      readonly content: {
        readonly bytes: number;
        readonly bodySha256: string;
        readonly headersSha256: string;
      };
    },
    acceptedAt: number,
    from: string,
  ): void {
    const { id, to, mailbox, content } = hop;
    const service = SERVICES.mta;
    const queueId = `${queueIdOf(id)}${Math.round(acceptedAt)}`;
    const logged = { type: 'mta.logged', service, id, queueId, recipient: to } as const;
    const broken = this.#isBroken(mailbox?.volume, acceptedAt);
    let copyAt = acceptedAt + this.#between(40, 600);
    if (broken && this.#run.fault === 'latency') copyAt += 2_000;
    if (broken && this.#run.fault !== 'latency') {
      const reply =
        this.#run.fault === 'stall'
          ? 'conversation with store[10.0.0.2] timed out while sending end of data -- message may be sent more than once'
          : `host store[10.0.0.2] said: 451 4.2.0 <${to}> Internal error occurred (in reply to end of DATA command)`;
      const enhanced = this.#run.fault === 'stall' ? '4.4.2' : '4.2.0';
      const seen = { type: 'queue.seen', service, id, queueId } as const;
      this.#add(acceptedAt + 90, { ...seen, queue: 'active', reason: '', enhanced: null });
      this.#add(acceptedAt + 120, { ...logged, status: 'deferred', enhanced, reply });
      this.#add(acceptedAt + 250, { ...seen, queue: 'deferred', reason: reply, enhanced });
      if (this.#random() < this.#run.delayNotices) {
        const place = from.endsWith('@outside.test') ? 'outside' : 'mailbox';
        const dsn = { type: 'dsn.received', id, action: 'delayed', status: enhanced } as const;
        this.#add(acceptedAt + 400, { ...dsn, recipient: to, diagnostic: reply, place, to: from });
      }
      copyAt = Math.max(TIMES.gone, acceptedAt + 600) + this.#between(100, 6_000);
      const leftAt = copyAt + this.#between(-50, 800);
      this.#add(leftAt, { type: 'queue.left', service, id, queueId });
      this.#queued.push({ from: acceptedAt, until: leftAt });
    }
    this.#add(copyAt - 30, { ...logged, status: 'sent', enhanced: '2.0.0', reply: '250 2.0.0 Saved' });
    if (mailbox === undefined) this.#add(copyAt, { type: 'outside.received', id, from, to, ...content });
    else {
      const place = { mailbox: mailbox.address, uid: 0, uidValidity: validityOf(mailbox.address) };
      this.#add(copyAt, { type: 'copy.found', id, ...place, ...content });
    }
  }

  #canaries(): void {
    for (const t of [2_000, 12_000]) {
      this.#number += 1;
      const id = `${RUN}-c${String(this.#number).padStart(6, '0')}`;
      const to = 'nobody@libero.test';
      const content = { bytes: 500, bodySha256: sha256(`b${id}`), headersSha256: sha256(`h${id}`) };
      this.#add(t, {
        type: 'message.created',
        id,
        kind: 'canary',
        from: 'friend@outside.test',
        to,
        ...content,
      });
      this.#add(t + 1, { type: 'attempt.started', id, attempt: 1 });
      const reply = `550 5.1.1 <${to}>: Recipient address rejected: User unknown`;
      const answer = { outcome: 'rejected', code: 550, enhanced: '5.1.1', reply, at: 'rcpt', ms: 4 } as const;
      this.#add(t + 5, { type: 'attempt.ended', id, attempt: 1, ...answer });
      this.#add(t + 6, { type: 'message.abandoned', id, reason: 'a 5xx reply is final' });
    }
  }

  #readers(): void {
    for (const { address: mailbox, volume } of MAILBOXES) {
      for (let t = TIMES.ready + this.#between(0, 1_000); t < TIMES.listed - 500; t += 1_000) {
        const broken = this.#isBroken(volume, t + 100) || this.#isBroken(volume, t);
        const ok = { outcome: 'ok', code: null, text: '', ms: 5 } as const;
        const down = { outcome: 'no', code: 'SERVERBUG', text: 'Internal error occurred', ms: 20 } as const;
        const steps = [
          { step: 'connect', ...ok } as const,
          { step: 'login', ...ok } as const,
          { step: 'select', ...(broken ? down : ok) } as const,
          ...(broken ? [] : [{ step: 'fetch', ...ok } as const]),
        ];
        this.#add(t, {
          type: 'reader.visited',
          mailbox,
          volume,
          steps,
          exists: broken ? null : 1_000,
          uidValidity: broken ? null : validityOf(mailbox),
          known: broken ? null : 'intact',
        });
      }
    }
    for (let t = 1_500; t < TIMES.listed; t += 3_000) {
      const login = { type: 'login.tried', service: 'imap', mailbox: GOLD[0] ?? '', ms: 9 } as const;
      const refusal = {
        outcome: 'refused',
        code: 'AUTHENTICATIONFAILED',
        text: 'Authentication failed.',
      } as const;
      this.#add(t, { ...login, credentials: 'wrong', ...refusal });
      this.#add(t + 50, { ...login, credentials: 'correct', outcome: 'ok', code: null, text: 'Logged in' });
    }
  }

  #queueSamples(): void {
    for (let t = TIMES.ready; t < TIMES.listed; t += 500) {
      const depth = this.#queued.filter(({ from, until }) => from <= t && t < until).length;
      this.#add(t, { type: 'queue.sampled', service: SERVICES.mta, depth });
    }
  }

  /** Gives every copy its UID, in the order of arrival. */
  *#withUids(): Generator<HistoryEvent> {
    const next = new Map<string, number>();
    for (const [index, event] of this.#events.entries()) {
      if (event.type !== 'copy.found') {
        yield event;
        continue;
      }
      const uid = next.get(event.mailbox) ?? 3;
      next.set(event.mailbox, uid + 1);
      const numbered = { ...event, uid };
      this.#events[index] = numbered;
      yield numbered;
    }
  }

  *#ending(): Generator<HistoryEvent> {
    for (const { address: mailbox, volume } of MAILBOXES) {
      const copies = this.#events.flatMap((event) =>
        event.type === 'copy.found' && event.mailbox === mailbox
          ? [{ uid: event.uid, id: event.id, flags: [], bodySha256: event.bodySha256 }]
          : [],
      );
      const messages = [seeded(mailbox, 1), seeded(mailbox, 2), ...copies];
      const listed = { type: 'mailbox.listed', stage: 'after', mailbox, volume } as const;
      yield at(TIMES.listed, { ...listed, uidValidity: validityOf(mailbox), messages });
    }
    yield at(TIMES.listed + 500, { type: 'run.ended', reason: 'completed', detail: '' });
  }
}

const queueIdOf = (id: string) => `4Q${id.slice(-6)}`;
const validityOf = (address: string) =>
  String(1_700_000_000 + MAILBOXES.findIndex((box) => box.address === address));
const seeded = (address: string, uid: number) => ({
  uid,
  id: `${RUN}-seed${uid}`,
  flags: uid === 1 ? ['\\Seen'] : ['\\Seen', '\\Flagged'],
  bodySha256: sha256(`seed ${uid} of ${address}`),
});
