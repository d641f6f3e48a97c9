import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NewEvent } from '../../../src/history/event.js';
import { watchMachine } from '../../../src/run/machine-watch.js';

const events: NewEvent[] = [];
let stop = (): void => undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
  events.length = 0;
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

function watch(tasks: () => number | null): void {
  stop = watchMachine((event) => events.push(event), tasks);
}

describe('the watch of the machine', () => {
  it('says once a second how many tasks wanted to run for each core', () => {
    let now = 0;
    watch(() => ((now += 1) % 2 === 0 ? 0 : 3 * availableParallelism()));
    vi.advanceTimersByTime(2_000);
    expect(events).toHaveLength(2);
    expect(events[0]).toEqual({ type: 'machine.sampled', lateMs: 0, tasksPerCore: 1.5 });
  });

  it('says by how much its own timer was late', () => {
    watch(() => availableParallelism());
    vi.advanceTimersByTime(500);
    const real = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(real + 700);
    vi.advanceTimersByTime(100);
    clock.mockRestore();
    expect(events).toEqual([{ type: 'machine.sampled', lateMs: 600, tasksPerCore: 1 }]);
  });

  it('says nothing of tasks where the system does not tell', () => {
    watch(() => null);
    vi.advanceTimersByTime(1_000);
    expect(events).toEqual([{ type: 'machine.sampled', lateMs: 0, tasksPerCore: null }]);
  });

  it('ends', () => {
    watch(() => 1);
    stop();
    vi.advanceTimersByTime(5_000);
    expect(events).toEqual([]);
  });
});
