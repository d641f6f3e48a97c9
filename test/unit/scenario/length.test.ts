import { expect, it } from 'vitest';
import { lengthOf, lengthText } from '../../../src/scenario/length.js';

it('a scenario says how long it takes, settles, and stands for', () => {
  const timeline = [
    { steady: 5_000 },
    { inject: { fault: 'stall', volume: ['gold'] } },
    { hold: 15_000 },
    { advance: 86_400_000 },
    { heal: 'all' },
    { settle: 60_000 },
  ] as const;
  expect(lengthText(lengthOf({ timeline: [{ hold: 15_000 }] }))).toBe('15 s');
  const whole = lengthOf({ timeline: timeline.flatMap((step) => ('inject' in step ? [] : [step])) });
  expect(whole).toEqual({ steadyAndHoldMs: 20_000, settleMs: 60_000, advanceMs: 86_400_000, advances: 1 });
  expect(lengthText(whole)).toBe(
    '20 s, once some seconds for the clocks, up to 1 min to settle; stands for 1 d',
  );
});
