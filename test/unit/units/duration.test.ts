import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDurationMs,
  formatMinutesMs,
  parseDurationMs,
  writeDuration,
} from '../../../src/units/duration.js';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const unit = fc.constantFrom('ms', 's', 'm', 'min', 'h', 'd');

/** Adds up what was written in several parts, such as `4 min 10 s`. */
function parsePartsMs(text: string): number {
  const parts = text.match(/[\d.]+ [a-z]+/g) ?? [];
  return parts.reduce((sum, part) => sum + (parseDurationMs(part) ?? Number.NaN), 0);
}

describe('a duration', () => {
  it('is written as it is read', () => {
    expect([1_250, 15_000, 388_800_000, 0, 0.5].map(writeDuration)).toEqual([
      '1250ms',
      '15s',
      '4.5d',
      '0ms',
      '0.5ms',
    ]);
    fc.assert(
      fc.property(fc.nat(40_000_000_000), (ms) => {
        expect(parseDurationMs(writeDuration(ms))).toBe(ms);
      }),
    );
  });

  it('is so many of its unit, with or without blanks', () => {
    fc.assert(
      fc.property(fc.nat(100_000), unit, fc.constantFrom('', ' ', '  '), (amount, name, gap) => {
        expect(parseDurationMs(` ${amount}${gap}${name} `)).toBe(amount * UNIT_MS[name]);
      }),
    );
  });

  it('with a decimal point is whole where a person wrote something whole', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (ms) => {
        expect(parseDurationMs(`${(ms / 1_000).toFixed(3)}s`)).toBe(ms);
      }),
    );
  });

  it.each(['30', '', 's', '-1s', '1 s s', '1.s', '.5s', '1e3s', '5 sec', '1,5s', '5S', '1 m 2 s', '∞s'])(
    '%j is none',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it('is never read out of text without a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(parseDurationMs(String(number))).toBeUndefined();
      }),
    );
  });
});

describe('a duration as written for people', () => {
  it('is read again as what it was, to the precision that it shows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 * 86_400_000 }), (ms) => {
        const shown = formatDurationMs(ms);
        // Two parts at most: what is left out is less than one of the smaller part.
        const smallest = shown.match(/[a-z]+/g)?.at(-1) ?? '';
        const slackMs = { ms: 1, s: ms < 60_000 ? 51 : 501, min: 60_500, h: 3_600_500, d: 86_400_500 }[
          smallest
        ];
        expect(Math.abs(parsePartsMs(shown) - ms)).toBeLessThanOrEqual(slackMs ?? 0);
      }),
    );
  });

  it('is the same again when what was read is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 * 86_400_000 }), (ms) => {
        const shown = formatDurationMs(ms);
        expect(formatDurationMs(parsePartsMs(shown))).toBe(shown);
      }),
    );
  });

  it.each([
    [0, '0 ms'],
    [0.25, '0.25 ms'],
    [850, '850 ms'],
    [999.7, '1 s'],
    [6_240, '6.2 s'],
    [59_960, '1 min'],
    [250_000, '4 min 10 s'],
    [43_200_000, '12 h'],
    [388_800_000, '4 d 12 h'],
    [3_599_999, '1 h'],
    [-1_500, '-1.5 s'],
    [Number.POSITIVE_INFINITY, 'forever'],
  ])('%d ms is %j', (ms, text) => {
    expect(formatDurationMs(ms)).toBe(text);
  });
});

it.each([
  [0, '0 min'],
  [59_999, '0 min'],
  [119_999, '1 min'],
  [388_830_000, '4 d 12 h'],
])('%d ms is %j to the minute', (ms, text) => {
  expect(formatMinutesMs(ms)).toBe(text);
});
