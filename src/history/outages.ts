import { passes, placeOf } from '../fault/place.js';
import { describeFault } from '../fault/registry.js';
import { ProbeBaseline } from '../fault/sense.js';
import { formatDurationMs } from '../units/duration.js';
import type { EventOf, MessageKind } from './event.js';
import { HoldSamples } from './hold-samples.js';
import type { Message } from './messages.js';
import { FirstOf, type Note } from './notes.js';

/** One fault on one volume, as its events tell it. Times are `t`; null: it never came to that. */
export interface FaultRecord {
  readonly key: string;
  readonly name: string;
  readonly volume: string;
  parameters: Readonly<Record<string, unknown>>;
  injectingAt: number | null;
  injectedAt: number | null;
  feltAt: number | null;
  healedAt: number | null;
  goneAt: number | null;
  evidence: string | null;
  goneEvidence: string | null;
  feltSim: number | null;
  healedSim: number | null;
  healingAt: number | null;
  /** What the storage probe saw of it alone, from its being felt until its heal began. */
  readonly held: HoldSamples;
  /** What it saw while another fault was on the same volume and may have hidden this one, from its injection on. */
  readonly heldBeside: HoldSamples;
  /** What the probe saw go wrong after it was gone, while nothing was broken there. */
  readonly relapses: FirstOf<Note>;
}

/** A time in which a volume was felt to be broken: overlapping faults make one window. Times are `t`. */
export interface OutageWindow {
  readonly volume: string;
  readonly injectedAt: number;
  readonly feltAt: number;
  /** Infinity where it was never healed. */
  readonly healedAt: number;
  readonly faults: readonly FaultRecord[];
}

/** What tells a message's way: see `Message`. */
type Addressed = Pick<Message, 'volume' | 'kind'>;

type FaultEvent = EventOf<
  'fault.injecting' | 'fault.injected' | 'fault.felt' | 'fault.healing' | 'fault.healed' | 'fault.gone'
>;

/** From the moment its injection begins until it was seen to be gone. */
const isActive = ({ goneAt }: FaultRecord): boolean => goneAt === null;

/** The faults of a run, live while the history is read and as windows when it has been. */
export class Outages {
  readonly #faults = new Map<string, FaultRecord>();
  /** How many faults are felt and not healed, by volume. */
  readonly #felt = new Map<string, number>();
  /** What storage probes saw go wrong on volumes that no fault had been on. */
  readonly unprovoked = new FirstOf<Note>();
  readonly #baselines = new Map<string, ProbeBaseline>();
  #feltTotal = 0;
  #firstInjectingAt: number | null = null;
  #windows: ReadonlyMap<string, readonly OutageWindow[]> | null = null;
  /** By the recipient's volume and the kind of message: asked for with every event, so no key is put together. */
  readonly #windowsByWay = new Map<string | null, Map<MessageKind, readonly OutageWindow[]>>();

