import { NobounceError } from '../errors/errors.js';
import type { NewEvent } from '../history/event.js';
import type { StackClocks } from '../stack/stack.js';
import { formatDurationMs } from '../units/duration.js';

/** What the harness needs to write a jump down. */
export interface TravelLog {
  readonly record: (event: NewEvent) => void;
  /** Moves the simulated time of the events that follow, and writes the jump itself. */
  readonly advanceSim: (byMs: number) => void;
}

/** A service that did not come along is off by hours; the clocks are set in whole seconds and read by a command. */
const FELT_WITHIN_MS = 2_000;

/** Moves a stack through simulated time: forward only, every service at once, and each one's clock read back. */
export class TimeTravel {
  readonly #clocks: StackClocks;
  readonly #log: TravelLog;
  readonly #wallMs: () => number;
  #aheadMs = 0;

  /** `wallMs`: the machine's clock, epoch milliseconds. */
  constructor(clocks: StackClocks, log: TravelLog, wallMs: () => number = Date.now) {
    this.#clocks = clocks;
    this.#log = log;
    this.#wallMs = wallMs;
  }

  /** How far the clocks are ahead of the real time. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /**
   * Moves every clock forward and reads each one back.
   * @throws NobounceError (`harness`) that names the services that did not feel it; RangeError for a step back.
   */
  async jump(byMs: number): Promise<void> {
    if (!(byMs >= 0)) throw new RangeError(`clocks only go forward, not by ${byMs} ms`);
    this.#aheadMs += byMs;
    await this.#clocks.advance(this.#aheadMs);
    this.#log.advanceSim(byMs);
    const earliest = this.#wallMs() + this.#aheadMs;
    const readings = await this.#clocks.read();
    const latest = this.#wallMs() + this.#aheadMs;
    const off: string[] = [];
    for (const { service, epochMs } of readings) {
      // The reading was taken at some time between the two.
      const errorMs = epochMs - Math.min(Math.max(epochMs, earliest), latest);
      this.#log.record({ type: 'clock.read', service, clock: epochMs, errorMs });
      if (Math.abs(errorMs) > FELT_WITHIN_MS) off.push(`${service} is ${formatDurationMs(errorMs)} off`);
    }
    if (readings.length === 0) off.push('no service has a clock that can be read');
    if (off.length === 0) return;
    throw new NobounceError(
      'harness',
      `the clocks were moved to ${formatDurationMs(this.#aheadMs)} ahead, and not every service felt it: ${off.join(', ')}`,
    );
  }
}
