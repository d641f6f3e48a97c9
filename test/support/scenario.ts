import { planScenario, type Plan, type Planning } from '../../src/scenario/plan.js';
import { scenarioSchema, type ScenarioInput } from '../../src/scenario/scenario.js';

const BASE: ScenarioInput = {
  name: 'test',
  title: 'a scenario of a test',
  domains: [
    { name: 'libero.test', mailboxes: 3, volumes: ['gold'] },
    { name: 'virgilio.test', mailboxes: 2, volumes: ['silver'] },
  ],
  traffic: { inbound: { rate: '5/s' } },
  timeline: [{ steady: '1s' }, { settle: '1s' }],
};

/** A small scenario of two domains on two volumes, with what a test wants otherwise, planned. */
export function planned(changes: Partial<ScenarioInput>): Planning {
  return planScenario(scenarioSchema.parse({ ...BASE, ...changes }));
}

/** The plan of a small scenario; throws where it has a problem. */
export function planOf(changes: Partial<ScenarioInput> = {}): Plan {
  const planning = planned(changes);
  if (!planning.ok) throw new Error(planning.problems.map(({ message }) => message).join('; '));
  return planning.plan;
}
