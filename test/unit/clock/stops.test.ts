import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stopsOf } from '../../../src/clock/stops.js';

const HOUR = 3_600_000;

describe('the stops of an advance', () => {
  it('is one jump where nobody sends in bursts', () => {
    expect(stopsOf(0, 12 * HOUR, [])).toEqual([{ byMs: 12 * HOUR, bursts: [] }]);
  });

  it('stops at each burst, and the one at the end belongs to it', () => {
    expect(stopsOf(0, 12 * HOUR, [{ stream: 'inbound', eachMs: 6 * HOUR }])).toEqual([
      { byMs: 6 * HOUR, bursts: ['inbound'] },
      { byMs: 6 * HOUR, bursts: ['inbound'] },
    ]);
  });

  it('goes on where the last advance ended, also between two bursts', () => {
    expect(stopsOf(4 * HOUR, 4 * HOUR, [{ stream: 'inbound', eachMs: 6 * HOUR }])).toEqual([
      { byMs: 2 * HOUR, bursts: ['inbound'] },
      { byMs: 2 * HOUR, bursts: [] },
    ]);
  });

  it('lets streams that are due at one time send together', () => {
    const streams = [
      { stream: 'inbound', eachMs: 6 * HOUR },
      { stream: 'outbound', eachMs: 12 * HOUR },
    ];
    expect(stopsOf(6 * HOUR, 6 * HOUR, streams)).toEqual([
      { byMs: 6 * HOUR, bursts: ['inbound', 'outbound'] },
    ]);
  });

  it('goes all the way, only forward, with each burst once, however it is cut', () => {
    const hours = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(fc.array(hours, { minLength: 1, maxLength: 8 }), hours, (advances, each) => {
        let ahead = 0;
        let bursts = 0;
        for (const advance of advances) {
          const stops = stopsOf(ahead, advance * HOUR, [{ stream: 'inbound', eachMs: each * HOUR }]);
          expect(stops.every(({ byMs }) => byMs > 0)).toBe(true);
          expect(stops.reduce((sum, { byMs }) => sum + byMs, 0)).toBe(advance * HOUR);
          ahead += advance * HOUR;
          bursts += stops.filter((stop) => stop.bursts.length > 0).length;
        }
        expect(bursts).toBe(Math.floor(ahead / (each * HOUR)));
      }),
    );
  });
});
