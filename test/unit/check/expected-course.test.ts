import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { goodHistory, TIMES, TYPICAL } from '../../support/good-history.js';
import { judge } from '../../../src/check/judge.js';
import type { HistoryEvent } from '../../../src/history/event.js';

const good = () => goodHistory(TYPICAL);

/** What sound-history says of a changed good run; null: it is sound. */
async function doubt(change: (event: HistoryEvent) => readonly HistoryEvent[]): Promise<string | null> {
  const { checks } = await judge(good().flatMap(change));
  return checks.find(({ name }) => name === 'sound-history')?.reason ?? null;
}

const recorded = z.looseObject({
  timeline: z.array(z.looseObject({})),
  baseline: z.boolean(),
  checks: z.looseObject({}),
});

/** The good run with another recorded scenario. */
const asked = (change: (scenario: { timeline: object[]; baseline: boolean; checks: object }) => object) =>
  doubt((event) => {
    if (event.type !== 'run.started') return [event];
    const scenario = recorded.parse(event.scenario);
    return [{ ...event, scenario: { ...scenario, ...change(scenario) } }];
  });
const step = (index: number, written: object) =>
  asked(({ timeline }) => ({ timeline: timeline.with(index, written) }));
const inject = {
  fault: 'vendor-os-bug',
  volume: 'gold',
  errno: 'EIO',
  operations: ['write', 'fsync'],
  probability: 1,
};

describe('a run that went to its end', () => {
  it('is what its scenario asked for', async () => {
    expect(await doubt((event) => [event])).toBeNull();
  });

  it.each([
    [0, { steady: 9_000 }, 'step 1 (steady: 9 s) lasted only 7.5 s'],
    [2, { hold: 15_000 }, 'step 3 (hold: 15 s) lasted only 13.6 s'],
    [2, { hold: 5_000 }, 'step 3 (hold: 5 s) lasted 13.6 s'],
    [4, { settle: 1_000 }, 'step 5 (settle: 1 s) lasted 12 s'],
    [2, { advance: 13_500 }, 'step 3 (advance) of the scenario was due, and step 3 (hold) came'],
    [1, { inject: { ...inject, fault: 'stall' } }, 'the scenario injects stall on gold in step 2'],
    [
      1,
      { inject: { ...inject, volume: 'silver' } },
      'the scenario injects vendor-os-bug on silver in step 2',
    ],
    [1, { inject: { ...inject, volume: 'all' } }, 'the scenario injects vendor-os-bug on silver in step 2'],
    [
      1,
      { inject: { ...inject, volume: ['gold', 'silver'] } },
      'the scenario injects vendor-os-bug on silver',
    ],
    [1, { inject: { ...inject, errno: 'ENOSPC' } }, 'with other parameters than the scenario'],
    [1, { inject: { ...inject, probability: 0.5 } }, 'with other parameters than the scenario'],
    [1, { inject: { fault: 'mx-closed', answer: 'refuse' } }, 'the scenario injects mx-closed on mx'],
    [3, { heal: { fault: 'stall' } }, null],
  ] as const)('is held against step %d being %j', async (index, written, expected) => {
    const said = await step(index, written);
    if (expected === null) expect(said).toBeNull();
    else expect(said).toContain(expected);
  });

  it('must heal in the step that says so', async () => {
    const said = await doubt((event) =>
      event.type === 'fault.healed'
        ? [{ ...event, t: TIMES.heal - 500, wall: event.wall - 550, sim: event.sim - 550 }]
        : [event],
    );
    expect(said).toContain(
      'the scenario heals vendor-os-bug on gold in step 4, and the history shows no heal there',
    );
  });

  it('has each of its steps, in order, each with an end, and no more', async () => {
    const without = (phase: string, type = 'phase.started') =>
      doubt((event) => (event.type === type && 'phase' in event && event.phase === phase ? [] : [event]));
    expect(await without('hold')).toContain('step 3 (hold) of the scenario was due, and step 4 (heal) came');
    expect(await without('settle')).toContain('step 5 (settle) of the scenario never began');
    expect(await without('hold', 'phase.ended')).toContain('step 3 (hold) never ended');
    expect(await asked(({ timeline }) => ({ timeline: timeline.slice(0, 4) }))).toContain(
      'the scenario has 4 steps, the history 5',
    );
  });

  it('injects nothing that nobody asked for', async () => {
    expect(await step(1, { steady: 400 })).toContain('step 2 (steady) of the scenario was due');
    const twice = await doubt((event) =>
      event.type === 'fault.injecting'
        ? [event, { ...event, fault: 'other', name: 'latency', volume: 'silver' }]
        : [event],
    );
    expect(twice).toContain('latency on silver was injected, and the scenario asks for no such fault');
  });

  it('is no baseline with a fault', async () => {
    expect(await asked(() => ({ baseline: true }))).toContain(
      'the scenario is a baseline and asks for a fault',
    );
  });

  it('cannot skip what says whether it can be judged', async () => {
    expect(await asked(() => ({ checks: { 'fault-gone': { skip: 'not of interest here' } } }))).toContain(
      'the scenario skips fault-gone, which cannot be skipped: it was judged all the same',
    );
  });
});

