import {
  HISTORY_VERSION,
  type EventOf,
  type HistoryEvent,
  type NewEvent,
} from '../../../src/history/event.js';
import type { Plan } from '../../../src/scenario/plan.js';
import { sha256 } from '../../support/good-history.js';
import { Course, PROBE_DEADLINE_MS, type Told } from './course.js';
import { Dice, randomDrill } from './drill.js';

const RUN = 'rnd001';
const WALL = 1_790_000_000_000;
const TOLD_AFTER_MS = 4 * 3_600_000;
const DAY_MS = 86_400_000;
const SEEDED = 2;

type Kind = 'inbound' | 'outbound' | 'internal';
type Mailbox = Plan['mailboxes'][number];

/** A message on its way through the stack. */
interface Mail {
  readonly id: string;
  readonly kind: Kind;
  readonly from: string;
  readonly to: string;
  /** Null for mail to the outside. */
  readonly mailbox: Mailbox | null;
  readonly content: { readonly bytes: number; readonly bodySha256: string; readonly headersSha256: string };
}

/** Makes up the history of a run that kept every promise; the same for the same seed. */
export function randomGoodHistory(seed: number): readonly HistoryEvent[] {
  const dice = new Dice(seed);
  return new GoodRun(randomDrill(dice), seed, dice).history();
}

class GoodRun {
  readonly #plan: Plan;
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #course: Course;
  readonly #told: Told[];
  /** By service: when a message is in its queue. */
  readonly #queued: { readonly service: string; readonly from: number; readonly until: number }[] = [];
  readonly #services: { readonly inbound: string; readonly outbound: string };
  readonly #tellsOfDelays: boolean;
  #number = 0;
  #lastAt = 0;

  constructor(plan: Plan, seed: number, dice: Dice) {
    this.#plan = plan;
    this.#seed = seed;
    this.#dice = dice;
    this.#course = new Course(plan, dice);
    this.#told = this.#course.told;
    const isSplit = plan.scenario.traffic.outbound !== undefined && dice.chance(0.3);
    this.#services = isSplit ? { inbound: 'mx', outbound: 'relay' } : { inbound: 'mta', outbound: 'mta' };
    this.#tellsOfDelays = plan.scenario.checks['sender-told'].skip === undefined;
  }

  history(): readonly HistoryEvent[] {
    this.#start();
    for (const kind of ['inbound', 'outbound', 'internal'] as const) this.#stream(kind);
    this.#canaries();
    const endAt = this.#settle();
    this.#probes(endAt);
    this.#readers(endAt);
    this.#queueSamples(endAt);
    this.#takeStock(endAt);
    return this.#stamped();
  }

