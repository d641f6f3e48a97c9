import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBytesPerSecond, parseRatePerSecond, writeRate } from '../../../src/units/rate.js';
import { parseSizeBytes } from '../../../src/units/size.js';

const UNIT_S = { ms: 0.001, s: 1, m: 60, min: 60, h: 3_600, d: 86_400 } as const;

describe('a rate', () => {
  it('is written as it is read', () => {
    for (const text of ['5/s', '0.5/s', '1.5/s', '1/m', '7/h', '4/d', '1/7d'])
      expect(writeRate(parseRatePerSecond(text) ?? NaN)).toBe(text);
    for (const text of ['1/6h', '3/7s', '10000/s'])
      expect(parseRatePerSecond(writeRate(parseRatePerSecond(text) ?? NaN))).toBeCloseTo(
        parseRatePerSecond(text) ?? NaN,
        10,
      );
  });

  it('is so many in its period, whether or not the period has a number', () => {
    const unit = fc.constantFrom('ms', 's', 'm', 'min', 'h', 'd');
    fc.assert(
      fc.property(fc.nat(1_000), fc.integer({ min: 1, max: 100 }), unit, (count, periods, name) => {
        const perOne = count / UNIT_S[name];
        expect(parseRatePerSecond(`${count}/${name}`)).toBeCloseTo(perOne, 6);
        expect(parseRatePerSecond(`${count} / ${periods} ${name}`)).toBeCloseTo(perOne / periods, 6);
      }),
    );
  });

  it.each([
    ['5/s', 5],
    ['90/m', 1.5],
    ['1/6h', 1 / 21_600],
    ['0.5/s', 0.5],
    ['0/s', 0],
  ])('%j is %d a second', (text, perSecond) => {
    expect(parseRatePerSecond(text)).toBeCloseTo(perSecond, 9);
  });

  it.each(['5', '5/', '/s', '5/0s', '5/s/s', '-5/s', '5 per s', '5s', ''])('%j is none', (text) => {
    expect(parseRatePerSecond(text)).toBeUndefined();
  });
});

describe('a throughput', () => {
  it('is its size a second', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.constantFrom('B', 'kB', 'KiB', 'MB'), (amount, unit) => {
        const size = `${amount} ${unit}`;
        expect(parseBytesPerSecond(`${size}/s`)).toBe(parseSizeBytes(size));
        expect(parseBytesPerSecond(`${size} / s`)).toBe(parseSizeBytes(size));
      }),
    );
  });

  it.each(['64 KiB', '64/s', '64 KiB/m', '64 KiB/2s', '/s'])('%j is none', (text) => {
    expect(parseBytesPerSecond(text)).toBeUndefined();
  });
});