it('a run that did not go to its end is not held against its scenario', async () => {
  const said = await doubt((event) => {
    if (event.type === 'run.ended') return [{ ...event, reason: 'interrupted', detail: '' }];
    return event.t > TIMES.inject ? [] : [event];
  });
  expect(said).toContain('the run was interrupted');
  expect(said).not.toContain('of the scenario');
});

describe('a run whose acts came one by one', () => {
  /** The good run as somebody would have led it: its scenario's own timeline is another. */
  const led = (change: (acts: readonly object[]) => readonly object[] = (acts) => acts) =>
    doubt((event) => {
      if (event.type !== 'run.started') return [event];
      const scenario = recorded.parse(event.scenario);
      const { t, wall, sim } = event;
      const asked = change(scenario.timeline).map((act, step): HistoryEvent => ({
        type: 'act.asked',
        act: { ...act },
        by: 'operator 1',
        step,
        t,
        wall,
        sim,
      }));
      const timeline = [{ steady: 1_000 }, { settle: 1_000 }];
      return [{ ...event, asked: true, scenario: { ...scenario, timeline } }, ...asked];
    });

  it('is held against what was asked for', async () => {
    expect(await led()).toBeNull();
    expect(await led((acts) => acts.slice(0, -1))).toContain('the scenario has 4 steps, the history 5');
    expect(await led((acts) => acts.with(2, { hold: 30_000 }))).toContain('step 3 (hold: 30 s) lasted only');
    expect(await led((acts) => acts.with(1, { inject: { ...inject, volume: 'silver' } }))).toContain(
      'injects vendor-os-bug on silver',
    );
  });

  it('is doubted where it says so and tells no act', async () => {
    expect(await led(() => [])).toContain('the scenario has 0 steps');
  });
});

describe('what was asked for, beside a timeline', () => {
  const beside = (change: (acts: readonly object[]) => readonly object[]) =>
    doubt((event) => {
      if (event.type !== 'run.started') return [event];
      const { t, wall, sim } = event;
      const { timeline } = recorded.parse(event.scenario);
      const asked = change(timeline).map((act, step): HistoryEvent => ({
        type: 'act.asked',
        act: { ...act },
        by: 'timeline',
        step,
        t,
        wall,
        sim,
      }));
      return [event, ...asked];
    });

  it('is the same', async () => {
    expect(await beside((acts) => acts)).toBeNull();
    expect(await beside((acts) => acts.slice(1))).toContain('4 acts were asked for');
    expect(await beside((acts) => acts.with(2, { hold: 1_000 }))).toContain(
      'act 3 was asked for as {"hold":1000}',
    );
  });
});
