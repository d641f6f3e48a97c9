import { describe, expect, it } from 'vitest';
import { TimeTravel } from '../../../src/clock/travel.js';
import type { NewEvent } from '../../../src/history/event.js';
import type { StackClocks } from '../../../src/stack/stack.js';

const WALL = 1_790_000_000_000;
const DAY = 86_400_000;

/** Clocks of two services, each off by what `errors` says. */
function clocks(errors: Readonly<Record<string, number>>): StackClocks {
  let ahead = 0;
  return {
    advance: (totalAheadMs) => {
      ahead = totalAheadMs;
      return Promise.resolve();
    },
    read: () =>
      Promise.resolve(
        Object.entries(errors).map(([service, error]) => ({ service, epochMs: WALL + ahead + error })),
      ),
  };
}

function travelWith(errors: Readonly<Record<string, number>>) {
  const events: NewEvent[] = [];
  const log = {
    record: (event: NewEvent) => {
      events.push(event);
    },
    advanceSim: (byMs: number) => {
      events.push({ type: 'clock.advanced', byMs });
    },
  };
  return { events, travel: new TimeTravel(clocks(errors), log, () => WALL) };
}

describe('time travel', () => {
  it('writes each jump down, and what each clock showed behind it', async () => {
    const { events, travel } = travelWith({ mta: 0, store: -300 });
    await travel.jump(DAY);
    await travel.jump(DAY / 2);
    expect(travel.aheadMs).toBe(1.5 * DAY);
    expect(events).toEqual([
      { type: 'clock.advanced', byMs: DAY },
      { type: 'clock.read', service: 'mta', clock: WALL + DAY, errorMs: 0 },
      { type: 'clock.read', service: 'store', clock: WALL + DAY - 300, errorMs: -300 },
      { type: 'clock.advanced', byMs: DAY / 2 },
      { type: 'clock.read', service: 'mta', clock: WALL + 1.5 * DAY, errorMs: 0 },
      { type: 'clock.read', service: 'store', clock: WALL + 1.5 * DAY - 300, errorMs: -300 },
    ]);
  });

  it('fails by the name of the service that did not feel the jump, with its error written down', async () => {
    const { events, travel } = travelWith({ mta: 0, store: -DAY });
    await expect(travel.jump(DAY)).rejects.toThrow('store is -1 d off');
    expect(events.at(-1)).toMatchObject({ type: 'clock.read', service: 'store', errorMs: -DAY });
  });

  it('fails where there is no clock to read', async () => {
    await expect(travelWith({}).travel.jump(DAY)).rejects.toThrow('no service has a clock');
  });

  it('never goes back', async () => {
    const { events, travel } = travelWith({ mta: 0 });
    await expect(travel.jump(-1)).rejects.toThrow(RangeError);
    await expect(travel.jump(Number.NaN)).rejects.toThrow(RangeError);
    expect(events).toEqual([]);
  });
});
