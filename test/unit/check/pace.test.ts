import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/check/pace.js';
import { Machine } from '../../../src/history/machine.js';

const stamp = (t: number) => ({ t, wall: t, sim: t });

/** A machine with a sample a second from `from` to `to`. */
function busy(
  from: number,
  to: number,
  tasksPerCore: number | null,
  lateMs = 0,
  machine = new Machine(),
): Machine {
  for (let t = from; t <= to; t += 1_000) {
    machine.sample({ type: 'machine.sampled', ...stamp(t), tasksPerCore, lateMs });
  }
  return machine;
}

function withFailure(t: number): Machine {
  const machine = new Machine();
  const source = { source: 'queue:mta', kind: 'queue', subject: 'mta', deadlineMs: 15_000 } as const;
  machine.watched({ type: 'source.started', ...stamp(0), ...source });
  machine.harnessFailed({
    type: 'harness.failed',
    ...stamp(t),
    what: 'queue:mta',
    error: 'nothing was heard of it',
  });
  return machine;
}

describe('the machine', () => {
  it('counts as idle where nothing is known of it, and is never faster than that', () => {
    const idle = { slowdown: 1, lateMs: 0, broken: false };
    expect(new Machine().strainIn(0, 10_000)).toEqual(idle);
    expect(busy(0, 9_000, null).strainIn(0, 10_000)).toEqual(idle);
    expect(busy(0, 9_000, 0.1).strainIn(0, 10_000)).toEqual(idle);
  });

  it('is judged by the samples that tell of a span, and of no other', () => {
    const machine = busy(20_000, 30_000, 5, 40, busy(0, 10_000, 1));
    expect(machine.strainIn(0, 9_500)).toMatchObject({ slowdown: 1, lateMs: 0 });
    expect(machine.strainIn(22_000, 25_500)).toMatchObject({ slowdown: 5, lateMs: 40 });
    expect(machine.strainIn(0, 40_000).slowdown).toBeCloseTo(3);
    const both = [
      { from: 0, to: 5_000 },
      { from: 25_000, to: 26_000 },
    ];
    expect(machine.strainDuring(both)).toMatchObject({ lateMs: 40 });
  });

  it('tells of all the time in which the harness stood still', () => {
    const machine = busy(30_000, 30_000, 1, 20_000);
    expect(machine.strainIn(12_000, 13_000).lateMs).toBe(20_000);
    expect(machine.strainIn(2_000, 8_000).lateMs).toBe(0);
  });

  it('says nothing of a span in which the harness may have been broken already', () => {
    expect(withFailure(40_000).strainIn(0, 26_000).broken).toBe(true);
    expect(withFailure(40_000).strainIn(0, 25_000).broken).toBe(false);
  });
});

describe('a time against its limit', () => {
  it('is over it on an idle machine', () => {
    const pace = new Pace(new Machine());
    expect(pace.isOver(10_000, 10_000, 0, 10_000)).toBe(false);
    expect(pace.isOver(10_001, 10_000, 0, 10_001)).toBe(true);
    expect(pace.isOverdue(0, 9_999, 10_000)).toBe(false);
    expect(pace.isOverdue(0, 10_000, 10_000)).toBe(true);
    expect(pace.doubt).toBeNull();
  });

  it('is doubted where the machine explains it, and over it where it does not', () => {
    const pace = new Pace(busy(0, 60_000, 3, 250));
    expect(pace.isOver(9_000, 10_000, 0, 9_000)).toBe(false);
    expect(pace.doubt).toBeNull();
    expect(pace.isOver(30_000, 10_000, 0, 30_000)).toBe(false);
    expect(pace.doubt).toBe(
      "1 time is over the limit, and the machine had 3.0 tasks to run for each core and the harness itself was up to 250 ms late: whether that is the stack's doing is not known",
    );
    expect(pace.isOver(30_500, 10_000, 0, 30_500)).toBe(true);
  });

  it('is doubted however long it is where the harness had failed', () => {
    const pace = new Pace(withFailure(40_000));
    expect(pace.isOver(90_000, 10_000, 0, 90_000)).toBe(false);
    expect(pace.doubt).toMatch(/the harness had failed then/);
  });
});

describe('a growth', () => {
  const idle = { slowdown: 1, lateMs: 0, broken: false };
  const grown = (pace: Pace, during: number, steady = idle, outage = idle) =>
    pace.hasGrown({ before: 400, during, factor: 5, slackMs: 2_000, steady, outage });

  it('is one beyond the factor and the slack', () => {
    const pace = new Pace(new Machine());
    expect([grown(pace, 4_000), grown(pace, 4_001)]).toEqual([false, true]);
    expect(pace.doubt).toBeNull();
  });

  it('is doubted where the machine was busier in the outage', () => {
    const pace = new Pace(new Machine());
    const busier = { ...idle, slowdown: 3 };
    expect(grown(pace, 4_001, idle, busier)).toBe(false);
    expect(pace.doubt).toMatch(/3\.0 tasks/);
    // 5 × 400 ms × 3 + 2 s × 3
    expect(grown(new Pace(new Machine()), 12_001, idle, busier)).toBe(true);
  });

  it('is no pass where only a busier steady state makes it look small', () => {
    const pace = new Pace(new Machine());
    expect(grown(pace, 3_500, { ...idle, slowdown: 4 })).toBe(false);
    expect(pace.doubt).toMatch(/4\.0 tasks/);
    const small = new Pace(new Machine());
    expect(grown(small, 2_400, { ...idle, slowdown: 4 })).toBe(false);
    expect(small.doubt).toBeNull();
  });
});
