import { claimOf } from '../fault/act.js';
import type { FaultDescription } from '../fault/kind.js';
import { keyOf, MX_LINK, type Place } from '../fault/place.js';
import { describeFault, type Fault } from '../fault/registry.js';
import { suggestion } from './nearest.js';
import type { HealTarget, TimelineStep } from './scenario.js';

/** One fault on one volume, or on the link to the MX; `key` is unique in the run, such as `vendor-os-bug@gold#1`. */
export interface PlannedFault {
  readonly key: string;
  readonly fault: Fault;
  /** What is done, what must be felt, and what it means for mail. */
  readonly description: FaultDescription;
  readonly place: Place;
  /** The place's key, as it is recorded: a volume's name, or `mx`. */
  readonly volume: string;
}

export type PlannedStep =
  | {
      readonly kind: 'steady' | 'hold' | 'advance' | 'settle';
      readonly step: number;
      readonly durationMs: number;
    }
  | { readonly kind: 'inject' | 'heal'; readonly step: number; readonly faults: readonly PlannedFault[] };

/** Where a timeline stands: what is broken at this point, and whether anything may still follow. */
export interface Standing {
  readonly active: readonly PlannedFault[];
  readonly injected: number;
  readonly isSettled: boolean;
  /** A fault could not be resolved: it is told once, and what follows from it is not. */
  readonly isUnresolved: boolean;
}

/** What can be broken. */
export interface Breakable {
  readonly volumes: readonly string[];
  /** Correspondents that keep mail in a queue of their own. */
  readonly hasOutsideMtas: boolean;
}

/** Why a step cannot be taken; `path` leads to the part of the step that is to blame. */
interface StepProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Taken {
  readonly planned: PlannedStep;
  readonly standing: Standing;
  /** Not empty: the step cannot be taken. */
  readonly problems: readonly StepProblem[];
}

/** Before the first step. */
export const AT_THE_START: Standing = { active: [], injected: 0, isSettled: false, isUnresolved: false };

/**
 * What a step does where a timeline stands so, and where it stands behind it: the one place that knows which steps can
 * follow which, for a scenario that is read and for acts that come while a run goes on. Pure.
 * @param index the step's place in the timeline, from 0
 */
export function takeStep(standing: Standing, step: TimelineStep, index: number, bed: Breakable): Taken {
  const over = standing.isSettled
    ? [{ path: [], message: '`settle` ends a run; nothing can follow it' }]
    : [];
  const taken = take({ ...standing, isSettled: false }, step, index, bed);
  return { ...taken, problems: [...over, ...taken.problems] };
}

function take(standing: Standing, step: TimelineStep, index: number, bed: Breakable): Taken {
  if ('inject' in step) return takeInject(standing, step.inject, index, bed);
  if ('heal' in step) return takeHeal(standing, step.heal, index);
  const wait = (kind: 'steady' | 'hold' | 'advance' | 'settle', durationMs: number): PlannedStep => ({
    kind,
    step: index,
    durationMs,
  });
  if ('steady' in step) return { planned: wait('steady', step.steady), standing, problems: [] };
  if ('advance' in step) return { planned: wait('advance', step.advance), standing, problems: [] };
  if ('settle' in step)
    return { planned: wait('settle', step.settle), standing: { ...standing, isSettled: true }, problems: [] };
  const isIdle = standing.active.length === 0 && !standing.isUnresolved;
  const message = '`hold` keeps a fault up, but nothing is broken here; use `steady`';
  return { planned: wait('hold', step.hold), standing, problems: isIdle ? [{ path: [], message }] : [] };
}

function takeInject(standing: Standing, fault: Fault, index: number, bed: Breakable): Taken {
  const problems: StepProblem[] = [];
  const faults: PlannedFault[] = [];
  let { isUnresolved } = standing;
  const name = fault.fault;
  if (name === 'mx-closed' && !bed.hasOutsideMtas) {
    problems.push({
      path: ['inject', 'fault'],
      message: 'mx-closed needs correspondents that keep mail in a queue: add `outside: { mta: postfix }`',
    });
  }
  for (const place of placesOf(fault, bed.volumes)) {
    const volume = keyOf(place);
    if (place.kind === 'volume' && !bed.volumes.includes(volume)) {
      const near = suggestion(volume, bed.volumes);
      const message = `there is no volume ${JSON.stringify(volume)}${near}`;
      problems.push({ path: ['inject', 'volume'], message });
      isUnresolved = true;
      continue;
    }
    const description = describeFault(name, { ...fault });
    if (description === undefined) {
      problems.push({ path: ['inject'], message: `the parameters of ${name} cannot be read` });
      continue;
    }
    const key = `${name}@${volume}#${String(standing.injected + faults.length + 1)}`;
    const planned: PlannedFault = { key, fault, description, place, volume };
    const clash = standing.active.find((other) => other.volume === volume && clashes(planned, other));
    if (clash !== undefined) {
      const message = `${clash.fault.fault} is still active on ${volume}: heal it before ${name}`;
      problems.push({ path: ['inject'], message });
    }
    faults.push(planned);
  }
  const active = [...standing.active, ...faults];
  const injected = standing.injected + faults.length;
  return {
    planned: { kind: 'inject', step: index, faults },
    standing: { ...standing, active, injected, isUnresolved },
    problems,
  };
}

function takeHeal(standing: Standing, target: HealTarget, index: number): Taken {
  const faults = standing.active.filter((fault) => matches(fault, target));
  const planned = { kind: 'heal', step: index, faults } as const;
  const active = standing.active.filter((fault) => !faults.includes(fault));
  if (faults.length > 0 || standing.isUnresolved)
    return { planned, standing: { ...standing, active }, problems: [] };
  const what = target === 'all' ? 'anything' : [target.fault, target.volume].filter(Boolean).join(' on ');
  const now = brokenAt(standing) || 'nothing';
  const message = `heals ${what}, but what is broken at this point is: ${now}`;
  return { planned, standing: { ...standing, isUnresolved: true }, problems: [{ path: ['heal'], message }] };
}

/** What is broken, in words; empty where nothing is. */
export function brokenAt({ active }: Standing): string {
  return active.map((fault) => `${fault.fault.fault} on ${fault.volume}`).join(', ');
}

/** Whether the two would undo each other at one place: the same fault, or two that claim the same part of the link. */
function clashes(one: PlannedFault, other: PlannedFault): boolean {
  if (one.fault.fault === other.fault.fault) return true;
  const claim = claimOf(one.description.act);
  return claim !== null && claim === claimOf(other.description.act);
}

function placesOf(fault: Fault, volumes: readonly string[]): readonly Place[] {
  if (!('volume' in fault)) return [MX_LINK];
  const written = fault.volume;
  const names = written === 'all' ? volumes : new Set([written].flat());
  return [...names].map((volume) => ({ kind: 'volume', volume }));
}

function matches(fault: PlannedFault, target: HealTarget): boolean {
  if (target === 'all') return true;
  const byName = target.fault === undefined || target.fault === fault.fault.fault;
  return byName && (target.volume === undefined || target.volume === fault.volume);
}
