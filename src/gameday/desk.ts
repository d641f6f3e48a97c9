import { MX_KEY } from '../fault/place.js';
import type { ActSource, AskedAct, LiveRun, UnreadAct } from '../run/acts.js';
import { formatDurationMs } from '../units/duration.js';
import { after } from '../units/timer.js';
import type { Answer, Command, Sender } from './command.js';

/** A fault that is up, as far as the desk knows: from the events of the run. */
interface ActiveFault {
  readonly fault: string;
  readonly volume: string;
}

/** What the desk must know of the day to say whether something may be done. */
export interface Situation {
  readonly active: readonly ActiveFault[];
  /** What preflight finds wanting, one sentence each. */
  readonly wanting: readonly string[];
}

/** An act that waits for its turn. */
interface Waiting {
  readonly act: UnreadAct;
  readonly sender: Sender;
  readonly longestMs?: number | undefined;
  readonly answered: (answer: Answer) => void;
}

const DONE: Answer = { ok: true };
const not = (...reasons: readonly string[]): Answer => ({ ok: false, reasons });

/** Of a fault for which nobody said how long it may last. */
const LONGEST_MS = 15 * 60_000;
const SETTLE = '10m';
/** As a scenario writes it. */
const EVERY_VOLUME = 'all';

/**
 * Takes what people want, one thing after the other, and is the source of a run's acts. Healing is never in anybody's
 * way: it goes before everything that waits, and cuts short what is waiting.
 */
export class Desk implements ActSource {
  readonly #situation: () => Situation;
  readonly #timeline: UnreadAct[];
  readonly #longestMs: number;
  readonly #queue: Waiting[] = [];
  readonly #leases = new Map<string, () => void>();
  #live: LiveRun | null = null;
  #cut: AbortController | null = null;
  #wake: (() => void) | null = null;
  #isGo = false;
  #isEnding = false;
  #isAborting = false;
  #hasTheControls: string | null = null;
  /** When each fault is healed by itself, by its volume: epoch milliseconds. */
  readonly healsAt = new Map<string, number>();

  /**
   * @param timeline the steps of a day with a scenario, taken one after the other; none: nothing happens by itself
   * @param longestMs after which a fault is healed where its injection does not say
   */
  constructor(
    situation: () => Situation,
    { timeline = [], longestMs = LONGEST_MS }: { timeline?: readonly UnreadAct[]; longestMs?: number } = {},
  ) {
    this.#situation = situation;
    this.#timeline = [...timeline];
    this.#longestMs = longestMs;
  }

  /** Somebody aborted, and nothing was injected since. */
  get isAborting(): boolean {
    return this.#isAborting;
  }

  /** Mail flows: there is something to act on. */
  get isOpen(): boolean {
    return this.#live !== null;
  }

  get isGo(): boolean {
    return this.#isGo;
  }

  /** Who may act; null: whoever comes first. */
  get hasTheControls(): string | null {
    return this.#hasTheControls;
  }

  /** From here on mail flows, and what is told is written down. */
  open(live: LiveRun): void {
    this.#live = live;
    this.#wakeUp();
  }

