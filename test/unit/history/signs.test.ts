import { describe, expect, it } from 'vitest';
import { Signs } from '../../../src/history/signs.js';

const SHORTEST_MS = 500;

function heard(...times: readonly number[]): Signs {
  const signs = new Signs(SHORTEST_MS);
  for (const t of times) signs.hear(t);
  return signs;
}

const allow = (edgeMs: number, gapMs = edgeMs) => ({ edgeMs, gapMs });

describe('signs of life', () => {
  it('have no silence where they come often enough', () => {
    const signs = heard(0, 4_000, 8_000);
    expect(signs.silence(0, 8_000, allow(5_000))).toBeNull();
    expect(signs.silence(0, 13_000, allow(5_000))).toBeNull();
    expect(signs.silence(0, 13_001, allow(5_000))).toEqual({ from: 8_000, to: 13_001 });
  });

  it('are silent before the first, between two, and behind the last; the widest one is told', () => {
    const signs = heard(10_000, 18_000, 27_000, 33_000);
    expect(signs.silence(0, 33_000, allow(5_000))).toEqual({ from: 0, to: 10_000 });
    expect(signs.silence(10_000, 33_000, allow(5_000))).toEqual({ from: 18_000, to: 27_000 });
    expect(signs.silence(10_000, 50_000, allow(5_000))).toEqual({ from: 33_000, to: 50_000 });
    expect(signs.silence(10_000, 33_000, allow(9_000))).toBeNull();
    expect(signs.silence(10_000, 24_000, allow(5_000))).toEqual({ from: 10_000, to: 18_000 });
  });

  it('are given other times at the edges than between', () => {
    const signs = heard(6_000, 14_000, 20_000);
    expect(signs.silence(0, 20_000, allow(5_000, 8_000))).toEqual({ from: 0, to: 6_000 });
    expect(signs.silence(0, 20_000, allow(6_000, 8_000))).toBeNull();
    expect(signs.silence(6_000, 26_001, allow(6_000, 8_000))).toEqual({ from: 20_000, to: 26_001 });
    expect(signs.silence(0, 20_000, allow(6_000, 7_000))).toEqual({ from: 6_000, to: 14_000 });
  });

  it('that never came are one silence', () => {
    expect(heard().silence(2_000, 9_000, allow(5_000, 100_000))).toEqual({ from: 2_000, to: 9_000 });
    expect(heard().silence(2_000, 7_000, allow(5_000))).toBeNull();
  });

  it('have a cadence from the second on', () => {
    expect([heard().cadenceMs, heard(7).cadenceMs]).toEqual([0, 0]);
    expect(heard(1_000, 4_000).cadenceMs).toBe(3_000);
    expect(heard(1_000, 2_000, 5_000).cadenceMs).toBe(2_000);
    expect([heard().count, heard(1, 2).count]).toEqual([0, 2]);
  });

  it('cover the time that a visit hung, also where others came meanwhile', () => {
    const signs = heard(0, 12_000);
    signs.hear(30_000, 100);
    expect(signs.silence(0, 30_000, allow(10_000))).toEqual({ from: 12_000, to: 29_900 });
    signs.hear(33_000, 31_500);
    expect(signs.silence(0, 33_000, allow(1_400))).toEqual({ from: 0, to: 1_500 });
    signs.hear(34_000, 33_500);
    expect(signs.silence(0, 33_000, allow(499))).toEqual({ from: 0, to: 500 });
    signs.hear(35_000, 35_000);
    expect(signs.silence(0, 33_000, allow(0))).toBeNull();
  });

  it('begin when what gave the first one began', () => {
    const signs = new Signs(SHORTEST_MS);
    signs.hear(20_000, 15_000);
    expect(signs.silence(0, 20_000, allow(1_000))).toEqual({ from: 0, to: 5_000 });
  });

  it('never make a later end earlier', () => {
    expect(heard(9_000, 3_000).silence(5_000, 15_000, allow(5_000))).toEqual({ from: 9_000, to: 15_000 });
  });

  it('keep no gap that is shorter than the shortest', () => {
    expect(heard(0, 499, 998).silence(0, 998, allow(0))).toBeNull();
    expect(heard(0, 500, 1_000).silence(0, 1_000, allow(0))).toEqual({ from: 0, to: 500 });
  });

  it('are not asked for while it had to hold still, but before and behind', () => {
    const signs = heard(10_000, 45_000);
    signs.excuse(12_000, 40_000);
    expect(signs.silence(10_000, 45_000, allow(7_000))).toBeNull();
    expect(signs.silence(10_000, 45_000, allow(6_999))).toEqual({ from: 10_000, to: 45_000 });
    const tail = heard(0);
    tail.excuse(20_000, 30_000);
    tail.excuse(32_000, 90_000);
    expect(tail.silence(0, 35_000, allow(22_000))).toBeNull();
    expect(tail.silence(0, 35_000, allow(21_999))).toEqual({ from: 0, to: 35_000 });
  });

  it('tell the gap in which most was missed, not the one that was held for long', () => {
    const signs = heard(0, 30_000, 42_000);
    signs.excuse(5_000, 25_000);
    expect(signs.silence(0, 42_000, allow(5_000))).toEqual({ from: 30_000, to: 42_000 });
  });
});
