import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { claimOf, onlyAnswersOtherwise } from '../../../src/fault/act.js';
import { isLookedAwayFrom, type FaultDescription } from '../../../src/fault/kind.js';
import { describeFault, faultSchema, titleOfFault } from '../../../src/fault/registry.js';

type FaultInput = z.input<typeof faultSchema>;

/** A fault as a scenario writes it, described by what its schema made of it. */
function described(input: FaultInput): FaultDescription {
  const resolved = faultSchema.parse(input);
  const description = describeFault(resolved.fault, { ...resolved });
  if (description === undefined) throw new Error(`${resolved.fault} cannot be described`);
  return description;
}

const on = { volume: 'gold' } as const;

describe('a fault', () => {
  it.each<[FaultInput, Partial<FaultDescription['traits']>]>([
    [{ fault: 'latency', latency: '1s', ...on }, { storing: 'slowed' }],
    [{ fault: 'bandwidth', rate: '4 KiB/s', ...on }, { storing: 'slowed' }],
    [
      { fault: 'stall', ...on },
      { storing: 'stopped', showing: 'stopped', hangs: true },
    ],
    [
      { fault: 'blackhole', ...on },
      { storing: 'stopped', showing: 'stopped', hangs: true },
    ],
    [
      { fault: 'refuse', ...on },
      { storing: 'stopped', showing: 'stopped', hangs: false },
    ],
    [
      { fault: 'reset', ...on },
      { storing: 'stopped', hangs: false },
    ],
    [{ fault: 'flap', ...on }, { storing: 'partly' }],
    [
      { fault: 'read-only', ...on },
      { storing: 'stopped', showing: 'possible' },
    ],
    [
      { fault: 'vendor-os-bug', ...on },
      { storing: 'stopped', showing: 'possible' },
    ],
    [
      { fault: 'vendor-os-bug', probability: 0.3, ...on },
      { storing: 'partly', showing: 'possible' },
    ],
    [
      { fault: 'vendor-os-bug', operations: ['read'], ...on },
      { storing: 'possible', showing: 'stopped' },
    ],
    [
      { fault: 'vendor-os-bug', operations: ['open'], ...on },
      { storing: 'stopped', showing: 'stopped' },
    ],
    [{ fault: 'vendor-os-bug', operations: ['link'], ...on }, { storing: 'partly' }],
    [{ fault: 'vendor-os-bug', operations: ['create'], ...on }, { storing: 'stopped' }],
    [{ fault: 'vendor-os-bug', operations: ['mkdir', 'unlink'], ...on }, { storing: 'possible' }],
    [{ fault: 'disk-full', ...on }, { storing: 'stopped' }],
    [{ fault: 'quota-exceeded', probability: 0.5, ...on }, { storing: 'partly' }],
    [{ fault: 'stale-handle', ...on }, { storing: 'stopped' }],
    [{ fault: 'slow-disk', ...on }, { storing: 'slowed' }],
    [
      { fault: 'array-crash', ...on },
      { storing: 'stopped', showing: 'stopped' },
    ],
    [{ fault: 'mount-lost', ...on }, { storing: 'astray' }],
    [{ fault: 'mx-closed' }, { storing: 'stopped', showing: 'possible' }],
  ])('%j has its traits', (input, traits) => {
    expect(described(input).traits).toMatchObject(traits);
  });

  it('is read from its resolved parameters as from written ones', () => {
    expect(described({ fault: 'latency', latency: '1.5s', jitter: '100ms', ...on }).feeling).toEqual({
      kind: 'slower',
      byMs: 1_400,
      share: 1,
    });
    expect(describeFault('slow-disk', { delay: 800, share: 1 })?.act).toEqual({
      via: 'head',
      head: { kind: 'slow', delayMs: 800, share: 1 },
    });
    expect(describeFault('bandwidth', { rate: 4_096 })?.feeling.kind).toBe('slower');
  });

  it('that is unknown, or has parameters of something else, is not described', () => {
    expect(describeFault('gravity', {})).toBeUndefined();
    expect(describeFault('latency', {})).toBeUndefined();
    expect(describeFault('vendor-os-bug', { operations: ['dance'] })).toBeUndefined();
  });

  it('has a title for people', () => {
    expect(titleOfFault('disk-full')).toBe('a full disk');
    expect(titleOfFault('solar-flare')).toBe('solar flare');
  });
});

describe('looking for mail', () => {
  it('stops where none can be stored or seen', () => {
    expect(isLookedAwayFrom(described({ fault: 'read-only', ...on }).traits)).toBe(true);
    expect(isLookedAwayFrom(described({ fault: 'vendor-os-bug', operations: ['read'], ...on }).traits)).toBe(
      true,
    );
    expect(isLookedAwayFrom(described({ fault: 'mount-lost', ...on }).traits)).toBe(false);
    expect(isLookedAwayFrom(described({ fault: 'flap', ...on }).traits)).toBe(false);
  });
});

describe('an act', () => {
  it('claims the head, the link, or nothing that another could fight for', () => {
    const claim = (input: FaultInput) => claimOf(described(input).act);
    expect(claim({ fault: 'read-only', ...on })).toBe('head');
    expect(claim({ fault: 'slow-disk', ...on })).toBe('head');
    expect(claim({ fault: 'refuse', ...on })).toBe('link');
    expect(claim({ fault: 'reset', ...on })).toBe('link');
    expect(claim({ fault: 'flap', ...on })).toBe('link');
    expect(claim({ fault: 'latency', latency: '1s', ...on })).toBeNull();
    expect(claim({ fault: 'array-crash', ...on })).toBeNull();
    expect(claim({ fault: 'mount-lost', ...on })).toBeNull();
    expect(claim({ fault: 'mx-closed' })).toBeNull();
  });

  it('only answers otherwise where no failover comes with it', () => {
    expect(onlyAnswersOtherwise(described({ fault: 'disk-full', ...on }).act)).toBe(true);
    expect(onlyAnswersOtherwise(described({ fault: 'read-only', ...on }).act)).toBe(true);
    expect(onlyAnswersOtherwise(described({ fault: 'slow-disk', ...on }).act)).toBe(false);
    expect(onlyAnswersOtherwise(described({ fault: 'stall', ...on }).act)).toBe(false);
  });
});
