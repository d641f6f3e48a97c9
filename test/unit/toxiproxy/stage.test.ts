import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Stage } from '../../../src/toxiproxy/stage.js';
import type { Ending, Toxic } from '../../../src/toxiproxy/toxics/toxic.js';
import { toxicType } from '../../../src/toxiproxy/toxics/registry.js';

/** One toxic alone, with a clock of our own. */
class Bench {
  readonly passed: string[] = [];
  readonly passedAtMs: number[] = [];
  heldBytes = 0;
  ending: Ending | undefined;
  cuts = 0;
  readonly stage: Stage;

  constructor(toxic: Toxic) {
    this.stage = new Stage(
      {
        hold: (bytes) => {
          this.heldBytes += bytes;
        },
        cutBefore: () => {
          this.cuts++;
        },
      },
      {
        push: (bytes) => {
          this.passed.push(String(bytes));
          this.passedAtMs.push(performance.now());
        },
        finish: (ending) => {
          this.ending = ending;
        },
      },
    );
    this.stage.run(toxic);
  }

  send(text: string): void {
    this.stage.push(Buffer.from(text), performance.now());
  }
}

function toxic(type: string, attributes: Readonly<Record<string, number>>): Toxic {
  const kind = toxicType(type);
  if (kind === undefined) throw new Error(`no toxic ${type}`);
  return kind.create({
    integer: (name) => attributes[name] ?? 0,
    refuse: (reason) => new Error(reason),
  });
}

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  });
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('latency', () => {
  it('delays each chunk from when it was read', () => {
    const bench = new Bench(toxic('latency', { latency: 100 }));
    const startMs = performance.now();
    bench.send('a');
    vi.advanceTimersByTime(60);
    bench.send('b');
    bench.stage.finish('end');
    vi.advanceTimersByTime(39);
    expect(bench.passed).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(bench.passedAtMs.map((ms) => ms - startMs)).toEqual([100, 160]);
    expect(bench.ending).toBe('end');
    expect(bench.heldBytes).toBe(0);
  });

  it('waits longer than one timer can', () => {
    const bench = new Bench(toxic('latency', { latency: 2 ** 33 }));
    bench.send('a');
    vi.advanceTimersByTime(2 ** 33 - 1);
    expect(bench.passed).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(bench.passed).toEqual(['a']);
  });

  it('keeps the order, and its jitter within bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), (latency, jitter) => {
        const bench = new Bench(toxic('latency', { latency, jitter }));
        const startMs = performance.now();
        for (const text of 'abcdefgh') bench.send(text);
        vi.advanceTimersByTime(latency + jitter);
        expect(bench.passed.join('')).toBe('abcdefgh');
        for (const ms of bench.passedAtMs) expect(ms - startMs).toBeGreaterThanOrEqual(latency - jitter);
      }),
    );
  });
});

describe('bandwidth', () => {
  it('lets through what the rate allows, in portions', () => {
    const bench = new Bench(toxic('bandwidth', { rate: 1 }));
    bench.send('x'.repeat(250));
    vi.advanceTimersByTime(99);
    expect(bench.passed).toEqual([]);
    vi.advanceTimersByTime(151);
    expect(bench.passed.map((text) => text.length)).toEqual([100, 100, 50]);
  });

  it('holds everything at rate 0 without a timer, and flows on at a new rate', () => {
    const bench = new Bench(toxic('bandwidth', { rate: 0 }));
    bench.send('x'.repeat(100));
    bench.stage.finish('end');
    vi.advanceTimersByTime(1_000_000);
    expect(bench.passed).toEqual([]);
    bench.stage.run(toxic('bandwidth', { rate: 10 }));
    vi.advanceTimersByTime(10);
    expect(bench.passed.join('')).toHaveLength(100);
    expect(bench.ending).toBe('end');
  });
});

describe('slow_close', () => {
  it('delays only the end', () => {
    const bench = new Bench(toxic('slow_close', { delay: 50 }));
    bench.send('a');
    bench.stage.finish('close');
    expect(bench.passed).toEqual(['a']);
    vi.advanceTimersByTime(49);
    expect(bench.ending).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(bench.ending).toBe('close');
  });
});

describe('timeout', () => {
  it('starts its time anew with every chunk, as the original does', () => {
    const bench = new Bench(toxic('timeout', { timeout: 50 }));
    for (let i = 0; i < 3; i++) {
      vi.advanceTimersByTime(40);
      bench.send('a');
    }
    expect(bench.cuts).toBe(0);
    vi.advanceTimersByTime(50);
    expect(bench).toMatchObject({ cuts: 1, ending: 'close', passed: [], heldBytes: 0 });
    expect(bench.stage.hasHole).toBe(true);
  });

  it('passes the end of the stream', () => {
    const bench = new Bench(toxic('timeout', { timeout: 0 }));
    bench.send('a');
    bench.stage.finish('end');
    expect(bench).toMatchObject({ ending: 'end', passed: [] });
  });
});

