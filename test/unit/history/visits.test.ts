import { expect, it } from 'vitest';
import { VisitCount } from '../../../src/history/visits.js';
import { Fold } from '../../../src/history/fold.js';
import { SILVER, Tale } from '../../support/tale.js';

function folded(tale: Tale): Fold {
  const fold = new Fold();
  for (const event of tale.events) fold.see(event);
  return fold;
}

const BAD = [{ step: 'connect', outcome: 'closed', code: null, text: '', ms: 1 }] as const;
const silver = { mailbox: SILVER, volume: 'silver' };
const counted = ({ visits, good }: VisitCount) => [visits, good];

it('visits count for their volume: before the first fault, while another volume is broken, when all is well again', () => {
  const { visits } = folded(
    new Tale()
      .fault({ injected: 10, felt: 20, healed: 30, gone: 40 })
      .visit(5)
      .visit(5, { ...silver, steps: [...BAD] })
      .visit(15, silver)
      .visit(25)
      .visit(25, silver)
      .visit(26, { ...silver, steps: [...BAD] })
      .visit(35, silver)
      .visit(50_000)
      .visit(50_000, { ...silver, steps: [...BAD] }),
  );
  expect(visits.volumes).toEqual(['gold', 'silver']);
  const told = (volume: string) =>
    [visits.on(volume).steady, visits.on(volume).outage, visits.on(volume).recovered].map(counted);
  expect(told('gold')).toEqual([
    [1, 1],
    [0, 0],
    [1, 1],
  ]);
  expect(told('silver')).toEqual([
    [1, 0],
    [2, 1],
    [1, 0],
  ]);
  expect(told('iron').flat()).toEqual([0, 0, 0, 0, 0, 0]);
});

it('a visit that began before the fault was gone shows nothing of what came after', () => {
  const slow = [{ step: 'connect', outcome: 'ok', code: null, text: '', ms: 20 }] as const;
  const tale = new Tale().fault({ injected: 10, felt: 20, healed: 30, gone: 40 });
  const { visits } = folded(tale.visit(60, { steps: [...slow] }).visit(61, { steps: [...slow] }));
  expect(counted(visits.on('gold').recovered)).toEqual([1, 1]);
});

it('the times of good visits are kept, and added up', () => {
  const one = new VisitCount();
  one.add(true, 5);
  one.add(false, 9_000);
  const other = new VisitCount();
  other.add(true, 3);
  expect(VisitCount.sum([one, other])).toEqual({ visits: 3, good: 2, goodMs: [5, 3] });
});
