import { NobounceError } from '../errors/errors.js';
import type { Plan } from '../scenario/plan.js';
import type { PlannedStep } from '../scenario/timeline.js';
import type { Capability, Driver, Lack } from './driver.js';

/** A capability, and what asks for it, as its author wrote it. */
interface Need {
  readonly capability: Capability;
  readonly of: string;
}

/** What one step asks for. */
export function needsOfStep(step: PlannedStep): readonly Need[] {
  if (step.kind === 'advance') return [{ capability: 'movable-clocks', of: '`advance`' }];
  if (step.kind !== 'inject') return [];
  return step.faults.flatMap(({ fault }) =>
    'operations' in fault
      ? fault.operations.map((operation): Need => ({
          capability: `failing-${operation}`,
          of: `${fault.fault} of ${operation}`,
        }))
      : [],
  );
}

/** What a run asks for, each capability once. */
function needsOf(plan: Plan, toxiproxy: string | undefined): readonly Need[] {
  const image = toxiproxy !== undefined && toxiproxy !== 'builtin' ? toxiproxy : null;
  const needs: readonly Need[] = [
    ...(plan.outsideMtas.length === 0
      ? []
      : [{ capability: 'outside-mtas', of: '`outside: { mta: postfix }`' } as const]),
    ...(image === null
      ? []
      : [{ capability: 'toxiproxy-images', of: `the Toxiproxy image ${image}` } as const]),
    ...plan.steps.flatMap(needsOfStep),
  ];
  return [...new Map(needs.toReversed().map((need) => [need.capability, need])).values()].toReversed();
}

/** Why a driver cannot do what is asked of it, one sentence each, and what to do instead; empty where it can. */
export function refusals(driver: Driver, needs: readonly Need[]): readonly (Lack & { told: string })[] {
  return needs.flatMap(({ capability, of }) => {
    const lack = driver.lack(capability);
    if (lack === null) return [];
    const told = `the ${driver.name} driver cannot do ${of} on ${driver.stackName}: it lacks ${capability}, since ${lack.why}`;
    return [{ ...lack, told }];
  });
}

/**
 * Refuses, before anything starts, what a driver or its stack cannot do.
 * @throws NobounceError (`environment`) that names each capability and who has it.
 */
export function requireCapabilities(driver: Driver, plan: Plan, toxiproxy: string | undefined): void {
  const refused = refusals(driver, needsOf(plan, toxiproxy));
  if (refused.length === 0) return;
  throw new NobounceError('environment', refused.map(({ told }) => told).join('\n'), {
    advice: [...new Set(refused.map(({ instead }) => instead))].join('; '),
  });
}
