import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byRun, type Thing } from '../../../../src/stack/docker/leftovers.js';

const NOW_S = 1_800_000_000;

function thing(run: string, name: string, labels: Thing['labels'] = {}, parts: Partial<Thing> = {}): Thing {
  const all = { 'org.nobounce': 'true', 'org.nobounce.run': run, ...labels };
  return {
    kind: 'container',
    id: name,
    name,
    labels: all,
    state: 'running',
    createdS: NOW_S - 600,
    ...parts,
  };
}

function lease(run: string, state: string, createdS = NOW_S - 600): Thing {
  return thing(run, `${run}-lease`, { 'org.nobounce.lease': 'true' }, { state, createdS });
}

describe('whether a run lives', () => {
  it.each([
    ['running', 'living'],
    ['paused', 'living'],
    ['exited', 'dead'],
    ['dead', 'dead'],
    ['removing', 'dead'],
  ] as const)('with a lease that is %s: %s', (state, expected) => {
    const [run] = byRun([thing('a', 'mta'), lease('a', state)], NOW_S);
    expect(run).toMatchObject({ run: 'a', state: expected, isKept: false });
  });

  it.each([
    [1, 'living'],
    [59, 'living'],
    [61, 'dead'],
  ] as const)('with a lease that was made %i s ago and is not held yet: %s', (ageS, expected) => {
    expect(byRun([lease('a', 'created', NOW_S - ageS)], NOW_S)[0]?.state).toBe(expected);
  });

  it('without a lease: no', () => {
    const network = thing('a', 'net', {}, { kind: 'network', state: '' });
    expect(byRun([network, thing('a', 'mta')], NOW_S)[0]?.state).toBe('dead');
  });

  it('without a lease, from a nobounce that took none: nobody knows', () => {
    const old = thing('a', 'mta', { 'org.nobounce.owner': 'host/1/2' });
    expect(byRun([old], NOW_S)[0]?.state).toBe('unknown');
  });

  it('says what was kept on purpose', () => {
    const kept = thing('a', 'mta', { 'org.nobounce.kept': 'true' });
    expect(byRun([kept, lease('a', 'exited')], NOW_S)[0]).toMatchObject({ state: 'dead', isKept: true });
  });

  it('is one run’s own matter: no lease speaks for another run, and nothing is left out', () => {
    const run = fc.record({
      lease: fc.constantFrom('running', 'exited', null),
      containers: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 6 }), fc.integer(), (runs, seed) => {
        const things = runs.flatMap((each, index) => [
          ...Array.from({ length: each.containers }, (_, n) =>
            thing(`r${String(index)}`, `r${String(index)}-${String(n)}`),
          ),
          ...(each.lease === null ? [] : [lease(`r${String(index)}`, each.lease)]),
        ]);
        const mixed = things
          .map((each, n) => ({ each, key: Math.sin(seed + n) }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        const found = byRun(mixed, NOW_S);
        expect(found.flatMap((each) => each.things)).toHaveLength(things.length);
        for (const { run: name, state, things: own } of found) {
          expect(own.every(({ name: thingName }) => thingName.startsWith(`${name}-`))).toBe(true);
          const living = runs[Number(name.slice(1))]?.lease === 'running';
          expect(state).toBe(living ? 'living' : 'dead');
        }
      }),
    );
  });
});
