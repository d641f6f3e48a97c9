import { titleOfPlace } from '../fault/place.js';
import { FaultSense, ProbeBaseline } from '../fault/sense.js';
import type { ProbeSample } from '../fault/probe-sample.js';
import { bindFault, type BoundFault } from '../injector/bind.js';
import type { Guardian } from '../guardian/guardian.js';
import { withDeadline } from '../errors/deadline.js';
import { NobounceError } from '../errors/errors.js';
import type { NewEvent } from '../history/event.js';
import type { PlannedFault } from '../scenario/timeline.js';
import type { RunningStack } from '../stack/stack.js';
import { after } from '../units/timer.js';
import type { Scope } from './scope.js';

/** Of one injection or one heal: the array may have to start a head first. */
const ACT_TIMEOUT_MS = 20_000;

interface Life {
  readonly planned: PlannedFault;
  readonly bound: BoundFault;
  readonly sense: FaultSense;
  readonly felt: Gate;
  readonly gone: Gate;
  state: 'injecting' | 'injected' | 'felt' | 'healing' | 'healed' | 'gone';
  /** While it is being healed: two heals of one fault would get in each other's way. */
  healing: Promise<void> | null;
}

/** A promise that is resolved from outside. */
interface Gate {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function gate(): Gate {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function settled(work: Promise<void>, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      callOff();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const callOff = after(timeoutMs, done);
    signal.addEventListener('abort', done, { once: true });
    work.then(done, done);
  });
}

/**
 * Takes each fault through its life: inject → felt → heal → gone. What was felt and what is gone is decided by the
 * storage probes alone. Every heal is registered in the scope, and with the guardian where there is one, before the
 * fault is injected.
 */
export class FaultControl {
  readonly #stack: RunningStack;
  readonly #record: (event: NewEvent) => void;
  readonly #scope: Scope;
  readonly #guardian: Pick<Guardian, 'hold' | 'release'> | null;
  readonly #lives: Life[] = [];
  readonly #baselines = new Map<string, ProbeBaseline>();

  /** @param guardian undoes what this process can heal no more; null: nobody does. */
  constructor(
    stack: RunningStack,
    record: (event: NewEvent) => void,
    scope: Scope,
    guardian: Pick<Guardian, 'hold' | 'release'> | null = null,
  ) {
    this.#stack = stack;
    this.#record = record;
    this.#scope = scope;
    this.#guardian = guardian;
  }

  /** Every sample of every probe comes through here. */
  observe(sample: ProbeSample): void {
    const { service, volume, operation, outcome, errno, ms } = sample;
    this.#record({ type: 'probe.sampled', service, volume, operation, outcome, errno, ms });
    const lives = this.#lives.filter((life) => life.planned.volume === volume && life.state !== 'gone');
    if (lives.length === 0) this.#baseline(volume).add(sample);
    for (const life of lives) {
      const evidence = life.state === 'injected' ? life.sense.felt(sample) : null;
      if (evidence !== null) {
        life.state = 'felt';
        this.#record({ type: 'fault.felt', ...this.#ref(life), evidence });
        life.felt.resolve();
      }
      const gone = life.state === 'healed' ? life.sense.gone(sample) : null;
      if (gone !== null) {
        life.state = 'gone';
        this.#record({ type: 'fault.gone', ...this.#ref(life), evidence: gone });
        life.gone.resolve();
      }
    }
  }

