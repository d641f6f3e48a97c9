import type { NewEvent } from '../../../src/history/event.js';
import type { Plan } from '../../../src/scenario/plan.js';
import type { PlannedFault, PlannedStep } from '../../../src/scenario/timeline.js';
import type { Dice } from './drill.js';

/** An event at `t` milliseconds of the run, before the clocks are known. */
export interface Told {
  readonly t: number;
  readonly event: NewEvent;
}

interface Life {
  readonly planned: PlannedFault;
  readonly injectedAt: number;
  readonly feltAt: number;
  healedAt: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const STARTED_MS = 1_000;
/** The probe gives up on an operation after this long. */
export const PROBE_DEADLINE_MS = 3_000;

/** When what happens in a drill: its steps, the lives of its faults, and the times in which nobody talks to the stack. */
export class Course {
  readonly told: Told[] = [];
  readonly lives: Life[] = [];
  readonly quiet: Span[] = [];
  readonly jumps: { readonly t: number; readonly byMs: number }[] = [];
  /** When the storage of a volume came back, and mail is tried again. */
  readonly retries: number[] = [];
  readonly filledAt: number;
  readonly holdsAt: number[] = [];
  settleAt = 0;
  readonly #dice: Dice;
  readonly #travels: boolean;
  #now = STARTED_MS;

  constructor(plan: Plan, dice: Dice) {
    this.#dice = dice;
    this.#travels = plan.steps.some(({ kind }) => kind === 'advance');
    this.filledAt = STARTED_MS + dice.between(500, 1_500);
    for (const step of plan.steps) this.#step(step, plan);
  }

  /** The faults on a volume at `t`, from their injection to their heal. */
  on(volume: string, t: number): readonly Life[] {
    return this.lives.filter(
      ({ planned, injectedAt, healedAt }) => planned.volume === volume && t >= injectedAt && t < healedAt,
    );
  }

  /** `t`, or the first moment after it at which the stack is talked to. */
  awake(t: number): number {
    const span = this.quiet.find(({ from, to }) => t >= from && t < to);
    return span === undefined ? t : span.to + this.#dice.between(5, 200);
  }

  #add(t: number, event: NewEvent): void {
    this.told.push({ t, event });
  }

  #step(step: PlannedStep, plan: Plan): void {
    const from = this.#now;
    this.#add(from, { type: 'phase.started', phase: step.kind, step: step.step });
    switch (step.kind) {
      case 'steady':
      case 'hold':
        if (step.kind === 'hold') this.holdsAt.push(from);
        this.#now = from + step.durationMs + this.#dice.between(0, 40);
        break;
      case 'inject':
        this.#now = Math.max(...step.faults.map((fault) => this.#inject(fault, from, plan)));
        break;
      case 'heal':
        this.#heal(step.faults, from);
        break;
      case 'advance':
        this.#advance(step.durationMs);
        break;
      case 'settle':
        // Its end is told when it is known what is delivered when.
        this.settleAt = from;
        return;
    }
    this.#add(this.#now, { type: 'phase.ended', phase: step.kind, step: step.step });
    this.#now += 0.5;
  }

  #inject(planned: PlannedFault, from: number, { scenario }: Plan): number {
    const { key, fault, volume, description } = planned;
    const ref = { fault: key, name: fault.fault, volume };
    const step = scenario.timeline.find((one) => 'inject' in one && one.inject === fault);
    const parameters = step !== undefined && 'inject' in step ? { ...step.inject } : { ...fault };
    const injectedAt = from + this.#dice.between(20, 150);
    const feltAt = injectedAt + this.#dice.between(50, 300) + feelingTakesMs(planned);
    this.#add(from + 5, { type: 'fault.injecting', ...ref, parameters });
    this.#add(injectedAt, { type: 'fault.injected', ...ref });
    this.#add(feltAt, { type: 'fault.felt', ...ref, evidence: `store: ${description.feeling.kind}` });
    this.lives.push({ planned, injectedAt, feltAt, healedAt: Infinity });
    return feltAt + 1;
  }

  #heal(faults: readonly PlannedFault[], from: number): void {
    // Behind a jump, the MTA tries all that waits before the storage is mended, and nobody talks to the stack.
    const healingAt = from + (this.#travels ? this.#dice.between(200, 1_500) : 5);
    const healedAt = healingAt + this.#dice.between(20, 600);
    const goneAt = healedAt + this.#dice.between(300, 1_500);
    for (const { key, fault, volume } of faults) {
      const ref = { fault: key, name: fault.fault, volume };
      this.#add(healingAt, { type: 'fault.healing', ...ref });
      this.#add(healedAt, { type: 'fault.healed', ...ref });
      this.#add(goneAt, { type: 'fault.gone', ...ref, evidence: 'store: all ok again' });
      const life = this.lives.find(({ planned }) => planned.key === key && planned.volume === volume);
      if (life !== undefined) life.healedAt = healedAt;
    }
    if (this.#travels) this.quiet.push({ from, to: healedAt });
    this.retries.push(goneAt + this.#dice.between(50, 2_000));
    this.#now = goneAt + 1;
  }

  #advance(durationMs: number): void {
    const jumps = this.#dice.whole(1, 3);
    for (let jump = 0; jump < jumps; jump += 1) {
      const from = this.#now;
      const t = from + this.#dice.between(200, 2_500);
      const to = t + this.#dice.between(100, 1_200);
      const byMs =
        jump === 0
          ? durationMs - (jumps - 1) * Math.floor(durationMs / jumps)
          : Math.floor(durationMs / jumps);
      this.#add(t, { type: 'clock.advanced', byMs });
      this.jumps.push({ t, byMs });
      this.quiet.push({ from, to });
      this.retries.push(to + this.#dice.between(20, 200));
      this.#now = to + this.#dice.between(500, 2_500);
    }
  }
}

/** How long it takes until the probe can have felt it. */
function feelingTakesMs({ description: { feeling, traits, act } }: PlannedFault): number {
  if (feeling.kind === 'alternating') return act.via === 'link-flapping' ? act.downMs + act.upMs + 300 : 0;
  if (feeling.kind === 'slower') return feeling.byMs * 2;
  return traits.hangs ? PROBE_DEADLINE_MS + 300 : 0;
}