  #add(t: number, event: NewEvent): void {
    this.#told.push({ t, event });
    this.#lastAt = Math.max(this.#lastAt, t);
  }

  get #mtas(): ReadonlySet<string> {
    return new Set(Object.values(this.#services));
  }

  #start(): void {
    const { scenario, mailboxes, volumes } = this.#plan;
    this.#add(0, {
      type: 'run.started',
      historyVersion: HISTORY_VERSION,
      run: RUN,
      nobounce: '0.2.0',
      seed: this.#seed,
      driver: this.#dice.chance(0.5) ? 'docker' : 'embedded',
      stack: { name: 'our-own', title: 'Our own stack' },
      scenario,
      mailboxes: mailboxes.map(({ address, volume }) => ({ address, volume })),
    });
    const services = [...this.#mtas, 'store'].map((name) => ({ name, image: `${name}:1`, versions: {} }));
    this.#add(800, { type: 'stack.ready', tookMs: 800, toxiproxy: 'builtin', services });
    const warningMs = this.#tellsOfDelays ? TOLD_AFTER_MS : 0;
    for (const service of this.#mtas) {
      const lifetimes = { mailMs: 5 * DAY_MS, bouncesMs: 5 * DAY_MS, warningMs };
      this.#add(810, { type: 'mta.configured', service, ...lifetimes });
    }
    for (const { address: mailbox, volume } of mailboxes) {
      const listed = { mailbox, volume, uidValidity: validityOf(mailbox), messages: seededIn(mailbox) };
      this.#add(this.#course.filledAt, { type: 'mailbox.listed', stage: 'before', ...listed });
    }
    if (volumes.length === 0) throw new Error('no volume');
  }

  #stream(kind: Kind): void {
    const rate = this.#plan.scenario.traffic[kind]?.rate;
    if (rate === undefined) return;
    const { filledAt, settleAt } = this.#course;
    for (let t = filledAt + this.#dice.between(10, 500); t < settleAt - 200; t += 1_000 / rate) {
      this.#message(kind, this.#course.awake(t + this.#dice.between(0, 300 / rate)));
    }
  }

  #message(kind: Kind, createdAt: number): void {
    if (createdAt >= this.#course.settleAt) return;
    this.#number += 1;
    const { mailboxes } = this.#plan;
    const id = `${RUN}-${kind.charAt(0)}${String(this.#number).padStart(6, '0')}`;
    const box = this.#dice.one(mailboxes);
    const friend = `friend${String(this.#number % 9)}@outside.test`;
    const mail: Mail = {
      id,
      kind,
      from: kind === 'inbound' ? friend : this.#dice.one(mailboxes).address,
      to: kind === 'outbound' ? friend : box.address,
      mailbox: kind === 'outbound' ? null : box,
      content: { bytes: 1_000 + this.#number, bodySha256: sha256(`b${id}`), headersSha256: sha256(`h${id}`) },
    };
    const { from, to, content } = mail;
    this.#add(createdAt, { type: 'message.created', id, kind, from, to, ...content });
    this.#send(mail, createdAt + 1);
  }

  /** Attempts until one is accepted; what gets no reply to its dot may have been taken all the same. */
  #send(mail: Mail, startAt: number): void {
    const { id } = mail;
    let t = startAt;
    for (let attempt = 1; ; attempt += 1) {
      this.#add(t, { type: 'attempt.started', id, attempt });
      const endAt = t + this.#dice.between(3, 40);
      const outcome = attempt > 3 ? 'accepted' : this.#outcome();
      this.#add(endAt, { type: 'attempt.ended', id, attempt, ms: endAt - t, outcome, ...REPLIES[outcome] });
      if (outcome === 'accepted') {
        this.#carry(mail, endAt, attempt);
        return;
      }
      if (outcome === 'ambiguous' && this.#dice.chance(0.4)) this.#carry(mail, endAt, attempt);
      t = this.#course.awake(endAt + this.#dice.between(500, 1_500));
    }
  }

  #outcome(): keyof typeof REPLIES {
    const draw = this.#dice.between(0, 1);
    return draw < 0.05 ? 'deferred' : draw < 0.07 ? 'unsent' : draw < 0.09 ? 'ambiguous' : 'accepted';
  }

  /** Through the queue to its recipient: tried at once, after every jump and heal, and now and then. */
  #carry(mail: Mail, acceptedAt: number, attempt: number): void {
    const { id, kind, to, mailbox } = mail;
    const service = kind === 'inbound' ? this.#services.inbound : this.#services.outbound;
    const queueId = `Q${id.slice(-6)}${String(attempt)}`;
    const logged = { type: 'mta.logged', service, id, queueId, recipient: to } as const;
    let copyAt = this.#tryOnce(mailbox, acceptedAt + this.#dice.between(20, 200));
    if (typeof copyAt === 'number') {
      this.#arrive(mail, copyAt);
      this.#add(copyAt - 5, { ...logged, status: 'sent', enhanced: '2.0.0', reply: '250 2.0.0 Saved' });
      return;
    }
    const seen = { type: 'queue.seen', service, id, queueId } as const;
    this.#add(acceptedAt + 10, { ...seen, queue: 'active', reason: '', enhanced: null });
    let triedAt = copyAt.failedAt;
    const { enhanced, reply } = copyAt;
    this.#add(triedAt, { ...logged, status: 'deferred', enhanced, reply });
    this.#add(triedAt + 100, { ...seen, queue: 'deferred', reason: reply, enhanced });
    for (;;) {
      const next = this.#nextTry(triedAt);
      copyAt = this.#tryOnce(mailbox, next);
      if (typeof copyAt === 'number') break;
      triedAt = copyAt.failedAt;
      this.#add(triedAt, { ...logged, status: 'deferred', enhanced, reply });
    }
    this.#arrive(mail, copyAt);
    this.#add(copyAt - 5, { ...logged, status: 'sent', enhanced: '2.0.0', reply: '250 2.0.0 Saved' });
    const leftAt = copyAt + this.#dice.between(20, 700);
    this.#add(leftAt, { type: 'queue.left', service, id, queueId });
    this.#queued.push({ service, from: acceptedAt, until: leftAt });
    if (this.#tellsOfDelays) this.#tellOfDelay(mail, acceptedAt, copyAt, reply);
  }

  #nextTry(t: number): number {
    const backoff = t + this.#dice.between(4_000, 8_000);
    return Math.min(backoff, ...this.#course.retries.filter((at) => at > t)) + this.#dice.between(0, 400);
  }

  /** When the copy is there, or when the store said that it cannot take it. */
  #tryOnce(
    mailbox: Mailbox | null,
    t: number,
  ): number | { failedAt: number; enhanced: string; reply: string } {
    const took = this.#dice.between(20, 400);
    const lives = mailbox === null ? [] : this.#course.on(mailbox.volume, t + took);
    const storings = lives.map(({ planned }) => planned.description.traits.storing);
    const isStopped = storings.some(
      (storing) =>
        storing === 'stopped' || storing === 'astray' || (storing === 'partly' && this.#dice.chance(0.5)),
    );
    if (!isStopped) return t + took + (storings.includes('slowed') ? this.#dice.between(200, 2_500) : 0);
    const hangs = lives.some(({ planned }) => planned.description.traits.hangs);
    return hangs
      ? {
          failedAt: t + 4_000,
          enhanced: '4.4.2',
          reply: 'conversation with store[10.0.0.2] timed out while sending MAIL FROM',
        }
      : {
          failedAt: t + took,
          enhanced: '4.2.0',
          reply: 'host store[10.0.0.2] said: 451 4.2.0 Internal error occurred',
        };
  }

  #arrive({ id, from, to, mailbox, content }: Mail, t: number): void {
    if (mailbox === null) this.#add(t, { type: 'outside.received', id, from, to, ...content });
    else {
      const place = { mailbox: mailbox.address, uid: 0, uidValidity: validityOf(mailbox.address) };
      this.#add(t, { type: 'copy.found', id, ...place, ...content });
    }
  }

  /** One notice, behind the jump with which it has waited for too long. */
  #tellOfDelay({ id, from, to }: Mail, acceptedAt: number, copyAt: number, diagnostic: string): void {
    let waitedMs = 0;
    for (const { t, byMs } of this.#course.jumps) {
      if (t <= acceptedAt || t >= copyAt) continue;
      waitedMs += byMs;
      if (waitedMs <= TOLD_AFTER_MS) continue;
      const place = from.endsWith('@outside.test') ? 'outside' : 'mailbox';
      const dsn = { type: 'dsn.received', id, action: 'delayed', status: '4.2.0', recipient: to } as const;
      this.#add(t + 900, { ...dsn, diagnostic, place, to: from, form: 'rfc3464' });
      return;
    }
  }

  #canaries(): void {
    const { filledAt, holdsAt, settleAt } = this.#course;
    for (const at of [filledAt + 300, ...holdsAt, settleAt]) {
      this.#number += 1;
      const id = `${RUN}-c${String(this.#number).padStart(6, '0')}`;
      const content = { bytes: 500, bodySha256: sha256(`b${id}`), headersSha256: sha256(`h${id}`) };
      const to = `nobody@${this.#plan.scenario.domains[0]?.name ?? ''}`;
      const t = this.#course.awake(at + 20);
      this.#add(t, {
        type: 'message.created',
        id,
        kind: 'canary',
        from: 'friend1@outside.test',
        to,
        ...content,
      });
      this.#add(t + 1, { type: 'attempt.started', id, attempt: 1 });
      const [code, enhanced] = this.#dice.one([
        [550, '5.1.1'],
        [524, '5.2.4'],
        [553, null],
      ] as const);
      const reply = [String(code), enhanced, 'No such user here'].filter((part) => part !== null).join(' ');
      const answer = { outcome: 'rejected', code, enhanced, reply, at: 'rcpt', ms: 4 } as const;
      this.#add(t + 5, { type: 'attempt.ended', id, attempt: 1, ...answer });
      this.#add(t + 6, { type: 'message.abandoned', id, reason: 'a 5xx reply is final' });
    }
  }

  /** When all is delivered, a while after. */
  #settle(): number {
    const endAt = Math.max(this.#lastAt, this.#course.settleAt) + this.#dice.between(1_000, 2_500);
    const step = this.#plan.steps.at(-1)?.step ?? 0;
    this.#add(endAt, { type: 'phase.ended', phase: 'settle', step });
    return endAt;
  }

  #probes(endAt: number): void {
    for (const volume of this.#plan.volumes) {
      let round = 0;
      for (let t = 1_000; t < endAt; round += 1) {
        const lives = this.#course.on(volume, t);
        // What lies under another fault is seen in turn with it.
        const life = lives[round % Math.max(1, lives.length)];
        const sample = this.#sample(round, life, t);
        this.#add(t + sample.ms, { type: 'probe.sampled', service: 'store', volume, ...sample });
        t += sample.ms + this.#dice.between(150, 300);
      }
    }
  }

  #sample(
    round: number,
    life: Course['lives'][number] | undefined,
    t: number,
  ): Pick<EventOf<'probe.sampled'>, 'operation' | 'outcome' | 'errno' | 'ms'> {
    const operation = round % 4 === 3 ? 'mounted' : 'write';
    const well = { operation, outcome: 'ok', errno: null, ms: this.#dice.between(1, 8) } as const;
    if (life === undefined) return well;
    const { planned, healedAt, injectedAt } = life;
    const { feeling, traits, act } = planned.description;
    if (feeling.kind === 'unmounted')
      return { ...well, operation: 'mounted', outcome: 'error', errno: 'EINVAL' };
    if (operation === 'mounted') return well;
    switch (feeling.kind) {
      case 'errno':
        return { ...well, outcome: 'error', errno: this.#dice.one(feeling.errnos) };
      case 'slower':
        return { ...well, ms: Math.min(feeling.byMs * 1.4 + 10, healedAt - t + feeling.byMs + 10) };
      case 'alternating': {
        const cycle = act.via === 'link-flapping' ? act : { downMs: 1_000, upMs: 1_000 };
        const isDown = (t - injectedAt) % (cycle.downMs + cycle.upMs) < cycle.downMs;
        return isDown ? { ...well, outcome: 'error', errno: 'ECONNREFUSED' } : well;
      }
      case 'unreachable':
        if (!traits.hangs) return { ...well, outcome: 'error', errno: 'ENOTCONN' };
        // What hangs goes on when the storage is back.
        return healedAt - t < PROBE_DEADLINE_MS
          ? { ...well, ms: healedAt - t + 5 }
          : { ...well, outcome: 'blocked', ms: PROBE_DEADLINE_MS };
    }
  }

  #readers(endAt: number): void {
    const { volumes, mailboxes } = this.#plan;
    const used = volumes.filter((volume) => mailboxes.some((box) => box.volume === volume));
    let turn = 0;
    for (let at = this.#course.filledAt + 20; at < endAt - 4_000; at += 500) {
      const t = this.#course.awake(at);
      if (t !== at) continue;
      turn += 1;
      const volume = used[turn % used.length] ?? '';
      const box = this.#dice.one(mailboxes.filter((one) => one.volume === volume));
      this.#visit(box, t);
      if (turn % 7 === 3) this.#login(box.address, t + 15);
    }
  }

  #visit({ address: mailbox, volume }: Mailbox, t: number): void {
    const traits = this.#course.on(volume, t).map(({ planned }) => planned.description.traits);
    const isDown =
      traits.some(({ showing }) => showing === 'stopped') || (traits.length > 0 && this.#dice.chance(0.3));
    const ok = { outcome: 'ok', code: null, text: '', ms: this.#dice.between(2, 60) } as const;
    const hangs = traits.some(({ hangs: each }) => each);
    const down = hangs
      ? ({ outcome: 'timeout', code: null, text: 'no answer', ms: 31_000 } as const)
      : ({ outcome: 'no', code: 'SERVERBUG', text: 'Internal error occurred', ms: 30 } as const);
    // Of what hangs, the storage that comes back is the end.
    const select = isDown && hangs ? { ...ok, ms: this.#wakesIn(volume, t) } : isDown ? down : ok;
    const isSeen = select.outcome === 'ok';
    const steps = [
      { step: 'login', ...ok } as const,
      { step: 'select', ...select } as const,
      ...(isSeen ? [{ step: 'fetch', ...ok } as const] : []),
    ];
    this.#add(t + steps.reduce((sum, { ms }) => sum + ms, 0), {
      type: 'reader.visited',
      mailbox,
      volume,
      steps,
      exists: isSeen ? 1_000_000 : null,
      uidValidity: isSeen ? validityOf(mailbox) : null,
      known: isSeen ? 'intact' : null,
    });
  }

  #wakesIn(volume: string, t: number): number {
    const healedAt = Math.max(t, ...this.#course.on(volume, t).map((life) => life.healedAt));
    // Longer than that a client of the store does not wait, and nor does its storage client.
    return Math.min(healedAt - t + 20, 9_000);
  }

  #login(mailbox: string, t: number): void {
    const login = { type: 'login.tried', mailbox, ms: 9 } as const;
    const isImap = this.#dice.chance(0.5);
    const refusal = isImap
      ? ({ service: 'imap', code: 'AUTHENTICATIONFAILED', text: 'Authentication failed.' } as const)
      : ({ service: 'submission', code: '535', text: '535 5.7.8 Authentication failed' } as const);
    this.#add(t, { ...login, credentials: 'wrong', outcome: 'refused', ...refusal });
  }

  #queueSamples(endAt: number): void {
    for (const service of this.#mtas) {
      for (let t = 1_000; t < endAt + 50; t += this.#dice.between(300, 500)) {
        const depth = this.#queued.filter(
          (one) => one.service === service && one.from <= t && t < one.until,
        ).length;
        this.#add(t, { type: 'queue.sampled', service, depth });
      }
    }
  }

  /** Every copy gets its UID in the order of arrival, every mailbox is listed, and the run ends. */
  #takeStock(endAt: number): void {
    this.#told.sort((a, b) => a.t - b.t);
    const listings = new Map(this.#plan.mailboxes.map(({ address }) => [address, seededIn(address)]));
    for (const [index, { t, event }] of this.#told.entries()) {
      if (event.type !== 'copy.found') continue;
      const listing = listings.get(event.mailbox) ?? [];
      const uid = listing.length + 1;
      listing.push({ uid, id: event.id, flags: [], bodySha256: event.bodySha256 });
      this.#told[index] = { t, event: { ...event, uid } };
    }
    for (const { address: mailbox, volume } of this.#plan.mailboxes) {
      const messages = listings.get(mailbox) ?? [];
      const listed = { mailbox, volume, uidValidity: validityOf(mailbox), messages };
      this.#add(endAt + 100, { type: 'mailbox.listed', stage: 'after', ...listed });
    }
    this.#add(endAt + 300, { type: 'run.ended', reason: 'completed', detail: '' });
  }

  #stamped(): readonly HistoryEvent[] {
    let aheadMs = 0;
    return this.#told
      .toSorted((a, b) => a.t - b.t)
      .filter(({ t }) => t <= this.#lastAt)
      .map(({ t, event }): HistoryEvent => {
        if (event.type === 'clock.advanced') aheadMs += event.byMs;
        return { ...event, t, wall: WALL + t, sim: WALL + t + aheadMs };
      });
  }
}

const REPLIES = {
  accepted: { code: 250, enhanced: '2.0.0', reply: '250 2.0.0 Ok: queued', at: 'dot' },
  deferred: { code: 451, enhanced: '4.3.0', reply: '451 4.3.0 Try again later', at: 'rcpt' },
  unsent: { code: null, enhanced: null, reply: '', at: 'connect' },
  ambiguous: { code: null, enhanced: null, reply: '', at: 'dot' },
} as const;

const validityOf = (address: string): string => String(1_700_000_000 + address.length);

function seededIn(address: string): EventOf<'mailbox.listed'>['messages'] {
  return Array.from({ length: SEEDED }, (_, index) => ({
    uid: index + 1,
    id: `${RUN}-s${String(index)}${address}`,
    flags: ['\\Seen'],
    bodySha256: sha256(`seed ${String(index)} of ${address}`),
  }));
}