  /** Injects the faults and waits until the probes feel them, or `feltWithinMs` have passed: the check tells. */
  async inject(faults: readonly PlannedFault[], feltWithinMs: number, signal: AbortSignal): Promise<void> {
    const lives = faults.map((planned) => this.#prepare(planned));
    if (!(await this.#guarded(lives, signal))) return;
    for (const life of lives) {
      const { fault } = life.planned;
      this.#record({ type: 'fault.injecting', ...this.#ref(life), parameters: { ...fault } });
      await this.#act(life, `injecting ${fault.fault}`, life.bound.inject());
      life.state = 'injected';
      this.#record({ type: 'fault.injected', ...this.#ref(life) });
    }
    await settled(
      Promise.all(lives.map((life) => life.felt.promise)).then(() => undefined),
      feltWithinMs,
      signal,
    );
  }

  /** Heals the faults and waits until the probes find the storage well, or `goneWithinMs` have passed. */
  async heal(faults: readonly PlannedFault[], goneWithinMs: number, signal: AbortSignal): Promise<void> {
    const lives = this.#lives.filter(({ planned }) => faults.some((fault) => fault.key === planned.key));
    for (const life of lives) await this.#heal(life);
    await settled(
      Promise.all(lives.map((life) => life.gone.promise)).then(() => undefined),
      goneWithinMs,
      signal,
    );
  }

  /** Heals all that is not healed yet, everything at once. @throws the first failure, when all is tried. */
  async healAll(): Promise<void> {
    const healing = this.#lives.map((life) => this.#heal(life));
    await Promise.allSettled(healing);
    await Promise.all(healing);
  }

  /** Has the guardian hold the undo of each; false where the run is over by then, and nothing is to be broken. */
  async #guarded(lives: readonly Life[], signal: AbortSignal): Promise<boolean> {
    if (this.#guardian === null) return true;
    let isGuarded = false;
    try {
      for (const { planned, bound } of lives) await this.#guardian.hold(planned.key, bound.undo);
      isGuarded = !signal.aborted;
    } finally {
      // Nothing was done, so nothing is healed.
      if (!isGuarded)
        for (const life of lives) {
          life.state = 'gone';
          this.#guardian.release(life.planned.key);
        }
    }
    return isGuarded;
  }

  #prepare(planned: PlannedFault): Life {
    const bound = this.#bind(planned);
    const sense = new FaultSense(bound.feeling, this.#baseline(planned.volume));
    const life: Life = {
      planned,
      bound,
      sense,
      felt: gate(),
      gone: gate(),
      state: 'injecting',
      healing: null,
    };
    this.#lives.push(life);
    this.#scope.add(`heal ${planned.key}`, ACT_TIMEOUT_MS, () => this.#heal(life));
    return life;
  }

  #bind({ fault: { fault: kind }, description, place }: PlannedFault): BoundFault {
    const { toxiproxy, mxLink, volumes } = this.#stack;
    if (place.kind === 'link') {
      if (mxLink === null) throw new NobounceError('harness', 'the stack has no link to the MX');
      return bindFault(kind, description, { mxLink, toxiproxy });
    }
    const volume = place.kind === 'volume' ? volumes.get(place.volume) : undefined;
    if (volume === undefined)
      throw new NobounceError('harness', `the stack has nothing to break at ${titleOfPlace(place)}`);
    return bindFault(kind, description, { volume, toxiproxy });
  }

  #heal(life: Life): Promise<void> {
    life.healing ??= this.#healOnce(life).finally(() => {
      life.healing = null;
    });
    return life.healing;
  }

  async #healOnce(life: Life): Promise<void> {
    if (life.state === 'healed' || life.state === 'gone') return;
    life.state = 'healing';
    this.#record({ type: 'fault.healing', ...this.#ref(life) });
    try {
      await this.#act(life, `healing ${life.planned.fault.fault}`, life.bound.heal());
    } catch (error) {
      // Still broken: the teardown tries once more.
      life.state = 'injected';
      throw error;
    }
    life.state = 'healed';
    this.#guardian?.release(life.planned.key);
    this.#record({ type: 'fault.healed', ...this.#ref(life) });
  }

  async #act(life: Life, what: string, work: Promise<void>): Promise<void> {
    try {
      await withDeadline(work, ACT_TIMEOUT_MS, what);
    } catch (cause) {
      throw new NobounceError('harness', `${what} on volume ${life.planned.volume} failed`, { cause });
    }
  }

  #baseline(volume: string): ProbeBaseline {
    const baseline = this.#baselines.get(volume) ?? new ProbeBaseline();
    this.#baselines.set(volume, baseline);
    return baseline;
  }

  #ref({ planned }: Life): { fault: string; name: string; volume: string } {
    return { fault: planned.key, name: planned.fault.fault, volume: planned.volume };
  }
}