  /** In the order of injection. */
  get faults(): readonly FaultRecord[] {
    return [...this.#faults.values()];
  }

  /** When the first fault began to be injected; what came before it is steady state. */
  get firstInjectingAt(): number | null {
    return this.#firstInjectingAt;
  }

  /** Whether no fault had begun at `t`. */
  isSteadyAt(t: number): boolean {
    return t < (this.#firstInjectingAt ?? Infinity);
  }

  /** The volumes that a fault was aimed at, felt or not. */
  get volumes(): ReadonlySet<string> {
    return new Set(this.faults.map((fault) => fault.volume));
  }

  /** Whether, at the event read last, a fault on the volume is felt and not healed. */
  isFeltOn(volume: string): boolean {
    return (this.#felt.get(volume) ?? 0) > 0;
  }

  /** Whether any fault is felt and not healed at the event read last. */
  get isFelt(): boolean {
    return this.#feltTotal > 0;
  }

  /** Whether any fault began that is not healed. */
  get isAnyOpen(): boolean {
    return this.faults.some(({ healedAt }) => healedAt === null);
  }

  /** When the last of all faults was seen to be gone; null while one is not, or none began. */
  get allGoneAt(): number | null {
    let last: number | null = null;
    for (const { goneAt } of this.#faults.values()) {
      if (goneAt === null) return null;
      last = Math.max(last ?? goneAt, goneAt);
    }
    return last;
  }

  /** When the last fault was healed; null while none was. */
  get lastHealedAt(): number | null {
    const healed = this.faults.flatMap(({ healedAt }) => healedAt ?? []);
    return healed.length === 0 ? null : Math.max(...healed);
  }

  see(event: FaultEvent): void {
    const fault = this.#record(event);
    this.#firstInjectingAt ??= event.t;
    switch (event.type) {
      case 'fault.injecting':
        fault.parameters = event.parameters;
        fault.injectingAt ??= event.t;
        break;
      case 'fault.injected':
        fault.injectedAt ??= event.t;
        break;
      case 'fault.felt':
        if (fault.feltAt !== null) break;
        fault.feltAt = event.t;
        fault.feltSim = event.sim;
        fault.evidence = event.evidence;
        if (fault.healedAt === null) this.#count(fault.volume, 1);
        break;
      case 'fault.healing':
        fault.healingAt ??= event.t;
        break;
      case 'fault.healed':
        if (fault.healedAt !== null) break;
        fault.healedAt = event.t;
        fault.healedSim = event.sim;
        if (fault.feltAt !== null) this.#count(fault.volume, -1);
        break;
      case 'fault.gone':
        fault.goneAt ??= event.t;
        fault.goneEvidence ??= event.evidence;
        break;
    }
    this.#windows = null;
    this.#windowsByWay.clear();
  }

  sample(event: EventOf<'probe.sampled'>): void {
    const { volume } = event;
    const own = [...this.#faults.values()].filter((fault) => fault.volume === volume);
    const active = own.filter(isActive);
    if (own.length === 0) this.#baselineOf(volume).add(event);
    if (active.length === 0) this.#whileWell(event, own);
    for (const fault of active) {
      const feeling = describeFault(fault.name, fault.parameters)?.feeling;
      if (fault.injectedAt === null || fault.healingAt !== null || feeling === undefined) continue;
      if (active.length > 1) fault.heldBeside.see(event, feeling, this.#baselineOf(volume));
      else if (fault.feltAt !== null) fault.held.see(event, feeling, this.#baselineOf(volume));
    }
  }

  /** What a probe saw where nothing was broken: an error, or an operation that did not end. */
  #whileWell(
    { volume, service, operation, outcome, errno, ms, t }: EventOf<'probe.sampled'>,
    own: readonly FaultRecord[],
  ): void {
    if (outcome === 'ok') return;
    const text = `${service}: ${operation} → ${errno ?? outcome} after ${formatDurationMs(ms)}`;
    const before = own.findLast(({ goneAt }) => goneAt !== null);
    if (before !== undefined) before.relapses.add({ at: t, text });
    else this.unprovoked.add({ at: t, text: `${volume}: ${text}` });
  }

  #baselineOf(volume: string): ProbeBaseline {
    let baseline = this.#baselines.get(volume);
    if (baseline === undefined) this.#baselines.set(volume, (baseline = new ProbeBaseline()));
    return baseline;
  }

  /** The volume's windows in order of time; none where no fault was felt. */
  windowsOn(volume: string): readonly OutageWindow[] {
    return this.#merged.get(volume) ?? [];
  }

  /** Every window of every volume. */
  get windows(): readonly OutageWindow[] {
    return [...this.#merged.values()].flat();
  }

  /** The windows of every place that a message has to pass, in order of time. */
  windowsFor(message: Addressed): readonly OutageWindow[] {
    const { volume, kind } = message;
    let byKind = this.#windowsByWay.get(volume);
    if (byKind === undefined)
      this.#windowsByWay.set(volume, (byKind = new Map<MessageKind, OutageWindow[]>()));
    let windows = byKind.get(kind);
    if (windows === undefined) {
      windows = [...this.#merged.keys()]
        .filter((place) => passes(placeOf(place), message))
        .flatMap((place) => this.windowsOn(place))
        .sort((a, b) => a.injectedAt - b.injectedAt);
      byKind.set(kind, windows);
    }
    return windows;
  }

  /** The window in which something that a message has to pass was felt to be broken at `t`. */
  windowFor(message: Addressed, t: number): OutageWindow | undefined {
    return windowAt(this.windowsFor(message), t);
  }

  get #merged(): ReadonlyMap<string, readonly OutageWindow[]> {
    this.#windows ??= mergeWindows(this.faults);
    return this.#windows;
  }

  #count(volume: string, change: 1 | -1): void {
    this.#felt.set(volume, (this.#felt.get(volume) ?? 0) + change);
    this.#feltTotal += change;
  }

  #record({ fault: key, name, volume }: FaultEvent): FaultRecord {
    const id = `${key}\n${name}\n${volume}`;
    let record = this.#faults.get(id);
    if (record === undefined) {
      record = {
        key,
        name,
        volume,
        parameters: {},
        injectingAt: null,
        injectedAt: null,
        feltAt: null,
        healedAt: null,
        goneAt: null,
        evidence: null,
        goneEvidence: null,
        feltSim: null,
        healedSim: null,
        healingAt: null,
        held: new HoldSamples(),
        heldBeside: new HoldSamples(),
        relapses: new FirstOf(),
      };
      this.#faults.set(id, record);
    }
    return record;
  }
}

/** The first of the windows that `t` lies in, its first and last moment included. */
export function windowAt(windows: readonly OutageWindow[], t: number): OutageWindow | undefined {
  return windows.find(({ feltAt, healedAt }) => t >= feltAt && t <= healedAt);
}

function mergeWindows(faults: readonly FaultRecord[]): ReadonlyMap<string, readonly OutageWindow[]> {
  const merged = new Map<string, OutageWindow[]>();
  const single = faults
    .flatMap((fault): OutageWindow[] => {
      if (fault.feltAt === null) return [];
      const { volume, feltAt } = fault;
      const injectedAt = fault.injectedAt ?? feltAt;
      return [{ volume, injectedAt, feltAt, healedAt: fault.healedAt ?? Infinity, faults: [fault] }];
    })
    .sort((a, b) => a.injectedAt - b.injectedAt);
  for (const window of single) {
    const windows = merged.get(window.volume) ?? [];
    merged.set(window.volume, windows);
    const last = windows.at(-1);
    if (last === undefined || window.injectedAt > last.healedAt) {
      windows.push(window);
      continue;
    }
    windows[windows.length - 1] = {
      volume: window.volume,
      injectedAt: last.injectedAt,
      feltAt: Math.min(last.feltAt, window.feltAt),
      healedAt: Math.max(last.healedAt, window.healedAt),
      faults: [...last.faults, ...window.faults],
    };
  }
  return merged;
}
