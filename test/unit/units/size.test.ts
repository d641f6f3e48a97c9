import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  parseSizeBytes,
  parseSizeRange,
  writeSize,
  writeSizeRange,
} from '../../../src/units/size.js';

const UNIT_BYTES = {
  B: 1,
  kB: 1e3,
  KiB: 1_024,
  MB: 1e6,
  MiB: 1_048_576,
  GB: 1e9,
  GiB: 1_073_741_824,
} as const;
const unit = fc.constantFrom('B', 'kB', 'KiB', 'MB', 'MiB', 'GB', 'GiB');
const size = fc.record({ amount: fc.nat(10_000), unit });

describe('a size', () => {
  it('is written as it is read', () => {
    expect([0, 1_000, 1_024, 1_536, 1_048_576].map(writeSize)).toEqual([
      '0 B',
      '1000 B',
      '1 KiB',
      '1536 B',
      '1 MiB',
    ]);
    for (const text of ['2 KiB..64 KiB', '4 KiB', '5 B..1 GiB'])
      expect(writeSizeRange(parseSizeRange(text) ?? { minBytes: 0, maxBytes: 0 })).toBe(text);
  });

  it('is so many of its unit', () => {
    fc.assert(
      fc.property(size, ({ amount, unit: name }) => {
        expect(parseSizeBytes(`${amount} ${name}`)).toBe(amount * UNIT_BYTES[name]);
        expect(parseSizeBytes(`${amount}${name}`)).toBe(amount * UNIT_BYTES[name]);
      }),
    );
  });

  it('is a whole number of bytes', () => {
    fc.assert(
      fc.property(fc.nat(10_000), unit, (thousandths, name) => {
        expect(parseSizeBytes(`${(thousandths / 1_000).toFixed(3)} ${name}`)).toSatisfy(Number.isSafeInteger);
      }),
    );
  });

  it.each(['64', '64 KB', '64 kib', 'KiB', '-1 B', '1 TB', '1 KiB/s', '1e3 B', ''])('%j is none', (text) => {
    expect(parseSizeBytes(text)).toBeUndefined();
  });

  it('is read again as written for people, to a twentieth of the unit shown', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (bytes) => {
        const shown = formatBytes(bytes);
        const read = parseSizeBytes(shown) ?? Number.NaN;
        const unitBytes = [1_073_741_824, 1_048_576, 1_024].find((one) => bytes >= one) ?? 1;
        expect(Math.abs(read - bytes)).toBeLessThanOrEqual(unitBytes === 1 ? 0 : unitBytes * 0.0501);
      }),
    );
  });

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [65_536, '64 KiB'],
    [1_572_864, '1.5 MiB'],
  ])('of %d bytes is written %j', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('a range of sizes', () => {
  it('has both ends, and one size is a range of itself', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [low, high] = [a, b].sort(
          (x, y) => x.amount * UNIT_BYTES[x.unit] - y.amount * UNIT_BYTES[y.unit],
        );
        if (low === undefined || high === undefined) throw new Error('two sizes');
        const minBytes = low.amount * UNIT_BYTES[low.unit];
        const maxBytes = high.amount * UNIT_BYTES[high.unit];
        const range = `${low.amount} ${low.unit}..${high.amount} ${high.unit}`;
        expect(parseSizeRange(range)).toEqual({ minBytes, maxBytes });
        expect(parseSizeRange(`${low.amount} ${low.unit}`)).toEqual({ minBytes, maxBytes: minBytes });
      }),
    );
  });

  it.each(['64 KiB..2 KiB', '2..64 KiB', '2 KiB..', '..2 KiB', '1 B..2 B..3 B', '2 KiB-4 KiB', ''])(
    '%j is none',
    (text) => {
      expect(parseSizeRange(text)).toBeUndefined();
    },
  );
});
