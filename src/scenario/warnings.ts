import { formatDurationMs } from '../units/duration.js';
import { formatBytes } from '../units/size.js';
import type { PathProblem } from './describe.js';
import type { Plan } from './plan.js';
import { STREAMS } from './schedule.js';

/** What is known of the stack that the scenario will run on. */
export interface StackLimits {
  /** The largest message that its MTA takes; null where it does not say. */
  readonly messageBytes: number | null;
}

interface Spans {
  /** Steady time before the first fault that surely comes after the mailboxes have been filled. */
  readonly steadyMs: number;
  /** Time in which a volume is broken. */
  readonly outageMs: number;
  readonly firstSteady: number;
  readonly firstInject: number;
  readonly firstHold: number;
}

function spansOf({ steps }: Plan): Spans {
  const firstInject = steps.findIndex(({ kind }) => kind === 'inject');
  const firstSteady = steps.findIndex(({ kind }) => kind === 'steady');
  let [steadyMs, outageMs] = [0, 0];
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'hold') outageMs += step.durationMs;
    // The mailboxes are filled in a first steady time; half of it comes after that.
    if (step.kind === 'steady' && index < firstInject)
      steadyMs += index === 0 ? step.durationMs / 2 : step.durationMs;
  }
  return {
    steadyMs,
    outageMs,
    firstSteady,
    firstInject,
    firstHold: steps.findIndex(({ kind }) => kind === 'hold'),
  };
}

/** Messages a second to the mailboxes of these volumes; null where mail comes in bursts, whose time is not the real one. */
function arrivingPerSecond(
  { scenario: { traffic }, mailboxes }: Plan,
  volumes: ReadonlySet<string>,
): number | null {
  const streams = [traffic.inbound, traffic.internal].filter((stream) => stream !== undefined);
  if (streams.some(({ at }) => at !== undefined)) return null;
  const share = mailboxes.filter(({ volume }) => volumes.has(volume)).length / mailboxes.length;
  return share * streams.reduce((sum, { rate = 0 }) => sum + rate, 0);
}

function brokenVolumes({ steps, volumes }: Plan): ReadonlySet<string> {
  const broken = steps.flatMap((step) =>
    step.kind === 'inject' ? step.faults.map(({ volume }) => volume) : [],
  );
  return new Set(broken.filter((volume) => volumes.includes(volume)));
}

const warning = (path: readonly PropertyKey[], message: string): PathProblem => ({
  path,
  message,
  atKey: false,
});

/** Whether blast-radius will have enough mail to compare on either side. */
function blastRadius(plan: Plan, spans: Spans): readonly PathProblem[] {
  const limits = plan.scenario.checks['blast-radius'];
  const broken = brokenVolumes(plan);
  const spared = new Set(plan.mailboxes.map(({ volume }) => volume).filter((volume) => !broken.has(volume)));
  if (limits.skip !== undefined || spared.size === 0 || broken.size === 0 || spans.firstHold < 0) return [];
  const perSecond = arrivingPerSecond(plan, spared);
  if (perSecond === null || perSecond === 0) return [];
  const needMs = (limits.samples / perSecond) * 1_000;
  const few = (ms: number, what: string, addMs: number): string =>
    `blast-radius compares at least ${String(limits.samples)} messages to the volumes without a fault, and about ${String(Math.floor((perSecond * ms) / 1_000))} are sent ${what}: make it ${formatDurationMs(addMs)}, or raise the rate`;
  const problems: PathProblem[] = [];
  if (spans.firstSteady >= 0 && spans.firstSteady < spans.firstInject && spans.steadyMs < needMs) {
    const half = spans.firstSteady === 0;
    const what = half ? 'in steady state (the mailboxes are filled in the first half)' : 'in steady state';
    problems.push(
      warning(['timeline', spans.firstSteady], few(spans.steadyMs, what, Math.ceil((half ? 2 : 1) * needMs))),
    );
  }
  if (spans.outageMs < needMs)
    problems.push(
      warning(['timeline', spans.firstHold], few(spans.outageMs, 'in the outage', Math.ceil(needMs))),
    );
  return problems;
}