describe('reset_peer', () => {
  it.each([
    (bench: Bench) => {
      bench.send('a');
    },
    (bench: Bench) => {
      bench.stage.finish('end');
    },
  ])('resets some time after the first data or the end', (stir) => {
    const bench = new Bench(toxic('reset_peer', { timeout: 30 }));
    vi.advanceTimersByTime(100);
    stir(bench);
    vi.advanceTimersByTime(29);
    expect(bench.ending).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(bench).toMatchObject({ ending: 'reset', passed: [], cuts: 1, heldBytes: 0 });
  });

  it('gives back what it held when it goes', () => {
    const bench = new Bench(toxic('reset_peer', { timeout: 30 }));
    bench.send('a');
    bench.send('b');
    bench.stage.release();
    expect(bench.passed).toEqual(['a', 'b']);
  });
});

describe('limit_data', () => {
  it('passes exactly so many bytes and then closes, counting on through changes', () => {
    const bench = new Bench(toxic('limit_data', { bytes: 5 }));
    bench.send('abc');
    bench.stage.run(toxic('limit_data', { bytes: 7 }));
    bench.send('defghij');
    expect(bench.passed.join('')).toBe('abcdefg');
    expect(bench.ending).toBe('close');
    bench.send('k');
    expect(bench.heldBytes).toBe(0);
  });

  it('closes at the next data when it is already exceeded', () => {
    const bench = new Bench(toxic('limit_data', { bytes: 5 }));
    bench.send('abc');
    bench.stage.run(toxic('limit_data', { bytes: 1 }));
    expect(bench.ending).toBeUndefined();
    bench.send('d');
    expect(bench).toMatchObject({ ending: 'close', passed: ['abc'] });
  });
});

describe('slicer', () => {
  it('cuts within its bounds and keeps every byte', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat({ max: 40 }),
        fc.nat({ max: 3_000 }),
        (size, vary, length) => {
          const variation = Math.min(size, vary);
          const bench = new Bench(
            toxic('slicer', { average_size: size, size_variation: variation, delay: 100 }),
          );
          const text = Array.from({ length }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
          if (text !== '') bench.send(text);
          vi.runAllTimers();
          expect(bench.passed.join('')).toBe(text);
          for (const piece of bench.passed) expect(piece.length).toBeLessThanOrEqual(size + variation);
        },
      ),
    );
  });

  it('yields to others while it cuts a large chunk into single bytes', () => {
    const bench = new Bench(toxic('slicer', { average_size: 1 }));
    bench.send('x'.repeat(1_000));
    expect(bench.passed.length).toBeLessThan(1_000);
    vi.runAllTimers();
    expect(bench.passed).toHaveLength(1_000);
  });

  it('waits after each piece, on the whole as long as it says', () => {
    const bench = new Bench(toxic('slicer', { average_size: 1, delay: 250 }));
    const startMs = performance.now();
    bench.send('x'.repeat(400));
    vi.runAllTimers();
    expect((bench.passedAtMs.at(-1) ?? 0) - startMs).toBeGreaterThanOrEqual(95);
  });
});

describe('any toxic', () => {
  it('can be replaced and released at any moment without losing, doubling or reordering a byte', () => {
    const keeping = fc.constantFrom(
      toxic('noop', {}),
      toxic('latency', { latency: 20, jitter: 15 }),
      toxic('bandwidth', { rate: 1 }),
      toxic('bandwidth', { rate: 0 }),
      toxic('slicer', { average_size: 3, size_variation: 2, delay: 1_500 }),
      toxic('reset_peer', { timeout: 1_000_000 }),
      toxic('slow_close', { delay: 10 }),
    );
    const step = fc.oneof(
      fc.integer({ min: 1, max: 60 }),
      fc.nat({ max: 30 }).map((ms) => ({ ms })),
      keeping,
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const bench = new Bench(toxic('noop', {}));
        let sent = '';
        for (const one of steps) {
          if (typeof one === 'number') {
            const text = Array.from({ length: one }, (_, i) =>
              String.fromCharCode(33 + ((sent.length + i) % 90)),
            ).join('');
            sent += text;
            bench.send(text);
          } else if ('ms' in one) vi.advanceTimersByTime(one.ms);
          else bench.stage.run(one);
        }
        bench.stage.finish('end');
        bench.stage.release();
        expect(bench.passed.join('')).toBe(sent);
        expect(bench).toMatchObject({ heldBytes: 0, ending: 'end' });
      }),
    );
  });
});
