import { describe, expect, it } from 'vitest';
import { Steps, type StepCast } from '../../../src/run/steps.js';
import type { PlannedStep } from '../../../src/scenario/timeline.js';
import { planOf } from '../../support/scenario.js';
import { Recorded } from '../traffic/toy-stack.js';

const PLAN = planOf({
  timeline: [
    { steady: '1s' },
    { inject: { fault: 'stall', volume: 'gold' } },
    { heal: 'all' },
    { settle: '1s' },
  ],
});
const [, INJECT, HEAL] = PLAN.steps;
if (INJECT === undefined || HEAL === undefined) throw new Error('the plan has other steps');

interface Staged {
  readonly steps: Steps;
  /** What was asked of whom, in order. */
  readonly told: string[];
  readonly recorded: Recorded;
  readonly waiting: { pending: number; queueDepth: number; unaccepted: number };
  readonly controller: AbortController;
}

function staged(changes: Partial<StepCast> = {}): Staged {
  const told: string[] = [];
  const recorded = new Recorded();
  const waiting = { pending: 0, queueDepth: 0, unaccepted: 0 };
  const controller = new AbortController();
  const tell = (what: string) => (): Promise<void> => {
    told.push(what);
    return Promise.resolve();
  };
  const cast: StepCast = {
    faults: { inject: tell('inject'), heal: tell('heal') },
    senders: {
      canary: () => void told.push('canary'),
      stop: tell('senders stop'),
      get unaccepted() {
        return waiting.unaccepted;
      },
    },
    mailboxes: {
      leave: (volume) => void told.push(`leave ${volume}`),
      comeBack: (volume) => void told.push(`come back ${volume}`),
    },
    tracker: waiting,
    travelling: null,
    record: recorded.record,
    ...changes,
  };
  const steps = new Steps(cast, PLAN.scenario.checks, controller.signal);
  return { steps, told, recorded, waiting, controller };
}

const phases = ({ recorded }: Staged) =>
  recorded.events.flatMap((event) =>
    event.type === 'phase.started' || event.type === 'phase.ended' ? [`${event.type} ${event.phase}`] : [],
  );

const settle = (durationMs: number): PlannedStep => ({ kind: 'settle', step: 3, durationMs });

describe('a step', () => {
  it('is a phase of the history, from its begin to its end', async () => {
    const stage = staged();
    await stage.steps.take({ kind: 'hold', step: 1, durationMs: 1 });
    expect(phases(stage)).toEqual(['phase.started hold', 'phase.ended hold']);
    expect(stage.told).toEqual(['canary']);
  });

  it('does not end for the history where the run is over before it', async () => {
    const stage = staged();
    const taking = stage.steps.take({ kind: 'hold', step: 1, durationMs: 600_000 });
    stage.controller.abort();
    await taking;
    expect(phases(stage)).toEqual(['phase.started hold']);
  });

  it('that is steady lasts until what goes on beside it is done', async () => {
    const stage = staged();
    let isFilled = false;
    const fill = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isFilled = true;
    };
    await stage.steps.take({ kind: 'steady', step: 0, durationMs: 1 }, { beside: fill });
    expect(isFilled).toBe(true);
  });

  it('looks away from a volume before its mailboxes are hidden, and back after they are shown', async () => {
    const stage = staged();
    await stage.steps.take(INJECT);
    await stage.steps.take(HEAL);
    expect(stage.told).toEqual(['leave gold', 'inject', 'heal', 'come back gold']);
  });

  it('heals in simulated time only after the MTA has tried its queue', async () => {
    const told: string[] = [];
    const stage = staged({
      faults: {
        inject: () => Promise.resolve(),
        heal: () => {
          told.push('heal');
          return Promise.resolve();
        },
      },
      travelling: {
        advance: () => Promise.resolve(),
        afterQueueRun: async (act) => {
          told.push('queue run');
          await act();
        },
      },
    });
    await stage.steps.take(HEAL);
    expect(told).toEqual(['queue run', 'heal']);
  });

  it('that moves clocks which cannot be moved is the environment’s failure', async () => {
    const stage = staged();
    await expect(stage.steps.take({ kind: 'advance', step: 1, durationMs: 1 })).rejects.toMatchObject({
      kind: 'environment',
    });
    expect(phases(stage)).toEqual(['phase.started advance']);
  });

  it('that fails has no end in the history', async () => {
    const stage = staged({
      faults: { inject: () => Promise.reject(new Error('no head')), heal: () => Promise.resolve() },
    });
    await expect(stage.steps.take(INJECT)).rejects.toThrow('no head');
    expect(phases(stage)).toEqual(['phase.started inject']);
  });
});

describe('settling', () => {
  it('ends when nothing has been awaited for a second', async () => {
    const stage = staged();
    stage.waiting.pending = 1;
    setTimeout(() => {
      stage.waiting.pending = 0;
    }, 300);
    const startMs = performance.now();
    await stage.steps.take(settle(600_000));
    expect(performance.now() - startMs).toBeGreaterThan(1_200);
    expect(stage.told).toEqual(['canary', 'senders stop']);
  });

  it.each(['pending', 'queueDepth', 'unaccepted'] as const)(
    'waits for %s until its time is over',
    async (what) => {
      const stage = staged();
      stage.waiting[what] = 1;
      const startMs = performance.now();
      await stage.steps.take(settle(1_500));
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(1_490);
    },
  );
});
