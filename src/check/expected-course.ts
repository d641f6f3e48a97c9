import { isDeepStrictEqual } from 'node:util';
import { keyOf, MX_LINK } from '../fault/place.js';
import type { Course, Phase } from '../history/course.js';
import type { FaultRecord, Outages } from '../history/outages.js';
import type { PlannedMailbox } from '../scenario/mailboxes.js';
import { formatDurationMs } from '../units/duration.js';
import { counted } from './check.js';
import type { RecordedScenario } from './recorded-scenario.js';

/** One fault on one place, as the scenario asks for it. */
interface ExpectedFault {
  readonly name: string;
  readonly volume: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The steps that inject and heal it; null: it is never healed. */
  readonly injectStep: number;
  healStep: number | null;
}

/** One step of the timeline, with how long it lasts where the scenario says so. */
interface ExpectedStep {
  readonly phase: string;
  readonly step: number;
  readonly durationMs: number | null;
}

interface Expected {
  readonly steps: readonly ExpectedStep[];
  readonly faults: readonly ExpectedFault[];
}

/** A timer may be early by its rounding. */
const EARLY_MS = 50;
/** A wait may last longer than it was asked to: what is more says that the harness was late. */
const LATE_MS = 5_000;
const LATE_SHARE = 0.25;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What a recorded timeline asks for: the same reading as the planner's, of every version's recordings. */
function expectedOf({ timeline, volumes }: RecordedScenario): Expected {
  const steps: ExpectedStep[] = [];
  const faults: ExpectedFault[] = [];
  timeline.forEach((written, step) => {
    const [[phase, value] = ['', undefined]] = Object.entries(written);
    steps.push({ phase, step, durationMs: typeof value === 'number' ? value : null });
    if (phase === 'inject' && isRecord(value)) {
      for (const volume of placesOf(value['volume'], volumes)) {
        const name = text(value['fault']) ?? '';
        faults.push({ name, volume, parameters: value, injectStep: step, healStep: null });
      }
    } else if (phase === 'heal') {
      for (const fault of faults) {
        if (fault.healStep === null && isTarget(value, fault)) fault.healStep = step;
      }
    }
  });
  return { steps, faults };
}

/** Where acts came one by one, they are the timeline that the run is held against. */
export function withAskedActs(scenario: RecordedScenario, { started, asked }: Course): RecordedScenario {
  return started?.asked === true ? { ...scenario, timeline: asked.map(({ act }) => act) } : scenario;
}

function placesOf(written: unknown, volumes: readonly string[]): readonly string[] {
  if (written === undefined) return [keyOf(MX_LINK)];
  if (written === 'all') return volumes;
  return [...new Set([written].flat().flatMap((name) => text(name) ?? []))];
}

function isTarget(target: unknown, { name, volume }: ExpectedFault): boolean {
  if (!isRecord(target)) return target === 'all';
  const { fault = name, volume: where = volume } = target;
  return fault === name && where === volume;
}

/**
 * Where a run that went to its end is not what its scenario asked for: steps that are missing, in another order or of
 * another length, injections and heals by name, place, number and parameters, clocks moved by another time.
 */
export function* courseDoubts(
  scenario: RecordedScenario,
  course: Course,
  outages: Outages,
): Generator<string> {
  const expected = expectedOf(scenario);
  yield* askedDoubts(scenario, course);
  yield* stepDoubts(expected.steps, course);
  yield* faultDoubts(expected, course.phases, outages.faults);
  for (const fault of outages.faults) yield* lifeDoubts(fault);
  yield* mailboxDoubts(scenario, course);
  if (scenario.baseline && expected.faults.length > 0)
    yield 'the scenario is a baseline and asks for a fault';
}

/** What was asked for is told beside the scenario: the two are held against each other. */
function* askedDoubts({ timeline }: RecordedScenario, { asked, started }: Course): Generator<string> {
  // Version 0.1 did not tell it.
  if (asked.length === 0 && started?.asked !== true) return;
  if (asked.length !== timeline.length)
    yield `the scenario has ${counted(timeline.length, 'step')}, and ${counted(asked.length, 'act')} were asked for`;
  for (const [index, { act, step }] of asked.entries()) {
    if (step === index && isDeepStrictEqual(written(act), written(timeline[index] ?? act))) continue;
    yield `act ${String(index + 1)} was asked for as ${JSON.stringify(act)}, and the scenario says ${JSON.stringify(timeline[index] ?? null)}`;
    return;
  }
}

/** As it stands in a file: without keys that are there for nothing. */
function written(act: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(JSON.stringify(act));
}

function* stepDoubts(steps: readonly ExpectedStep[], course: Course): Generator<string> {
  const { phases } = course;
  for (const [index, { phase, step, durationMs }] of steps.entries()) {
    const what = `step ${String(step + 1)} (${phase})`;
    const happened = phases[index];
    if (happened === undefined) {
      yield `${what} of the scenario never began`;
      return;
    }
    if (happened.phase !== phase || happened.step !== step) {
      yield `${what} of the scenario was due, and step ${String(happened.step + 1)} (${happened.phase}) came`;
      return;
    }
    if (happened.endedAt === null) yield `${what} never ended`;
    else if (durationMs !== null) yield* lengthDoubts(happened, durationMs, index === 0, course);
  }
  if (phases.length > steps.length) {
    yield `the scenario has ${counted(steps.length, 'step')}, the history ${String(phases.length)}`;
  }
}

