import { NobounceError } from '../errors/errors.js';
import { isLookedAwayFrom } from '../fault/kind.js';
import type { NewEvent } from '../history/event.js';
import type { Scenario } from '../scenario/scenario.js';
import type { PlannedStep } from '../scenario/timeline.js';
import type { MailboxWatch } from '../traffic/mailboxes.js';
import { pause, until } from '../traffic/pause.js';
import type { Senders } from '../traffic/senders.js';
import type { Tracker } from '../traffic/tracker.js';
import type { FaultControl } from './fault-control.js';
import type { Travelling } from './travelling.js';

const POLL_MS = 100;
/** Two queue listings' time: what is delivered twice may come right behind the first copy. */
const QUIET_FOR_MS = 1_000;

type Acting = Extract<PlannedStep, { faults: unknown }>;

/** Who has a part in a step. */
export interface StepCast {
  readonly faults: Pick<FaultControl, 'inject' | 'heal'>;
  readonly senders: Pick<Senders, 'canary' | 'stop' | 'unaccepted'>;
  readonly mailboxes: Pick<MailboxWatch, 'leave' | 'comeBack'>;
  readonly tracker: Pick<Tracker, 'pending' | 'queueDepth'>;
  /** Null where the stack's clocks cannot be moved, or the run does not ask for it. */
  readonly travelling: Pick<Travelling, 'advance' | 'afterQueueRun'> | null;
  readonly record: (event: NewEvent) => void;
}

/** What goes with a step. */
interface Among {
  readonly beside?: (() => Promise<void>) | undefined;
  readonly cut?: AbortSignal | undefined;
  readonly by?: string | undefined;
}

/** Carries out steps, one at a time, each as a phase of the history. */
export class Steps {
  readonly #cast: StepCast;
  readonly #checks: Scenario['checks'];
  readonly #signal: AbortSignal;

  constructor(cast: StepCast, checks: Scenario['checks'], signal: AbortSignal) {
    this.#cast = cast;
    this.#checks = checks;
    this.#signal = signal;
  }

  /**
   * Returns when the step is over, or at once where the run is.
   * @param among.beside what has to end as well before a steady step does
   * @param among.cut ends its waiting before its time, on behalf of `by`
   * @throws NobounceError `environment` where clocks are to be moved that cannot be
   */
  async take(step: PlannedStep, { beside, cut, by = 'timeline' }: Among = {}): Promise<void> {
    const { record } = this.#cast;
    record({ type: 'phase.started', phase: step.kind, step: step.step });
    const signal = cut === undefined ? this.#signal : AbortSignal.any([this.#signal, cut]);
    await this.#carryOut(step, signal, beside);
    if (cut?.aborted === true && !this.#signal.aborted) record({ type: 'act.cut', step: step.step, by });
    // A run that is over did not take its step to the end.
    if (!this.#signal.aborted) record({ type: 'phase.ended', phase: step.kind, step: step.step });
  }

  async #carryOut(step: PlannedStep, signal: AbortSignal, beside?: () => Promise<void>): Promise<void> {
    switch (step.kind) {
      case 'steady':
        await Promise.all([pause(step.durationMs, signal), beside?.()]);
        return;
      case 'hold':
        this.#cast.senders.canary();
        await pause(step.durationMs, signal);
        return;
      case 'inject':
        await this.#inject(step, signal);
        return;
      case 'heal':
        await this.#heal(step, signal);
        return;
      case 'advance': {
        const { travelling } = this.#cast;
        if (travelling === null)
          throw new NobounceError('environment', 'the clocks of this stack cannot be moved');
        await travelling.advance(step.durationMs);
        return;
      }
      case 'settle':
        await this.#settle(step.durationMs, signal);
    }
  }

  async #inject({ faults }: Acting, signal: AbortSignal): Promise<void> {
    for (const { description, volume } of faults)
      if (isLookedAwayFrom(description.traits)) this.#cast.mailboxes.leave(volume);
    await this.#cast.faults.inject(faults, this.#checks['fault-felt'].within, signal);
  }

  async #heal({ faults }: Acting, signal: AbortSignal): Promise<void> {
    const { travelling, mailboxes } = this.#cast;
    const heal = (): Promise<void> =>
      this.#cast.faults.heal(faults, this.#checks['fault-gone'].within, signal);
    await (travelling === null ? heal() : travelling.afterQueueRun(heal));
    for (const { volume } of faults) mailboxes.comeBack(volume);
  }

  /** Waits until the queues are empty and every accepted message is found, at most `timeoutMs`. */
  async #settle(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { senders, tracker } = this.#cast;
    senders.canary();
    await senders.stop();
    let quietSince: number | undefined;
    const isSettled = (): boolean => {
      const isQuiet = tracker.pending === 0 && senders.unaccepted === 0 && tracker.queueDepth === 0;
      quietSince = isQuiet ? (quietSince ?? performance.now()) : undefined;
      return quietSince !== undefined && performance.now() - quietSince > QUIET_FOR_MS;
    };
    await until(isSettled, { everyMs: POLL_MS, timeoutMs, signal });
  }
}
