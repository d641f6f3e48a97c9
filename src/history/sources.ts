import { z } from 'zod';
import { placeOf } from '../fault/place.js';
import { Bursts } from './bursts.js';
import type { Course } from './course.js';
import { MESSAGE_KINDS, SOURCE_KINDS, type EventOf, type MessageKind, type SourceKind } from './event.js';
import type { Mailboxes } from './mailboxes.js';
import type { Outages } from './outages.js';
import type { SimulatedTime } from './simulated.js';
import { Source, type Shortfall, type Silence } from './source.js';

interface Run {
  readonly course: Course;
  readonly mailboxes: Mailboxes;
  readonly outages: Outages;
  readonly time: SimulatedTime;
}

/** Those who talk to the stack, and hold still at times. */
type Held = 'readers' | 'senders';
/** Between two jumps readers go on: a time with many of them is no time in which nobody looks. */
const STILL_FOR_A_JUMP_MS = 1_000;

/**
 * Whether everything that watches a run lived while it was needed. In runs with heartbeats each source says that it
 * lives. Older runs did not say so: what comes several times a second has gaps when its watcher is dead; what comes only
 * with the mail is held against the other sources that saw the same mail (`DeliveryAccount`).
 */
export class Sources {
  readonly #run: Run;
  readonly #sources = new Map<SourceKind, Map<string, Source>>();
  readonly #mtas = new Set<string>();
  readonly #outsideMtas = new Set<string>();
  readonly #heldSince = new Map<Held, number>();
  readonly #bursts: Bursts;
  #hasStarted = false;

  constructor(run: Run) {
    this.#run = run;
    this.#bursts = new Bursts(run.time);
  }

  started({ kind, subject, deadlineMs, t }: EventOf<'source.started'>): void {
    this.#hasStarted = true;
    this.#of(kind, subject).start(t, deadlineMs);
  }

  alive({ source, t, seen }: EventOf<'source.alive'>): void {
    this.#named(source)?.live(t, seen);
  }

  ended({ source, t, seen }: EventOf<'source.ended'>): void {
    this.#named(source)?.end(t, seen);
  }

  /** A source recorded one of the things that it counts at `t`; it was at work on it for `busyMs`. */
  record(kind: SourceKind, subject: string, t: number, busyMs = 0): void {
    this.#of(kind, subject).record(t, busyMs);
  }

  /** Senders wrote a message. */
  wrote({ kind, t }: EventOf<'message.created'>): void {
    this.#bursts.wrote(kind, t);
  }

  /** Senders tried to send a message: one of a stream, or one of those that test the stack now and then. */
  tried({ t, ms }: EventOf<'attempt.ended'>, isOfStream: boolean): void {
    const senders = this.#of('senders', '');
    if (isOfStream) senders.record(t, ms);
    else senders.recordAside(t);
  }

  /** A source recorded something else. */
  stir(kind: SourceKind, subject: string, t: number, busyMs = 0): void {
    this.#of(kind, subject).stir(t, busyMs);
  }

  configured({ service, outside = false }: EventOf<'mta.configured'>): void {
    this.#mtas.add(service);
    if (outside) this.#outsideMtas.add(service);
  }

  /** An MTA of the correspondents, which hands mail over to the stack. */
  isOutsideMta(service: string): boolean {
    return this.#outsideMtas.has(service);
  }

  /** A visit that was turned away or hung is one as well. */
  visited({ steps, t }: EventOf<'reader.visited'>): void {
    let ms = 0;
    for (const step of steps) ms += step.ms;
    this.record('readers', '', t, ms);
  }

  /** These hold still from here on. */
  hold(t: number, ...kinds: readonly Held[]): void {
    for (const kind of kinds) if (!this.#heldSince.has(kind)) this.#heldSince.set(kind, t);
  }

  release(t: number): void {
    for (const [kind, from] of this.#heldSince) this.#of(kind, '').excuse(from, t);
    this.#heldSince.clear();
  }

  /** The clocks were moved at `t`: readers held still before it, and go on behind it. */
  jumped(t: number): void {
    this.#of('readers', '').excuse(t - STILL_FOR_A_JUMP_MS, t);
  }

  /** The widest silence of each source of a kind, until the run took stock or, in a run that is not over, until now. */
  silences(kind: SourceKind): readonly Silence[] {
    return this.#subjects(kind).flatMap((subject) => {
      const source = this.#sources.get(kind)?.get(subject) ?? new Source(kind, subject);
      return this.#silenceOf(source) ?? (kind === 'senders' ? this.#missedBursts() : null) ?? [];
    });
  }

