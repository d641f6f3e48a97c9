import type { Machine, Strain } from '../history/machine.js';
import { formatDurationMs } from '../units/duration.js';
import { counted } from './check.js';

/** With more tasks that want to run for each core something may fail for want of the machine alone. */
const BUSY_TASKS_PER_CORE = 6;
const NOT_KNOWN = "whether that is the stack's doing is not known";

/**
 * Holds times against limits on a machine that may have been slow itself. What only the machine's slowness explains is
 * no finding and no pass: it is a doubt. One instance serves one check.
 */
export class Pace {
  readonly #machine: Machine;
  #excused = 0;
  #worst: Strain = { slowdown: 1, lateMs: 0, broken: false };

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Why nothing is said of some times; null where the machine explains none of them. */
  get doubt(): string | null {
    if (this.#excused === 0) return null;
    const what = `${counted(this.#excused, 'time is', 'times are')} over the limit`;
    return `${what}, and ${describe(this.#worst)}: ${NOT_KNOWN}`;
  }

  /** Why what failed in such a time proves nothing; null where the machine had room enough for it to go well. */
  whyFailuresProveNothing(strain: Strain): string | null {
    return strain.broken || strain.slowdown > BUSY_TASKS_PER_CORE
      ? `${describe(strain)}: ${NOT_KNOWN}`
      : null;
  }

  /** Whether a time is over its limit, and would be on an idle machine. `fromAt` and `toAt`, as `t`: when it passed. */
  isOver(tookMs: number, limitMs: number, fromAt: number, toAt: number): boolean {
    return tookMs > limitMs && !this.#isExcused(tookMs, limitMs, fromAt, toAt);
  }

  /** Whether what is due since `sinceAt` and has not come by `endAt`, both `t`, has used up its time. */
  isOverdue(sinceAt: number, endAt: number, limitMs: number): boolean {
    const waitedMs = endAt - sinceAt;
    return waitedMs >= limitMs && !this.#isExcused(waitedMs, limitMs, sinceAt, endAt);
  }

  #isExcused(tookMs: number, limitMs: number, fromAt: number, toAt: number): boolean {
    const strain = this.#machine.strainIn(fromAt, toAt);
    if (!strain.broken && tookMs >= limitMs * strain.slowdown + strain.lateMs) return false;
    this.#excuse(strain);
    return true;
  }

  /**
   * Whether `during` is more than `factor` times `before` and `slackMs`, however busy the machine was at either time.
   * All in ms.
   */
  hasGrown({ before, during, factor, slackMs, steady, outage }: Growth): boolean {
    const ratio = outage.slowdown / steady.slowdown;
    const least = factor * before * Math.min(1, ratio) + slackMs;
    const most = factor * before * Math.max(1, ratio) + slackMs * outage.slowdown + outage.lateMs;
    const isOver = during > factor * before + slackMs;
    if (isOver && during > most && !outage.broken) return true;
    if (isOver) this.#excuse(outage);
    else if (during > least) this.#excuse(steady);
    return false;
  }

  #excuse(strain: Strain): void {
    this.#excused += 1;
    if (strain.broken || strain.slowdown > this.#worst.slowdown) this.#worst = strain;
  }
}

/** A figure of steady state and the same of the outage, in ms, and what the machine did to either. */
interface Growth {
  readonly before: number;
  readonly during: number;
  readonly factor: number;
  readonly slackMs: number;
  readonly steady: Strain;
  readonly outage: Strain;
}

function describe({ slowdown, lateMs, broken }: Strain): string {
  if (broken) return 'the harness had failed then';
  const busy = `the machine had ${slowdown.toFixed(1)} tasks to run for each core`;
  return `${busy} and the harness itself was up to ${formatDurationMs(lateMs)} late`;
}
