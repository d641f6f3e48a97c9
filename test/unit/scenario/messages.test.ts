import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { NobounceError } from '../../../src/errors/errors.js';
import { parseScenario } from '../../../src/scenario/load.js';

const good = readFileSync('scenarios/vendor-os-bug.yaml', 'utf8');
const INJECT = 'inject: { fault: vendor-os-bug, volume: gold, errno: EIO, operations: [write, fsync] }';

function problems(source: string): readonly string[] {
  try {
    parseScenario(source, 'x.yaml');
    return [];
  } catch (error) {
    if (error instanceof NobounceError && error.kind === 'usage') return error.message.split('\n');
    throw error;
  }
}

const changed = (from: string, to: string): readonly string[] => {
  if (!good.includes(from)) throw new Error(`the scenario has no ${from}`);
  return problems(good.replace(from, to)).map((line) => line.replace(/^x\.yaml:\d+:\d+: /, ''));
};

describe('a mistake inside an injection', () => {
  it.each([
    [
      'vol',
      '{ fault: stall, vol: gold }',
      ['"volume" is missing', 'unknown key "vol", did you mean "volume"?'],
    ],
    [
      'volumes',
      '{ fault: stall, volumes: [gold] }',
      ['"volume" is missing', 'unknown key "volumes", did you mean "volume"?'],
    ],
    [
      'falt',
      '{ falt: stall, volume: gold }',
      ['"fault" is missing', 'unknown key "falt", did you mean "fault"?'],
    ],
    [
      'a key of another fault',
      '{ fault: stall, volume: gold, errno: EIO }',
      ['unknown key "errno"; all that can stand here is there'],
    ],
    [
      'no fault',
      '{ volume: gold }',
      [expect.stringMatching(/^"fault" is missing: which fault\? faults: latency, /)],
    ],
    ['a name alone', 'stall', [expect.stringContaining('inject needs a fault and where it acts, such as')]],
    ['nothing', '', [expect.stringContaining('inject needs a fault and where it acts, such as')]],
    [
      'a list',
      '[{ fault: stall, volume: gold }]',
      [expect.stringContaining('got a list: one step injects one fault')],
    ],
    [
      'a fault that is a number',
      '{ fault: 5, volume: gold }',
      [expect.stringMatching(/^unknown fault 5; faults: latency/)],
    ],
    [
      'an unknown operation',
      '{ fault: vendor-os-bug, volume: gold, operations: [wriet] }',
      ['"wriet" is not known here, did you mean "write"?'],
    ],
    [
      'a probability that is none',
      '{ fault: disk-full, volume: gold, probability: 2 }',
      ['expected at most 1'],
    ],
    [
      'a number of bytes without a unit',
      '{ fault: bandwidth, volume: gold, rate: 64 }',
      ['the unit is missing: expected a throughput with a unit, such as 64 KiB/s, got 64'],
    ],
  ])('%s', (_, inject, expected) => {
    const told = changed(INJECT, `inject: ${inject}`);
    for (const problem of expected) expect(told).toContainEqual(problem);
    expect(told).toHaveLength(expected.length);
  });
});

describe('a mistake in a timeline', () => {
  it.each([
    [
      'a step without what it needs',
      'hold: 15s',
      'hold:',
      ['expected a duration with a unit, such as 500ms, 15s, 2m, 12h or 4d'],
    ],
    [
      'a step that is a word',
      '- hold: 15s',
      '- hold',
      [
        '"hold" is no step: write - hold: and what it needs; steps: steady, inject, hold, heal, advance, settle',
      ],
    ],
    [
      'a step that nobody knows',
      'hold: 15s',
      'pause: 15s',
      ['unknown step "pause"; known: steady, inject, hold, heal, advance, settle'],
    ],
    [
      'a parameter beside its step',
      '- hold: 15s',
      '- hold: 15s\n    volume: gold',
      ['unknown step "volume"; known: steady, inject, hold, heal, advance, settle'],
    ],
    [
      'a heal of everything, misspelt',
      'heal: all',
      'heal: al',
      ['"al" is not known here, did you mean "all"?'],
    ],
    [
      'a heal with a wrong key',
      'heal: all',
      'heal: { vol: gold }',
      ['unknown key "vol", did you mean "volume"?', 'name a fault, a volume, or both'],
    ],
    [
      'a negative duration',
      'hold: 15s',
      'hold: -15s',
      [
        'nothing here is below zero: expected a duration with a unit, such as 500ms, 15s, 2m, 12h or 4d, got "-15s"',
      ],
    ],
    ['an advance that goes nowhere', '- hold: 15s', '- advance: 0s', ['expected 1 ms or more, got 0 ms']],
  ])('%s', (_, from, to, expected) => {
    expect(changed(from, to)).toEqual(expect.arrayContaining(expected));
    expect(changed(from, to)).toHaveLength(expected.length);
  });

  it('that is no list', () => {
    const source = good.slice(0, good.indexOf('timeline:'));
    expect(problems(`${source}timeline: { steady: 8s }\n`)).toEqual([
      expect.stringMatching(/^x\.yaml:\d+:11: expected a list, got a mapping of keys$/),
    ]);
    expect(problems(source)).toEqual([expect.stringContaining('"timeline" is missing')]);
    expect(problems(`${source}timeline: []\n`)).toEqual([
      expect.stringContaining('expected at least 1 entry'),
    ]);
  });
});

