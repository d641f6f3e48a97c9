import { z } from 'zod';
import { placeOf } from '../fault/place.js';
import type { Course } from './course.js';
import { SOURCE_KINDS, type EventOf, type SourceKind } from './event.js';
import type { Mailboxes } from './mailboxes.js';
import type { Outages } from './outages.js';
import { Debt, Signs, type Gap } from './signs.js';

/** A time in which nothing was heard of a source although it was needed. Times are `t`. */
export interface Silence extends Gap {
  readonly kind: SourceKind;
  /** The service or volume that it watches; empty where there is only one of the kind. */
  readonly subject: string;
  /** `never`: not heard of at all. `ended`: it was stopped before the run took stock. */
  readonly how: 'never' | 'silent' | 'ended';
}

/** By so much a source may lag behind what another one shows. */
const LAG_MS = { log: 5_000, outside: 5_000, mailboxes: 10_000 };
/** The mailbox watch polls the less often the more mailboxes there are: some of its turns. */
const LAG_EACH_MAILBOX_MS = 100;

interface Run {
  readonly course: Course;
  readonly mailboxes: Mailboxes;
  readonly outages: Outages;
}

/**
 * Whether everything that watches a run lived while it was needed. In runs with heartbeats each source says that it
 * lives. Older runs did not say so: there, what comes several times a second has gaps when its watcher is dead, and
 * what comes only with the mail is held against the other sources that saw the same mail.
 */
