import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeError, NobounceError } from '../../../src/errors/errors.js';
import { Ending, StackDied } from '../../../src/run/ending.js';
import type { ServiceDeath } from '../../../src/stack/stack.js';

let failures: string[];
let interrupt: AbortController;
let ending: Ending;

beforeEach(() => {
  vi.useFakeTimers();
  failures = [];
  interrupt = new AbortController();
  ending = new Ending(interrupt.signal, (what, error) => failures.push(`${what}: ${describeError(error)}`));
});
afterEach(() => {
  ending.close();
  vi.useRealTimers();
});

function death(service: string, role: ServiceDeath['role'], cause: ServiceDeath['cause']): ServiceDeath {
  return { service, role, cause, exitCode: 1 };
}

describe('a service that ends', () => {
  it.each([
    ['store', 'itself'],
    ['mta', 'itself'],
    ['array', 'out-of-memory'],
  ] as const)(
    'by the stack’s own doing (%s, %s) ends the run and is no failure of the harness',
    (role, cause) => {
      ending.died(death(role, role, cause));
      expect(ending.signal.aborted).toBe(true);
      expect(ending.cause).toBeInstanceOf(StackDied);
      expect(failures).toEqual([]);
    },
  );

  it.each([
    ['store', 'killed'],
    ['mta', 'unknown'],
    ['toxiproxy', 'itself'],
    ['outside', 'itself'],
    ['outside-mta', 'out-of-memory'],
  ] as const)('by somebody else’s doing (%s, %s) is a failure that names it', (role, cause) => {
    ending.died(death('it', role, cause));
    expect(ending.cause).toBeInstanceOf(NobounceError);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain('the service it');
    expect(failures[0]).toContain('exit code 1');
  });

  it('explains the streams that ended with it', () => {
    ending.streamBroke('queue watch', new Error('ended'));
    vi.advanceTimersByTime(500);
    ending.died(death('mta', 'mta', 'itself'));
    vi.advanceTimersByTime(60_000);
    ending.close();
    expect(failures).toEqual([]);
  });
});

describe('a stream that ends', () => {
  it('is a failure when nothing explains it in time', () => {
    ending.streamBroke('queue watch', new Error('the socket is gone'));
    vi.advanceTimersByTime(999);
    expect(ending.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(ending.signal.aborted).toBe(true);
    expect(failures).toEqual(['queue watch: the socket is gone']);
  });

  it('is not forgotten where the run is over before that', () => {
    ending.streamBroke('queue watch', new Error('the socket is gone'));
    ending.close();
    expect(failures).toEqual(['queue watch: the socket is gone']);
    expect(ending.cause?.message).toContain('the socket is gone');
  });

  it('is as it should be once the run is over', () => {
    ending.close();
    ending.streamBroke('queue watch', new Error('stopped'));
    ending.broke('probe', new Error('stopped'));
    vi.advanceTimersByTime(60_000);
    expect(failures).toEqual([]);
    expect(ending.cause).toBeNull();
  });
});

describe('what ends a run', () => {
  it('is the first reason alone', () => {
    ending.broke('queue:mta', new Error('silent'));
    ending.broke('log:mta', new Error('silent'));
    ending.died(death('mta', 'mta', 'itself'));
    expect(failures).toEqual(['queue:mta: silent']);
    expect(ending.cause?.message).toBe('queue:mta: silent');
    expect(ending.wasInterrupted).toBe(false);
  });

  it('is the interruption where that came first', () => {
    interrupt.abort();
    ending.broke('queue:mta', new Error('silent'));
    expect(ending.signal.aborted).toBe(true);
    expect(ending.cause).toBeNull();
    expect(ending.wasInterrupted).toBe(true);
    expect(failures).toEqual([]);
  });
});