  /** What somebody wants: resolves when it is done or begun, or with the reasons why not. */
  async take(command: Command, sender: Sender): Promise<Answer> {
    if (this.#live === null) return not('the stack is not up yet');
    if (command.do === 'note') {
      this.#live.tell({ type: 'note.added', text: command.text, by: sender.name });
      return DONE;
    }
    if (command.do === 'take-controls') {
      this.#hasTheControls = sender.name;
      this.#tell('take-controls', sender);
      return DONE;
    }
    if (command.do === 'abort') return this.#abort(sender, command.reason ?? null);
    if (sender.via === 'page' || sender.via === 'terminal') {
      this.#hasTheControls ??= sender.name;
      if (this.#hasTheControls !== sender.name && command.do !== 'heal')
        return not(`${this.#hasTheControls} has the controls: take them over first`);
    }
    return this.#steer(command, sender);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AskedAct, void, undefined> {
    for (;;) {
      const next = this.#queue.shift() ?? this.#nextOfTimeline();
      if (next === null) {
        if (this.#isEnding) return;
        await this.#something();
        continue;
      }
      const { act, sender, longestMs, answered } = next;
      this.#cut = new AbortController();
      const refusal: { reasons: readonly string[] } = { reasons: [] };
      // An injection is begun when its turn comes; whether it can be done is known at once.
      for (const volume of placesOf(act)) this.#lease(volume, longestMs ?? this.#longestMs);
      yield {
        act,
        by: sender.name,
        cut: this.#cut.signal,
        refused: (reasons) => {
          refusal.reasons = reasons;
        },
      };
      this.#cut = null;
      answered(refusal.reasons.length === 0 ? DONE : not(...refusal.reasons));
    }
  }

  /** Nothing more heals by itself: the day is over. */
  close(): void {
    for (const callOff of this.#leases.values()) callOff();
    this.#leases.clear();
  }

  #abort(sender: Sender, reason: string | null): Promise<Answer> {
    this.#tell('abort', sender, reason);
    this.#isAborting = true;
    this.#isGo = false;
    this.#timeline.length = 0;
    for (const { answered } of this.#queue.splice(0)) answered(not('the day was aborted'));
    return this.#heal({}, sender);
  }

  async #steer(
    command: Exclude<Command, { do: 'note' | 'take-controls' | 'abort' }>,
    sender: Sender,
  ): Promise<Answer> {
    switch (command.do) {
      case 'go':
        return this.#go(sender, command.reason ?? null);
      case 'no-go':
        this.#isGo = false;
        this.#tell('no-go', sender, command.reason);
        return DONE;
      case 'heal':
        return this.#heal(command, sender);
      case 'inject': {
        if (!this.#isGo) return not('nobody has said go yet');
        if (this.#isEnding) return not('the day is ending');
        this.#isAborting = false;
        const { fault, longestMs } = command;
        return this.#ask({ inject: fault }, sender, longestMs);
      }
      case 'next':
        if (this.#cut === null) return not('nothing is under way that could be cut short');
        this.#cut.abort();
        return DONE;
      case 'more':
        if (this.#situation().active.length === 0) return not('nothing is broken: there is nothing to hold');
        for (const [volume, at] of this.healsAt) this.#prolong(volume, at + command.ms);
        this.#tell(`more ${formatDurationMs(command.ms)}`, sender);
        return DONE;
      case 'end':
        return this.#end(sender);
    }
  }

  #go(sender: Sender, reason: string | null): Answer {
    const { wanting } = this.#situation();
    if (wanting.length > 0 && reason === null) return not(...wanting, 'to go all the same, give a reason');
    this.#isGo = true;
    this.#tell('go', sender, reason);
    this.#wakeUp();
    return DONE;
  }

  #end(sender: Sender): Answer {
    if (this.#isEnding) return not('the day is ending already');
    this.#isEnding = true;
    this.#timeline.length = 0;
    this.#tell('end', sender);
    this.#cut?.abort();
    if (this.#situation().active.length > 0) this.#push({ heal: 'all' }, sender);
    this.#push({ settle: SETTLE }, sender);
    return DONE;
  }

  /** Healing is always safe: it goes before what waits, and what is waiting is cut short. */
  #heal(
    { fault, volume }: { readonly fault?: string | undefined; readonly volume?: string | undefined },
    sender: Sender,
  ): Promise<Answer> {
    const isMeant = (one: ActiveFault): boolean =>
      (fault === undefined || fault === one.fault) && (volume === undefined || volume === one.volume);
    const { active } = this.#situation();
    if (!active.some(isMeant)) return Promise.resolve(not('nothing of that is broken'));
    const target =
      fault === undefined && volume === undefined
        ? 'all'
        : { ...(fault === undefined ? {} : { fault }), ...(volume === undefined ? {} : { volume }) };
    this.#cut?.abort();
    return new Promise((answered) => {
      this.#queue.unshift({ act: { heal: target }, sender, answered });
      this.#wakeUp();
    });
  }

  #ask(act: UnreadAct, sender: Sender, longestMs?: number): Promise<Answer> {
    return new Promise((answered) => {
      this.#queue.push({ act, sender, longestMs, answered });
      this.#wakeUp();
    });
  }

  #push(act: UnreadAct, sender: Sender): void {
    this.#queue.push({ act, sender, answered: () => undefined });
    this.#wakeUp();
  }

  #nextOfTimeline(): Waiting | null {
    if (!this.#isGo) return null;
    const act = this.#timeline.shift();
    if (act === undefined) return null;
    if ('settle' in act) this.#isEnding = true;
    return { act, sender: { name: 'timeline', via: 'rule' }, answered: () => undefined };
  }

  /** Heals a volume when its time is over, whoever is away. */
  #lease(volume: string, longestMs: number): void {
    this.#prolong(volume, Date.now() + longestMs);
  }

  #prolong(volume: string, at: number): void {
    this.#leases.get(volume)?.();
    this.healsAt.set(volume, at);
    const callOff = after(at - Date.now(), () => {
      this.#leases.delete(volume);
      this.healsAt.delete(volume);
      const target = volume === EVERY_VOLUME ? {} : { volume };
      if (!this.#situation().active.some((one) => target.volume === undefined || one.volume === volume))
        return;
      const sender: Sender = { name: 'longest time', via: 'lease' };
      this.#tell(`heal ${volume}`, sender);
      this.#push({ heal: target.volume === undefined ? 'all' : target }, sender);
    });
    this.#leases.set(volume, callOff);
  }

  #tell(act: string, { name, via }: Sender, reason: string | null = null): void {
    this.#live?.tell({ type: 'operator.acted', act, by: name, via, reason });
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

/** The places that an injection names; none of any other act. */
function placesOf({ inject }: UnreadAct): readonly string[] {
  if (typeof inject !== 'object' || inject === null) return [];
  const written: unknown = 'volume' in inject ? inject.volume : MX_KEY;
  return [written].flat().filter((name) => typeof name === 'string');
}