describe('what is too much', () => {
  it.each([
    ['hold: 15s', 'hold: 366d', 'expected at most 365 d, got 366 d'],
    ['inbound: { rate: 5/s', 'inbound: { rate: 10001/s', 'expected at most 10000/s, got 10001/s'],
    [
      'inbound: { rate: 5/s',
      'inbound: { rate: 0/s',
      'expected a rate above zero; leave the stream out to send nothing',
    ],
    ['2 KiB..64 KiB', '2 KiB..2 GiB', 'expected at most 1 GiB, got 2 GiB'],
    ['every: 500ms', 'every: 1ms', 'expected 10 ms or more, got 1 ms'],
    ['mailboxes: 6', 'mailboxes: 1001', 'expected at most 1000'],
    ['mailboxes: 6', 'mailboxes: 0', 'expected at least 1'],
    ['inbound: { rate: 5/s', 'inbound: { at: each 1s', 'expected 1 min or more, got 1 s'],
    ['within: 30s', 'within: 400d', 'expected at most 365 d, got 400 d'],
    [
      'volumes: [gold]',
      `volumes: [${Array.from({ length: 33 }, (_, index) => `v${String(index)}`).join(', ')}]`,
      'expected at most 32 entries',
    ],
    [
      "title: A bug in the storage vendor's operating system fails every write",
      `title: ${'x'.repeat(201)}`,
      'expected at most 200 characters',
    ],
  ])('%s as %s', (from, to, expected) => {
    expect(changed(from, to)).toContain(expected);
  });

  it('and what is long, but not too long, is taken', () => {
    expect(changed('hold: 15s', 'hold: 30d')).toEqual([]);
    expect(changed('hold: 15s', 'hold: 365d')).toEqual([]);
    expect(changed('inbound: { rate: 5/s', 'inbound: { rate: 10000/s')).toEqual([]);
  });
});

/** What stands at one place: a list's items or a mapping's values, with another one in the place of the `pick`-th. */
function altered(node: unknown, picks: readonly number[], change: Change): unknown {
  const [pick = 0, ...rest] = picks;
  if (typeof node !== 'object' || node === null || rest.length === 0) return change.value;
  if (Array.isArray(node)) {
    const items: readonly unknown[] = node;
    return items.map((item, index) => (index === pick % items.length ? altered(item, rest, change) : item));
  }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(node);
  return Object.fromEntries(
    entries.flatMap(([key, value], index): (readonly [string, unknown])[] => {
      if (index !== pick % entries.length) return [[key, value]];
      if (rest.length > 1) return [[key, altered(value, rest, change)]];
      if (change.kind === 'drop') return [];
      return [change.kind === 'misspell' ? [`${key}x`, value] : [key, change.value]];
    }),
  );
}

interface Change {
  readonly kind: 'drop' | 'misspell' | 'replace';
  readonly value: unknown;
}

describe('every mistake', () => {
  const written: unknown = parse(good);
  const mutated = fc
    .record({
      picks: fc.array(fc.nat(1_000), { minLength: 2, maxLength: 6 }),
      kind: fc.constantFrom('drop', 'misspell', 'replace'),
      value: fc.oneof(fc.jsonValue(), fc.string()),
    })
    .map(({ picks, kind, value }) => altered(written, picks, { kind, value }));

  it('is told with a place, in few lines, and is no error of the loader itself', () => {
    let refused = 0;
    fc.assert(
      fc.property(mutated, (value) => {
        const told = problems(stringify(value));
        if (told.length > 0) refused += 1;
        expect(told.length).toBeLessThanOrEqual(21);
        for (const line of told) expect(line).toMatch(/^x\.yaml:\d+:\d+: \S/);
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