function* lengthDoubts(
  { phase, step, startedAt, endedAt }: Phase,
  durationMs: number,
  isFirst: boolean,
  course: Course,
): Generator<string> {
  const tookMs = (endedAt ?? startedAt) - startedAt;
  const what = `step ${String(step + 1)} (${phase}: ${formatDurationMs(durationMs)})`;
  if (phase === 'advance') {
    const movedMs = course.advances
      .filter(({ t }) => t >= startedAt && t <= (endedAt ?? Infinity))
      .reduce((sum, { byMs }) => sum + byMs, 0);
    if (Math.abs(movedMs - durationMs) > 1_000)
      yield `${what} moved the clocks by ${formatDurationMs(movedMs)}`;
    return;
  }
  // Settling ends as soon as nothing is awaited; in a first steady time the mailboxes are filled as well.
  if (phase !== 'settle' && tookMs < durationMs - EARLY_MS && !course.cut.has(step))
    yield `${what} lasted only ${formatDurationMs(tookMs)}`;
  const mayTakeMs = durationMs + Math.max(LATE_MS, LATE_SHARE * durationMs);
  if (!(isFirst && phase === 'steady') && tookMs > mayTakeMs)
    yield `${what} lasted ${formatDurationMs(tookMs)}`;
}

function* faultDoubts(
  { faults }: Expected,
  phases: readonly Phase[],
  happened: readonly FaultRecord[],
): Generator<string> {
  const left = [...happened];
  for (const fault of faults) {
    const what = `${fault.name} on ${fault.volume}`;
    const at = left.findIndex(
      (record) => isSame(record, fault) && isWithin(record.injectingAt, phases, fault.injectStep),
    );
    const [record] = at < 0 ? [] : left.splice(at, 1);
    if (record === undefined) {
      yield `the scenario injects ${what} in step ${String(fault.injectStep + 1)}, and the history shows no such injection`;
    } else if (!isDeepStrictEqual(plain(record.parameters), plain(fault.parameters))) {
      yield `${what} was injected with other parameters than the scenario's: ${JSON.stringify(record.parameters)}`;
    } else if (fault.healStep !== null && !isWithin(record.healedAt, phases, fault.healStep)) {
      yield `the scenario heals ${what} in step ${String(fault.healStep + 1)}, and the history shows no heal there`;
    }
  }
  for (const { name, volume } of left)
    yield `${name} on ${volume} was injected, and the scenario asks for no such fault`;
}

const isSame = (record: FaultRecord, { name, volume }: ExpectedFault): boolean =>
  record.name === name && record.volume === volume;

function isWithin(t: number | null, phases: readonly Phase[], step: number): boolean {
  const phase = phases.find((one) => one.step === step);
  return t !== null && phase !== undefined && t >= phase.startedAt && t <= (phase.endedAt ?? Infinity);
}

/** Without what is not a parameter, and without keys that are there for nothing. */
function plain(parameters: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).filter(
      ([key, value]) => key !== 'volume' && key !== 'fault' && value !== undefined,
    ),
  );
}

/** A fault's events come in this order, and none is left out before one that came. */
function* lifeDoubts(fault: FaultRecord): Generator<string> {
  const { name, volume, injectingAt, injectedAt, healingAt, healedAt, goneAt } = fault;
  const life = [
    ['fault.injecting', injectingAt],
    ['fault.injected', injectedAt],
    ['fault.healing', healingAt],
    ['fault.healed', healedAt],
    ['fault.gone', goneAt],
  ] as const;
  for (const [index, [type, at]] of life.entries()) {
    const [later] = life.slice(index + 1).find(([, t]) => t !== null && (at === null || t < at)) ?? [];
    if (later === undefined) continue;
    yield at === null
      ? `${name} on ${volume} has ${later} and no ${type}`
      : `${name} on ${volume} has ${later} before ${type}`;
    return;
  }
}

/** How many mailboxes of which domain lie on which volume: what the scenario asks for, and what the run had. */
function* mailboxDoubts({ mailboxes }: RecordedScenario, { started }: Course): Generator<string> {
  const asked = countedByPlace(mailboxes);
  const there = countedByPlace(started?.mailboxes ?? []);
  for (const place of new Set([...asked.keys(), ...there.keys()])) {
    const [wanted, had] = [asked.get(place) ?? 0, there.get(place) ?? 0];
    if (wanted !== had)
      yield `the scenario asks for ${counted(wanted, 'mailbox', 'mailboxes')} of ${place}, and the run had ${String(had)}`;
  }
}

/** A mailbox that is named twice is one. */
function countedByPlace(mailboxes: readonly PlannedMailbox[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const volumes = new Map(mailboxes.map(({ address, volume }) => [address, volume]));
  for (const [address, volume] of volumes) {
    const place = `${address.slice(address.lastIndexOf('@') + 1)} on ${volume}`;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
}