  /** The sources of a kind of which the history has less than they say. */
  shortfalls(kind: SourceKind): readonly Shortfall[] {
    const sources = this.#sources.get(kind);
    return sources === undefined ? [] : [...sources.values()].flatMap(({ shortfall }) => shortfall ?? []);
  }

  /** Whether every source of a kind lived until the run took stock, however silent it was before. */
  isAliveAtEnd(kind: SourceKind): boolean {
    const until = this.#neededUntil(kind);
    return this.shortfalls(kind).length === 0 && this.silences(kind).every(({ to }) => to < until);
  }

  /** Its sources say that they live: a run of version 0.2 or later. */
  get hasHeartbeats(): boolean {
    return this.#hasStarted || this.#run.course.started?.heartbeats === true;
  }

  #of(kind: SourceKind, subject: string): Source {
    let bySubject = this.#sources.get(kind);
    if (bySubject === undefined) this.#sources.set(kind, (bySubject = new Map<string, Source>()));
    let source = bySubject.get(subject);
    if (source === undefined) bySubject.set(subject, (source = new Source(kind, subject)));
    return source;
  }

  /** Of a source's name, `<kind>` or `<kind>:<subject>`; null where it is none of the known kinds. */
  #named(source: string): Source | null {
    const [name, ...subject] = source.split(':');
    const kind = SOURCE_KINDS.find((known) => known === name);
    return kind === undefined ? null : this.#of(kind, subject.join(':'));
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
    const heard = (['queue', 'log'] as const).flatMap((each) => [...(this.#sources.get(each)?.keys() ?? [])]);
    const mtas = new Set([...this.#mtas, ...heard]);
    return mtas.size === 0 ? [''] : [...mtas];
  }

  /** By its own deadline in a run with heartbeats, and by its cadence in any. */
  #silenceOf(source: Source): Silence | null {
    const from = this.#neededFrom(source.kind);
    const until = this.#neededUntil(source.kind);
    const said = this.hasHeartbeats ? source.silenceBySaying(from, until) : null;
    const cadence = this.#cadenceMs(source.kind);
    if (said !== null || cadence === 'irregular') return said;
    return source.silenceByCadence(from, until, cadence, this.hasHeartbeats);
  }

  #missedBursts(): Silence | null {
    const [from, until] = [this.#neededFrom('senders'), this.#neededUntil('senders')];
    const gap = this.#bursts.silence(this.#traffic.burstsMs, from, until);
    return gap === null ? null : { kind: 'senders', subject: '', ...gap, how: 'silent' };
  }

  /** How often something comes from a source: in milliseconds; null: as often as it usually did. */
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
    if (this.hasHeartbeats) {
      const begunBy = Math.min(outages.firstInjectingAt ?? Infinity, first?.endedAt ?? Infinity);
      // Without a phase, one that goes on may not have begun; one that ended began with its first event.
      const unphased = course.ended === null ? Infinity : 0;
      return Math.min(begunBy === Infinity ? unphased : begunBy, this.#neededUntil(kind));
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
  /** Streams that write at simulated times: every so often. */
  readonly burstsMs: ReadonlyMap<MessageKind, number>;
}

const trafficSchema = z.object({
  traffic: z.record(z.string(), z.object({ rate: z.number(), every: z.number(), at: z.number() }).partial()),
});

function readTraffic(scenario: unknown): Traffic {
  const parsed = trafficSchema.safeParse(scenario);
  if (!parsed.success) return { readersMs: null, sendersMs: null, burstsMs: new Map() };
  const { readers, ...streams } = parsed.data.traffic;
  const perSecond = Math.max(0, ...Object.values(streams).map(({ rate = 0 }) => rate));
  const burstsMs = new Map(
    MESSAGE_KINDS.flatMap((kind): [MessageKind, number][] => {
      const at = streams[kind]?.at;
      return at === undefined ? [] : [[kind, at]];
    }),
  );
  return {
    readersMs: readers?.every ?? null,
    sendersMs: perSecond > 0 ? 1_000 / perSecond : null,
    burstsMs,
  };
}
