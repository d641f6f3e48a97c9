import { HISTORY_VERSION, type HistoryEvent, type NewEvent } from '../../src/history/event.js';
import { planScenario } from '../../src/scenario/plan.js';
import { scenarioSchema, type ScenarioInput } from '../../src/scenario/scenario.js';
import { AT_THE_START, takeStep } from '../../src/scenario/timeline.js';
import { validateStep } from '../../src/scenario/validate.js';
import { at, MAILBOXES } from './good-history.js';

export const LED: ScenarioInput = {
  name: 'our-day',
  title: 'A day that is made up',
  tags: ['day'],
  stack: 'postfix-dovecot',
  domains: [
    { name: 'libero.test', mailboxes: 3, volumes: ['gold'] },
    { name: 'virgilio.test', mailboxes: 2, volumes: ['silver'] },
  ],
  volumes: { bronze: {} },
  outside: { mta: 'postfix', lifetime: '4.5d', warning: '4h' },
  storage: { mount: 'hard' },
  traffic: {
    inbound: { rate: '90/m', size: '2 KiB..1.5 MiB' },
    outbound: { at: 'each 6h', messages: 3 },
    internal: { rate: '1/6h' },
  },
  timeline: [{ steady: '1s' }, { settle: '1s' }],
  checks: {
    'delivered-after-recovery': { within: '90s' },
    'no-loss': { max: 2 },
    'blast-radius': { skip: 'not what the day is about' },
  },
};

/** Something that happens on a led run: an act in a timeline's words, or an event; each `afterMs` the one before. */
export interface Happening {
  readonly afterMs: number;
  readonly act?: Readonly<Record<string, unknown>>;
  readonly tell?: NewEvent;
  /** How long the act takes. */
  readonly tookMs?: number;
}

/** The history of a day, as a run writes it: what cannot be done is refused. */
export function ledHistory(happenings: readonly Happening[], changes: Partial<ScenarioInput> = {}) {
  const scenario = scenarioSchema.parse({ ...LED, ...changes });
  const planning = planScenario(scenario);
  if (!planning.ok) throw new Error('the scenario of the day is none');
  const bed = { volumes: planning.plan.volumes, hasOutsideMtas: planning.plan.outsideMtas.length > 0 };
  const events: HistoryEvent[] = [
    at(0, {
      type: 'run.started',
      historyVersion: HISTORY_VERSION,
      run: 'abc123',
      nobounce: '0.4.0',
      seed: 1,
      driver: 'docker',
      stack: { name: 'postfix-dovecot', title: 'Postfix, Dovecot' },
      scenario,
      mailboxes: MAILBOXES,
      asked: true,
    }),
    at(5_000, {
      type: 'mailbox.listed',
      stage: 'before',
      mailbox: 'u1@libero.test',
      volume: 'gold',
      uidValidity: '1',
      messages: [],
    }),
  ];
  let t = 5_000;
  let step = 0;
  let standing = AT_THE_START;
  for (const { afterMs, act, tell, tookMs = 1_000 } of happenings) {
    t += afterMs;
    if (tell !== undefined) events.push(at(t, tell));
    if (act === undefined) continue;
    const read = validateStep(act);
    if (!read.ok) throw new Error(read.reasons.join('; '));
    const taken = takeStep(standing, read.step, step, bed);
    if (taken.problems.length > 0) {
      const reasons = taken.problems.map(({ message }) => message);
      events.push(at(t, { type: 'act.refused', act: read.step, by: 'ada', reasons }));
      continue;
    }
    const phase = taken.planned.kind;
    events.push(at(t, { type: 'act.asked', act: read.step, by: 'ada', step }));
    events.push(at(t, { type: 'phase.started', phase, step }));
    if (taken.planned.kind === 'inject' || taken.planned.kind === 'heal')
      for (const { key, fault, volume } of taken.planned.faults) {
        const ref = { fault: key, name: fault.fault, volume };
        const life: NewEvent[] =
          phase === 'inject'
            ? [
                { type: 'fault.injecting', ...ref, parameters: { ...fault } },
                { type: 'fault.injected', ...ref },
              ]
            : [
                { type: 'fault.healing', ...ref },
                { type: 'fault.healed', ...ref },
                { type: 'fault.gone', ...ref, evidence: 'all ok again' },
              ];
        events.push(...life.map((event, index) => at(t + 100 * (index + 1), event)));
      }
    t += tookMs;
    events.push(at(t, { type: 'phase.ended', phase, step }));
    standing = taken.standing;
    step += 1;
  }
  events.push(at(t + 500, { type: 'run.ended', reason: 'completed', detail: '' }));
  return events;
}
