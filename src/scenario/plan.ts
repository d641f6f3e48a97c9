import { onlyAnswersOtherwise as isOnlyAnswering } from '../fault/act.js';
import { MX_KEY, outsideMtaName } from '../fault/place.js';
import { CHECK_NAMES, UNSKIPPABLE } from './limits.js';
import { mailboxesOf, type PlannedMailbox } from './mailboxes.js';
import { MAX_VOLUMES, type OutsideMta, type Scenario } from './scenario.js';
import { AT_THE_START, brokenAt, takeStep, type PlannedStep } from './timeline.js';

/** One MTA of the correspondents. */
export interface PlannedOutsideMta extends OutsideMta {
  /** Its service's name, such as `outside-mta-1`. */
  readonly name: string;
}

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
  const bed = { volumes, hasOutsideMtas: outsideMtas.length > 0 };
  let standing = AT_THE_START;
  scenario.timeline.forEach((step, index) => {
    const taken = takeStep(standing, step, index, bed);
    for (const { path, message } of taken.problems) problem(['timeline', index, ...path], message);
    standing = taken.standing;
    steps.push(taken.planned);
  });
  const last = scenario.timeline.length - 1;
  if (standing.active.length > 0 && !standing.isUnresolved) {
    problem(
      ['timeline', last],
      `the timeline ends with ${brokenAt(standing)} still active; add \`- heal: all\` and \`- settle: 60s\``,
    );
  }
  if (steps.findLastIndex(({ kind }) => kind === 'settle') !== last)
    problem(['timeline', last], 'a timeline ends with `settle`, such as `- settle: 60s`');
  if (scenario.baseline && standing.injected > 0)
    problem(['baseline'], 'a baseline injects no fault; drop `baseline` or the fault');
  const promises = CHECK_NAMES.filter((check) => !UNSKIPPABLE.includes(check));
  if (promises.every((check) => scenario.checks[check].skip !== undefined)) {
    problem(['checks'], 'every promise is skipped: nothing would be judged; leave at least one check in');
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, plan: { scenario, volumes, mailboxes, outsideMtas, steps } };
}
