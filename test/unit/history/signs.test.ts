import { describe, expect, it } from 'vitest';
import { Debt, Signs } from '../../../src/history/signs.js';

const heard = (kind: 'queue' | 'readers', times: readonly number[]): Signs => {
  const signs = new Signs(kind, 'mta');
  for (const t of times) signs.hear(t);
  return signs;
};

describe('signs of life', () => {
  it('have no silence where they come often enough', () => {
    const signs = heard('queue', [0, 4_000, 8_000]);
    expect(signs.firstAt).toBe(0);
    expect(signs.silence(0, 8_000, 5_000)).toBeNull();
    expect(signs.silence(0, 13_000, 5_000)).toBeNull();
    expect(signs.silence(0, 13_001, 5_000)).toEqual({ from: 8_000, to: 13_001 });
  });

  it('are silent before the first, between two, and behind the last; the widest one is told', () => {
    const signs = heard('queue', [10_000, 18_000, 27_000, 33_000]);
    expect(signs.silence(0, 33_000, 5_000)).toEqual({ from: 0, to: 10_000 });
    expect(signs.silence(10_000, 33_000, 5_000)).toEqual({ from: 18_000, to: 27_000 });
    expect(signs.silence(10_000, 50_000, 5_000)).toEqual({ from: 33_000, to: 50_000 });
    expect(signs.silence(10_000, 33_000, 9_000)).toBeNull();
    expect(signs.silence(10_000, 24_000, 5_000)).toEqual({ from: 10_000, to: 18_000 });
  });

  it('that never came are one silence', () => {
    const signs = new Signs('queue', 'mta');
    expect(signs.firstAt).toBeNull();
    expect(signs.silence(2_000, 9_000, 5_000)).toEqual({ from: 2_000, to: 9_000 });
    expect(signs.silence(2_000, 6_000, 5_000)).toBeNull();
  });

  it('cover the time that a visit hung, also where others came meanwhile', () => {
    const signs = heard('readers', [0]);
    signs.hear(12_000);
    signs.hear(30_000, 100);
    expect(signs.silence(0, 30_000, 10_000)).toEqual({ from: 12_000, to: 29_900 });
    signs.hear(33_000, 31_500);
    expect(signs.silence(0, 33_000, 1_400)).toEqual({ from: 0, to: 1_500 });
    signs.hear(34_000, 33_500);
    expect(signs.silence(0, 33_000, 400)).toEqual({ from: 0, to: 500 });
    signs.hear(35_000, 35_000);
    expect(signs.silence(0, 33_000, 0)).toBeNull();
  });

  it('never make a later end earlier', () => {
    const signs = heard('queue', [9_000, 3_000]);
    expect(signs.silence(9_000, 15_000, 5_000)).toEqual({ from: 9_000, to: 15_000 });
  });

  it('are not asked for while it had to hold still, but up to then', () => {
    const signs = new Signs('readers', '');
    signs.excuse(0, 9_000);
    expect(signs.firstAt).toBeNull();
    signs.hear(10_000);
    signs.excuse(12_000, 40_000);
    signs.hear(45_000);
    expect(signs.silence(10_000, 45_000, 10_000)).toBeNull();
    expect(signs.silence(10_000, 45_000, 4_000)).toEqual(null);
    const late = heard('readers', [0]);
    late.excuse(20_000, 30_000);
    late.excuse(25_000, 28_000);
    expect(late.silence(0, 35_000, 4_000)).toEqual({ from: 0, to: 20_000 });
  });

  it('may stay away for ten cadences, five seconds at least, ten of who has to travel', () => {
    expect(heard('queue', []).allowedMs()).toBe(5_000);
    expect(heard('queue', [7_000]).allowedMs()).toBe(5_000);
    expect(heard('queue', [0, 400, 800]).allowedMs()).toBe(5_000);
    expect(heard('queue', [1_000, 3_000, 5_000]).allowedMs()).toBe(20_000);
    expect(heard('readers', [0, 100]).allowedMs()).toBe(10_000);
    expect(heard('readers', [0, 100]).allowedMs(2_500)).toBe(25_000);
  });

  it('may stay away for as long as the source said itself', () => {
    const signs = heard('queue', [0]);
    signs.deadlineMs = 700;
    signs.hear(1_000);
    signs.hear(1_400);
    expect(signs.allowedMs()).toBe(700);
    expect(signs.silence(0, 1_400, signs.allowedMs())).toEqual({ from: 0, to: 1_000 });
  });
});

describe('what another source told of', () => {
  it('is owed until the source records something, and for the grace that it has', () => {
    const debt = new Debt();
    expect(debt.lastAt).toBe(-Infinity);
    expect(debt.silence(100_000, 5_000)).toBeNull();
    debt.pay(1_000, 5_000);
    expect(debt.lastAt).toBe(1_000);
    debt.owe(2_000);
    debt.owe(4_000);
    expect(debt.silence(7_000, 5_000)).toBeNull();
    expect(debt.silence(7_001, 5_000)).toEqual({ from: 1_000, to: 7_001 });
    debt.pay(7_000, 5_000);
    expect(debt.silence(90_000, 5_000)).toBeNull();
  });

  it('that came too late is remembered, the widest of it', () => {
    const debt = new Debt();
    debt.owe(2_000);
    debt.pay(9_000, 5_000);
    expect(debt.silence(9_000, 5_000)).toEqual({ from: 2_000, to: 9_000 });
    debt.owe(10_000);
    debt.pay(16_000, 5_000);
    expect(debt.silence(16_000, 5_000)).toEqual({ from: 2_000, to: 9_000 });
    debt.owe(17_000);
    expect(debt.silence(22_500, 5_000)).toEqual({ from: 2_000, to: 9_000 });
    expect(debt.silence(23_000, 5_000)).toEqual({ from: 2_000, to: 9_000 });
    expect(debt.silence(23_001, 5_000)).toEqual({ from: 16_000, to: 23_001 });
  });

  it('is forgiven where it could not be shown', () => {
    const debt = new Debt();
    debt.owe(2_000);
    debt.forgive();
    expect(debt.silence(90_000, 5_000)).toBeNull();
  });
});
