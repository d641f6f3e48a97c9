import { claimOf, onlyAnswersOtherwise as isOnlyAnswering } from '../fault/act.js';
import type { FaultDescription } from '../fault/kind.js';
import { keyOf, MX_KEY, MX_LINK, outsideMtaName, type Place } from '../fault/place.js';
import { describeFault, type Fault } from '../fault/registry.js';
import { CHECK_NAMES, UNSKIPPABLE } from './limits.js';
import { mailboxesOf, type PlannedMailbox } from './mailboxes.js';
import { suggestion } from './nearest.js';
import { MAX_VOLUMES, type HealTarget, type OutsideMta, type Scenario } from './scenario.js';

/** One fault on one volume, or on the link to the MX; `key` is unique in the plan, such as `vendor-os-bug@gold#1`. */
export interface PlannedFault {
  readonly key: string;
  readonly fault: Fault;
  /** What is done, what must be felt, and what it means for mail. */
  readonly description: FaultDescription;
  readonly place: Place;
  /** The place's key, as it is recorded: a volume's name, or `mx`. */
  readonly volume: string;
}

/** One MTA of the correspondents. */
export interface PlannedOutsideMta extends OutsideMta {
  /** Its service's name, such as `outside-mta-1`. */
  readonly name: string;
}

export type PlannedStep =
  | {
      readonly kind: 'steady' | 'hold' | 'advance' | 'settle';
      readonly step: number;
      readonly durationMs: number;
    }
  | { readonly kind: 'inject' | 'heal'; readonly step: number; readonly faults: readonly PlannedFault[] };

/** What a run will do, decided before anything starts. */
export interface Plan {
  readonly scenario: Scenario;
  /** In the order in which the scenario names them. */
  readonly volumes: readonly string[];
  readonly mailboxes: readonly PlannedMailbox[];
  /** Empty where correspondents connect to the MX themselves. */
  readonly outsideMtas: readonly PlannedOutsideMta[];
  readonly steps: readonly PlannedStep[];
}

interface PlanProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly atKey: boolean;
}

export type Planning =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

/**
 * Whether all that happens to a volume is that its array answers otherwise: with errors, or as read-only. Such a fault
 * comes without a failover, so its head is the volume's from the start and no connection is cut for it.
 */
export function onlyAnswersOtherwise(plan: Plan, volume: string): boolean {
  const faults = plan.steps.flatMap((step) => (step.kind === 'inject' ? step.faults : []));
  const own = faults.filter((planned) => planned.volume === volume);
  return own.length > 0 && own.every(({ description }) => isOnlyAnswering(description.act));
}

/** Whether the two would undo each other at one place: the same fault, or two that claim the same part of the link. */
function clashes(one: PlannedFault, other: PlannedFault): boolean {
  if (one.fault.fault === other.fault.fault) return true;
  const claim = claimOf(one.description.act);
  return claim !== null && claim === claimOf(other.description.act);
}

