import { formatDurationMs } from '../units/duration.js';
import type { EventOf, HistoryEvent } from './event.js';
import { FirstOf, type Note } from './notes.js';

/** One phase of the timeline. Times are `t`. */
export interface Phase {
  readonly phase: EventOf<'phase.started'>['phase'];
  readonly step: number;
  readonly startedAt: number;
  endedAt: number | null;
}

/** By how much the simulated time of an event may differ from what it should be: two clocks' rounding. */
const SIM_TOLERANCE_MS = 1_000;
/** By how much a service's clock may: it was read through a command that took time itself. */
const SERVICE_TOLERANCE_MS = 5_000;

/** The frame of a run: how it began, its phases, how it ended, and whether its clocks can be trusted. */
export class Course {
  started: EventOf<'run.started'> | null = null;
  ready: EventOf<'stack.ready'> | null = null;
  ended: EventOf<'run.ended'> | null = null;
  events = 0;
  lastAt = 0;
  readonly phases: Phase[] = [];
  readonly failures = new FirstOf<Note>();
  /** Services that ended before the teardown. */
  readonly deaths: EventOf<'service.died'>[] = [];
  /** Runs that began in this history; more than one means that two were mixed. */
  readonly runs = new Set<string>();
  starts = 0;
  /** Events after `run.ended`. */
  late = 0;
  /** The first event was not `run.started`. */
  headless = false;
  /** What was asked for and done, in order. */
  readonly asked: EventOf<'act.asked'>[] = [];
  /** The steps that somebody ended before their time. */
  readonly cut = new Set<number>();
  /** Each time the clocks were moved. */
  readonly advances: EventOf<'clock.advanced'>[] = [];
  readonly backwards = new FirstOf<Note>();
  /** The greatest move of the machine's clock against the monotonic one between two events, and when. */
  jump: { readonly ms: number; readonly at: number } = { ms: 0, at: 0 };
  readonly simDeviations = new FirstOf<Note>();
  #lastSeenAt = 0;
  #wall = 0;
  #simOffset = 0;

  /** The run went to its end as planned. */
  get isCompleted(): boolean {
    return this.ended?.reason === 'completed';
  }

  see(event: HistoryEvent): void {
    if (this.events === 0) this.headless = event.type !== 'run.started';
    else this.#compareClocks(event);
    this.#simOffset = event.sim - event.wall;
    this.events += 1;
    this.lastAt = Math.max(this.lastAt, event.t);
    this.#lastSeenAt = event.t;
    this.#wall = event.wall;
    if (this.ended !== null) this.late += 1;
    switch (event.type) {
      case 'run.started':
        this.starts += 1;
        this.runs.add(event.run);
        this.started ??= event;
        break;
      case 'stack.ready':
        this.ready ??= event;
        break;
      case 'phase.started':
        this.phases.push({ phase: event.phase, step: event.step, startedAt: event.t, endedAt: null });
        break;
      case 'phase.ended': {
        const open = this.phases.findLast(({ step, endedAt }) => step === event.step && endedAt === null);
        if (open !== undefined) open.endedAt = event.t;
        break;
      }
      case 'harness.failed':
        this.failures.add({ at: event.t, text: `${event.what}: ${event.error}` });
        break;
      case 'act.asked':
        this.asked.push(event);
        break;
      case 'act.cut':
        this.cut.add(event.step);
        break;
      case 'clock.advanced':
        this.advances.push(event);
        break;
      case 'service.died':
        this.deaths.push(event);
        break;
      case 'clock.read':
        if (Math.abs(event.errorMs) > SERVICE_TOLERANCE_MS) {
          const text = `the clock of ${event.service} is ${formatDurationMs(event.errorMs)} off the simulated time`;
          this.simDeviations.add({ at: event.t, text });
        }
        break;
      case 'run.ended':
        this.ended ??= event;
        break;
      default:
        break;
    }
  }

  #compareClocks(event: HistoryEvent): void {
    const passedMs = event.t - this.#lastSeenAt;
    if (passedMs < 0) {
      this.backwards.add({
        at: event.t,
        text: `${event.type} is ${formatDurationMs(-passedMs)} before the event above it`,
      });
    }
    const jumpMs = event.wall - this.#wall - passedMs;
    if (Math.abs(jumpMs) > Math.abs(this.jump.ms)) this.jump = { ms: jumpMs, at: event.t };
    const offset = event.sim - event.wall;
    const expected = this.#simOffset + (event.type === 'clock.advanced' ? event.byMs : 0);
    if (Math.abs(offset - expected) > SIM_TOLERANCE_MS) {
      const text = `the simulated clock is ${formatDurationMs(offset - expected)} off at ${event.type}`;
      this.simDeviations.add({ at: event.t, text });
    }
  }
}
