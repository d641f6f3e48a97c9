import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NewEvent } from '../../../src/history/event.js';
import { Heartbeats } from '../../../src/run/heartbeats.js';

const events: NewEvent[] = [];
const silent: string[] = [];
let heartbeats: Heartbeats;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
  events.length = 0;
  silent.length = 0;
  heartbeats = new Heartbeats(
    (event) => events.push(event),
    (source, error) => silent.push(`${source}: ${error.message}`),
  );
});

afterEach(() => {
  heartbeats.close();
  vi.useRealTimers();
});

const queue = { kind: 'queue', subject: 'mta', deadlineMs: 5_000 } as const;
const outside = { kind: 'outside', subject: '', deadlineMs: 5_000 } as const;

describe('a source', () => {
  it('says when it begins, that it lives, with what it has seen, and when it is stopped', () => {
    const source = heartbeats.start(queue);
    source.alive(3);
    vi.advanceTimersByTime(2_000);
    source.alive();
    source.alive(2);
    source.ended();
    expect(events).toEqual([
      { type: 'source.started', source: 'queue:mta', kind: 'queue', subject: 'mta', deadlineMs: 5_000 },
      { type: 'source.alive', source: 'queue:mta', seen: 3 },
      { type: 'source.ended', source: 'queue:mta', seen: 5 },
    ]);
  });

  it('says that it lives no more often than needed', () => {
    const source = heartbeats.start(outside);
    for (let ms = 0; ms < 10_000; ms += 100) {
      vi.advanceTimersByTime(100);
      source.alive(1);
    }
    expect(events.filter(({ type }) => type === 'source.alive')).toHaveLength(5);
    expect(silent).toEqual([]);
  });

  it('that is silent for longer than its deadline is told once', () => {
    heartbeats.start(queue);
    vi.advanceTimersByTime(5_000);
    expect(silent).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(silent).toEqual(['queue:mta: nothing was heard of it for 5.5 s']);
  });

  it('that was stopped is waited for no more, and not heard any more', () => {
    const source = heartbeats.start(queue);
    source.ended();
    source.ended();
    source.alive(1);
    vi.advanceTimersByTime(60_000);
    expect(silent).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['source.started', 'source.ended']);
  });

  it('is held to its own deadline, whatever the others say', () => {
    heartbeats.start(queue);
    const other = heartbeats.start(outside);
    for (let ms = 0; ms < 8_000; ms += 500) {
      vi.advanceTimersByTime(500);
      other.alive(1);
    }
    expect(silent).toEqual(['queue:mta: nothing was heard of it for 5.5 s']);
  });

  it('is not blamed for a harness that stood still', () => {
    const source = heartbeats.start(queue);
    vi.advanceTimersByTime(2_000);
    // As after SIGSTOP: the clock has gone on, and no timer has come.
    vi.setSystemTime(Date.now() + 60_000);
    const now = performance.now() + 60_000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    vi.advanceTimersByTime(500);
    expect(silent).toEqual([]);
    source.alive(1);
    vi.restoreAllMocks();
  });
});