function resolvePlaces(fault: Fault, volumes: readonly string[]): readonly Place[] {
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

/**
 * Turns a scenario into what a run will do, or says what makes it impossible: a volume that there is
 * not, a heal of what was never broken, a fault twice on one volume, steps after `settle`. Pure.
 */
export function planScenario(scenario: Scenario): Planning {
  const problems: PlanProblem[] = [];
  const problem = (path: readonly PropertyKey[], message: string): void => {
    problems.push({ path, message, atKey: false });
  };
  const volumes = [
    ...new Set([...scenario.domains.flatMap((domain) => domain.volumes), ...Object.keys(scenario.volumes)]),
  ];
  if (volumes.length > MAX_VOLUMES)
    problem(
      ['domains'],
      `at most ${String(MAX_VOLUMES)} volumes, each has an array of its own; here are ${String(volumes.length)}`,
    );
  const mailboxes = scenario.domains.flatMap(mailboxesOf);
  const domainNames = scenario.domains.map((domain) => domain.name);
  domainNames.forEach((name, index) => {
    if (domainNames.indexOf(name) !== index)
      problem(['domains', index, 'name'], `domain ${name} is listed twice`);
  });
  if (volumes.includes('all'))
    problem(['domains'], '"all" means every volume and cannot be a volume\'s name');
  if (volumes.includes(MX_KEY))
    problem(['domains'], `"${MX_KEY}" is the link to the MX and cannot be a volume's name`);
  const outsideMtas = [scenario.outside ?? []]
    .flat()
    .map((mta, index) => ({ ...mta, name: outsideMtaName(index + 1) }));

  const steps: PlannedStep[] = [];
  let active: PlannedFault[] = [];
  let injected = 0;
  // A fault that could not be resolved is reported once; what follows from it is not.
  const unresolved = new Set<number>();
  scenario.timeline.forEach((step, index) => {
    const path = ['timeline', index];
    const previous = steps.at(-1);
    if (previous?.kind === 'settle') problem(path, '`settle` ends a run; nothing can follow it');
    if ('inject' in step) {
      const faults: PlannedFault[] = [];
      if (step.inject.fault === 'mx-closed' && outsideMtas.length === 0) {
        problem(
          [...path, 'inject', 'fault'],
          'mx-closed needs correspondents that keep mail in a queue: add `outside: { mta: postfix }`',
        );
      }
      for (const place of resolvePlaces(step.inject, volumes)) {
        const volume = keyOf(place);
        if (place.kind === 'volume' && !volumes.includes(volume)) {
          const near = suggestion(volume, volumes);
          problem([...path, 'inject', 'volume'], `there is no volume ${JSON.stringify(volume)}${near}`);
          unresolved.add(index);
          continue;
        }
        const name = step.inject.fault;
        const description = describeFault(name, { ...step.inject });
        if (description === undefined) {
          problem([...path, 'inject'], `the parameters of ${name} cannot be read`);
          continue;
        }
        const key = `${name}@${volume}#${String(injected + 1)}`;
        const planned: PlannedFault = { key, fault: step.inject, description, place, volume };
        const clash = active.find((other) => other.volume === volume && clashes(planned, other));
        if (clash !== undefined) {
          problem(
            [...path, 'inject'],
            `${clash.fault.fault} is still active on ${volume}: heal it before ${name}`,
          );
        }
        injected += 1;
        faults.push(planned);
      }
      active = [...active, ...faults];
      steps.push({ kind: 'inject', step: index, faults });
    } else if ('heal' in step) {
      const target = step.heal;
      const healed = active.filter((fault) => matches(fault, target));
      if (healed.length === 0 && unresolved.size === 0) {
        const what =
          target === 'all' ? 'anything' : [target.fault, target.volume].filter(Boolean).join(' on ');
        const now = active.map((fault) => `${fault.fault.fault} on ${fault.volume}`).join(', ') || 'nothing';
        problem([...path, 'heal'], `heals ${what}, but what is broken at this point is: ${now}`);
        unresolved.add(index);
      }
      active = active.filter((fault) => !healed.includes(fault));
      steps.push({ kind: 'heal', step: index, faults: healed });
    } else if ('steady' in step) {
      steps.push({ kind: 'steady', step: index, durationMs: step.steady });
    } else if ('hold' in step) {
      if (active.length === 0 && unresolved.size === 0)
        problem(path, '`hold` keeps a fault up, but nothing is broken here; use `steady`');
      steps.push({ kind: 'hold', step: index, durationMs: step.hold });
    } else if ('advance' in step) {
      steps.push({ kind: 'advance', step: index, durationMs: step.advance });
    } else {
      steps.push({ kind: 'settle', step: index, durationMs: step.settle });
    }
  });
  const last = scenario.timeline.length - 1;
  if (active.length > 0 && unresolved.size === 0) {
    const still = active.map((fault) => `${fault.fault.fault} on ${fault.volume}`).join(', ');
    problem(
      ['timeline', last],
      `the timeline ends with ${still} still active; add \`- heal: all\` and \`- settle: 60s\``,
    );
  }
  if (steps.findLastIndex(({ kind }) => kind === 'settle') !== last)
    problem(['timeline', last], 'a timeline ends with `settle`, such as `- settle: 60s`');
  if (scenario.baseline && injected > 0)
    problem(['baseline'], 'a baseline injects no fault; drop `baseline` or the fault');
  const promises = CHECK_NAMES.filter((check) => !UNSKIPPABLE.includes(check));
  if (promises.every((check) => scenario.checks[check].skip !== undefined)) {
    problem(['checks'], 'every promise is skipped: nothing would be judged; leave at least one check in');
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, plan: { scenario, volumes, mailboxes, outsideMtas, steps } };
}