export class Sources {
  readonly #run: Run;
  readonly #signs = new Map<SourceKind, Map<string, Signs>>();
  readonly #debts: Readonly<Record<'log' | 'outside' | 'mailboxes', Debt>> = {
    log: new Debt(),
    outside: new Debt(),
    mailboxes: new Debt(),
  };
  readonly #mtas = new Map<string, 'stack' | 'outside'>();
  #heldSince: number | null = null;

  constructor(run: Run) {
    this.#run = run;
  }

  started({ kind, subject, deadlineMs, t }: EventOf<'source.started'>): void {
    const signs = this.#of(kind, subject);
    signs.deadlineMs = deadlineMs;
    signs.endedAt = null;
    signs.hear(t);
  }

  alive({ source, t }: EventOf<'source.alive'>): void {
    this.#named(source)?.hear(t);
  }

  ended({ source, t }: EventOf<'source.ended'>): void {
    const signs = this.#named(source);
    if (signs === null) return;
    signs.hear(t);
    signs.endedAt = t;
  }

  /** A source recorded something at `t`; it was at work on it for `busyMs`. */
  hear(kind: SourceKind, subject: string, t: number, busyMs = 0): void {
    this.#of(kind, subject).hear(t, busyMs);
  }

  configured({ service, outside = false }: EventOf<'mta.configured'>): void {
    this.#mtas.set(service, outside ? 'outside' : 'stack');
  }

  /** An MTA of the correspondents, which hands mail over to the stack. */
  isOutsideMta(service: string): boolean {
    return this.#mtas.get(service) === 'outside';
  }

  logged({ service, t }: EventOf<'mta.logged'>): void {
    this.hear('log', service, t);
    if (!this.isOutsideMta(service)) this.#debts.log.pay(t, LAG_MS.log);
  }

  /** The log of a service says that a message was handed over which was not seen yet where it should have gone to. */
  sent(service: string, to: 'mailboxes' | 'outside', t: number): void {
    if (!this.isOutsideMta(service)) this.#debts[to].owe(t);
  }

  /** A message was seen at its recipient for the first time; accepted at `acceptedAt`, its delivery stands in the log. */
  arrived(acceptedAt: number, t: number): void {
    if (this.#debts.log.lastAt < acceptedAt) this.#debts.log.owe(t);
  }

  copyFound(t: number): void {
    this.hear('mailboxes', '', t);
    this.#debts.mailboxes.pay(t, this.#mailboxesLagMs);
  }

  outsideReceived(t: number): void {
    this.hear('outside', '', t);
    this.#debts.outside.pay(t, LAG_MS.outside);
  }

  /** A visit that was turned away or hung is one as well. */
  visited({ steps, t }: EventOf<'reader.visited'>): void {
    let ms = 0;
    for (const step of steps) ms += step.ms;
    this.hear('readers', '', t, ms);
  }

  /** The watch looks away from a broken volume: what was owed is asked for again when it is back. */
  lookedAway(): void {
    this.#debts.mailboxes.forgive();
  }

  /** Readers and senders hold still from here on; sources with heartbeats live all the same. */
  hold(t: number): void {
    if (!this.#hasHeartbeats) this.#heldSince ??= t;
  }

  release(t: number): void {
    const from = this.#heldSince;
    if (from === null) return;
    this.#heldSince = null;
    for (const kind of ['readers', 'senders'] as const) this.#of(kind, '').excuse(from, t);
  }

  /** The widest silence of each source of a kind, until the run took stock or, in a run that is not over, until now. */
  silences(kind: SourceKind): readonly Silence[] {
    return this.#subjects(kind).flatMap((subject) => {
      const silence = this.#debtSilence(kind, subject) ?? this.#signsSilence(kind, subject);
      return silence === null ? [] : [silence];
    });
  }

  /** Whether every source of a kind lived until the run took stock, however silent it was before. */
  isAliveAtEnd(kind: SourceKind): boolean {
    const until = this.#neededUntil(kind);
    return this.silences(kind).every(({ to }) => to < until);
  }

  get #hasHeartbeats(): boolean {
    return this.#run.course.started?.heartbeats === true;
  }

  get #mailboxesLagMs(): number {
    return LAG_MS.mailboxes + LAG_EACH_MAILBOX_MS * this.#run.mailboxes.size;
  }

  #of(kind: SourceKind, subject: string): Signs {
    let bySubject = this.#signs.get(kind);
    if (bySubject === undefined) this.#signs.set(kind, (bySubject = new Map<string, Signs>()));
    let signs = bySubject.get(subject);
    if (signs === undefined) bySubject.set(subject, (signs = new Signs(kind, subject)));
    return signs;
  }

  /** What is known of a source; asking makes none. */
  #heardOf(kind: SourceKind, subject: string): Signs {
    return this.#signs.get(kind)?.get(subject) ?? new Signs(kind, subject);
  }

  /** Of a source's name, `<kind>` or `<kind>:<subject>`; null where it is none of the known kinds. */
  #named(source: string): Signs | null {
    const colon = source.indexOf(':');
    const name = colon < 0 ? source : source.slice(0, colon);
    const kind = SOURCE_KINDS.find((known) => known === name);
    return kind === undefined ? null : this.#of(kind, colon < 0 ? '' : source.slice(colon + 1));
  }

  /** Whom the sources of a kind must watch in this run. */
  #subjects(kind: SourceKind): readonly string[] {
    if (kind === 'probe') {
      const { mailboxes, outages } = this.#run;
      // A probe can feel a volume and the link to the MX; of a service its end is told.
      const felt = [...outages.volumes].filter((key) => ['volume', 'link'].includes(placeOf(key).kind));
      return [...new Set([...mailboxes.volumes, ...felt])];
    }
    if (kind !== 'queue' && kind !== 'log') return [''];
    const heard = (['queue', 'log'] as const).flatMap((each) => [...(this.#signs.get(each)?.keys() ?? [])]);
    const mtas = new Set([...this.#mtas.keys(), ...heard]);
    return mtas.size === 0 ? [''] : [...mtas];
  }

  /** A gap in the signs of life of one source. */
  #signsSilence(kind: SourceKind, subject: string): Silence | null {
    const signs = this.#heardOf(kind, subject);
    const cadence = this.#hasHeartbeats ? 'said' : this.#cadenceMs(kind);
    if (cadence === 'irregular') return null;
    const from = this.#neededFrom(kind);
    const until = this.#neededUntil(kind);
    const { firstAt, endedAt } = signs;
    if (firstAt !== null && endedAt !== null && endedAt < until) {
      return { kind, subject, from: endedAt, to: until, how: 'ended' };
    }
    // Nobody has given a source that never began any time to be silent.
    const allowedMs =
      cadence !== 'said' ? signs.allowedMs(cadence) : firstAt === null ? 0 : signs.allowedMs();
    const gap = signs.silence(from, until, allowedMs);
    return gap === null ? null : { kind, subject, ...gap, how: firstAt === null ? 'never' : 'silent' };
  }

  /** What one source did not show, although another one saw it. */
  #debtSilence(kind: SourceKind, subject: string): Silence | null {
    if (kind !== 'log' && kind !== 'outside' && kind !== 'mailboxes') return null;
    if (this.isOutsideMta(subject)) return null;
    const graceMs = kind === 'mailboxes' ? this.#mailboxesLagMs : LAG_MS[kind];
    const gap = this.#debts[kind].silence(this.#neededUntil(kind), graceMs);
    const how = this.#heardOf(kind, subject).firstAt === null ? 'never' : 'silent';
    return gap === null ? null : { kind, subject, ...gap, how };
  }

  /** How often a source of a run without heartbeats is heard of: in milliseconds, or as often as it usually was. */
  #cadenceMs(kind: SourceKind): number | 'irregular' | null {
    switch (kind) {
      case 'queue':
      case 'probe':
        return null;
      case 'readers':
        return this.#traffic.readersMs;
      case 'senders':
        return this.#traffic.sendersMs ?? 'irregular';
      case 'log':
      case 'outside':
      case 'mailboxes':
        return 'irregular';
    }
  }

  get #traffic(): Traffic {
    return readTraffic(this.#run.course.started?.scenario);
  }

  /** From when on a source must live: older runs start their readers when the mailboxes are filled. */
  #neededFrom(kind: SourceKind): number {
    const { course, mailboxes, outages } = this.#run;
    const [first] = course.phases;
    const begun = first?.startedAt ?? course.ready?.t ?? 0;
    if (this.#hasHeartbeats) {
      return Math.min(
        outages.firstInjectingAt ?? Infinity,
        first?.endedAt ?? Infinity,
        this.#neededUntil(kind),
      );
    }
    return kind === 'readers' ? Math.max(begun, mailboxes.filledAt) : begun;
  }

  /** Until when: senders until the run settles, who looks at mailboxes until they are listed. */
  #neededUntil(kind: SourceKind): number {
    const { course, mailboxes } = this.#run;
    const settleAt = course.phases.find(({ phase }) => phase === 'settle')?.startedAt;
    const phasesEndAt = course.phases.at(-1)?.endedAt ?? Infinity;
    const stockAt = Math.min(mailboxes.stockAt ?? Infinity, course.lastAt);
    switch (kind) {
      case 'senders':
        return Math.min(settleAt ?? Infinity, phasesEndAt, stockAt);
      case 'readers':
      case 'mailboxes':
        return Math.min(phasesEndAt, stockAt);
      case 'queue':
      case 'log':
      case 'outside':
      case 'probe':
        return course.ended === null || mailboxes.stockAt !== null ? stockAt : Math.min(phasesEndAt, stockAt);
    }
  }
}

/** How often the scenario makes readers look and somebody write, in milliseconds; null where it does not say. */
interface Traffic {
  readonly readersMs: number | null;
  readonly sendersMs: number | null;
}

const trafficSchema = z.object({
  traffic: z.record(z.string(), z.object({ rate: z.number(), every: z.number() }).partial()),
});

function readTraffic(scenario: unknown): Traffic {
  const parsed = trafficSchema.safeParse(scenario);
  const streams = parsed.success ? Object.values(parsed.data.traffic) : [];
  const perSecond = Math.max(0, ...streams.map(({ rate = 0 }) => rate));
  return {
    readersMs: streams.find(({ every }) => every !== undefined)?.every ?? null,
    sendersMs: perSecond > 0 ? 1_000 / perSecond : null,
  };
}
