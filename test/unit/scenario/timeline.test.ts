import { describe, expect, it } from 'vitest';
import { scenarioSchema } from '../../../src/scenario/scenario.js';
import { AT_THE_START, brokenAt, takeStep, type Standing } from '../../../src/scenario/timeline.js';
import { validateStep } from '../../../src/scenario/validate.js';

const BED = { volumes: ['gold', 'silver'], hasOutsideMtas: false };

function stepOf(written: object) {
  const [step] = scenarioSchema.shape.timeline.parse([written]);
  if (step === undefined) throw new Error('no step');
  return step;
}

/** Where a timeline stands after these steps; throws where one cannot be taken. */
function after(...steps: readonly object[]): Standing {
  return steps.reduce<Standing>((standing, written, index) => {
    const { standing: next, problems } = takeStep(standing, stepOf(written), index, BED);
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
    return next;
  }, AT_THE_START);
}

function refusals(standing: Standing, written: object): readonly string[] {
  return takeStep(standing, stepOf(written), 9, BED).problems.map(({ message }) => message);
}

const INJECT = { inject: { fault: 'stall', volume: 'gold' } };

describe('a step where a timeline stands so', () => {
  it('breaks what an injection names, each place with a key of its own, and heals it again', () => {
    const broken = after({ inject: { fault: 'stall', volume: 'all' } });
    expect(broken.active.map(({ key }) => key)).toEqual(['stall@gold#1', 'stall@silver#2']);
    expect(brokenAt(broken)).toBe('stall on gold, stall on silver');
    const { planned, standing } = takeStep(broken, stepOf({ heal: { volume: 'gold' } }), 1, BED);
    expect(planned).toMatchObject({ kind: 'heal', step: 1, faults: [{ key: 'stall@gold#1' }] });
    expect(brokenAt(standing)).toBe('stall on silver');
  });

  it('never gives the same key twice, also after a heal', () => {
    const again = after(INJECT, { heal: 'all' }, INJECT);
    expect(again.active.map(({ key }) => key)).toEqual(['stall@gold#2']);
  });

  it.each([
    [AT_THE_START, { hold: '1s' }, 'nothing is broken here'],
    [AT_THE_START, { heal: 'all' }, 'what is broken at this point is: nothing'],
    [AT_THE_START, { inject: { fault: 'stall', volume: 'gould' } }, 'did you mean "gold"?'],
    [AT_THE_START, { inject: { fault: 'mx-closed' } }, 'needs correspondents that keep mail'],
    [after(INJECT), INJECT, 'stall is still active on gold'],
    [after(INJECT), { heal: { volume: 'silver' } }, 'broken at this point is: stall on gold'],
    [after({ settle: '1s' }), { steady: '1s' }, '`settle` ends a run'],
  ])('is refused where it cannot follow: %#', (standing, written, reason) => {
    expect(refusals(standing, written).join()).toContain(reason);
  });
});

describe('validateStep', () => {
  it('reads a step as a file would have it', () => {
    expect(validateStep({ hold: '90s' })).toEqual({ ok: true, step: { hold: 90_000 } });
  });

  it.each([
    [{ hold: 5_000 }, 'unit'],
    [{ hold: '5s', steady: '5s' }, 'a step has one key'],
    [{ injekt: {} }, 'did you mean "inject"?'],
    [{ inject: { fault: 'stall', vol: 'gold' } }, '"vol"'],
    ['hold', 'is no step'],
    [null, 'is no step'],
  ])('says what is wrong with %j', (written, reason) => {
    const validation = validateStep(written);
    if (validation.ok) throw new Error('it was taken');
    expect(validation.reasons.join()).toContain(reason);
  });
});