/** Whether there is mail for the outage to meet. */
function stakes(plan: Plan, spans: Spans): readonly PathProblem[] {
  const { traffic, baseline } = plan.scenario;
  if (traffic.inbound === undefined && traffic.internal === undefined)
    return [
      warning(
        ['traffic'],
        'nobody writes to the mailboxes: with neither `inbound` nor `internal` nothing is at stake',
      ),
    ];
  if (baseline || spans.firstInject < 0 || spans.firstHold < 0) return [];
  const perSecond = arrivingPerSecond(plan, brokenVolumes(plan));
  if (perSecond === null || perSecond === 0 || (perSecond * spans.outageMs) / 1_000 >= 1) return [];
  const needMs = Math.ceil(1_000 / perSecond);
  return [
    warning(
      ['timeline', spans.firstHold],
      `the outage is too short for one message to the broken volume: make it ${formatDurationMs(needMs)} or longer, or raise the rate`,
    ),
  ];
}

function timeline({ steps, scenario }: Plan, { firstInject }: Spans): readonly PathProblem[] {
  const problems: PathProblem[] = [];
  if (firstInject >= 0 && !steps.slice(0, firstInject).some(({ kind }) => kind === 'steady')) {
    const lacking =
      'there is no steady state before the fault: blast-radius and queue-drains have nothing to compare with';
    problems.push(warning(['timeline', firstInject], lacking));
  }
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'inject' && steps[index + 1]?.kind === 'heal')
      problems.push(
        warning(['timeline', index], 'the fault is healed as soon as it is felt: add `- hold: 15s` between'),
      );
  }
  const last = steps.at(-1);
  const { within, skip } = scenario.checks['delivered-after-recovery'];
  if (firstInject >= 0 && skip === undefined && last?.kind === 'settle' && last.durationMs < within) {
    const message = `the run ends ${formatDurationMs(last.durationMs)} after the heal, and delivered-after-recovery allows ${formatDurationMs(within)}: what is missing then proves nothing`;
    problems.push(warning(['timeline', steps.length - 1], message));
  }
  return problems;
}

function volumes({ scenario, mailboxes, steps }: Plan): readonly PathProblem[] {
  const used = new Set(mailboxes.map(({ volume }) => volume));
  const domains = scenario.domains.flatMap((domain, index) => {
    const empty = domain.volumes.filter((volume) => !used.has(volume));
    return empty.length === 0
      ? []
      : [
          warning(
            ['domains', index, 'volumes'],
            `there are fewer mailboxes than volumes: none lies on ${empty.join(', ')}`,
          ),
        ];
  });
  const all = new Set([
    ...scenario.domains.flatMap((domain) => domain.volumes),
    ...Object.keys(scenario.volumes),
  ]);
  const faults = steps.flatMap((step) =>
    step.kind === 'inject'
      ? step.faults
          .filter(({ volume }) => all.has(volume) && !used.has(volume))
          .map(({ volume }) =>
            warning(
              ['timeline', step.step, 'inject'],
              `no mailbox lies on the volume ${volume}: a fault there meets no mail`,
            ),
          )
      : [],
  );
  return [...domains, ...faults];
}

function sizes({ scenario: { traffic } }: Plan, { messageBytes }: StackLimits): readonly PathProblem[] {
  if (messageBytes === null) return [];
  return STREAMS.flatMap((stream) => {
    const size = traffic[stream]?.size;
    if (size === undefined || size.maxBytes <= messageBytes) return [];
    const which = size.minBytes > messageBytes ? 'every message is' : 'messages may be';
    return [
      warning(
        ['traffic', stream, 'size'],
        `${which} larger than the ${formatBytes(messageBytes)} that this stack takes: its MTA refuses them (552), and no-reject fails`,
      ),
    ];
  });
}

/**
 * What can be known of a valid scenario before it runs, and will surprise whoever runs it: checks that cannot have enough to
 * look at, mail that the stack will refuse. Pure.
 */
export function warningsOf(plan: Plan, limits: StackLimits): readonly PathProblem[] {
  const spans = spansOf(plan);
  return [
    ...sizes(plan, limits),
    ...volumes(plan),
    ...stakes(plan, spans),
    ...timeline(plan, spans),
    ...blastRadius(plan, spans),
  ];
}
