import { describe, expect, it } from 'vitest';
import { eventSchema, type MessageKind } from '../../../src/history/event.js';
import { Fold } from '../../../src/history/fold.js';
import { Outages, windowAt } from '../../../src/history/outages.js';
import { MX_KEY } from '../../../src/fault/place.js';

type Life = Partial<Record<'injecting' | 'injected' | 'felt' | 'healed', number | readonly number[]>>;

/** Outages of faults by name, each on `gold` unless it says where. */
function outagesOf(faults: Readonly<Record<string, Life & { readonly volume?: string }>>): Outages {
  const events = Object.entries(faults).flatMap(([name, { volume = 'gold', ...life }]) =>
    Object.entries(life).flatMap(([what, times]) =>
      [times].flat().map((t) => {
        const evidence = `${what} at ${t}`;
        const fault = { type: `fault.${what}`, fault: name, name, volume, parameters: {}, evidence };
        return eventSchema.parse({ ...fault, t, wall: t, sim: t });
      }),
    ),
  );
  const fold = new Fold();
  for (const event of events.sort((a, b) => a.t - b.t)) fold.see(event);
  return fold.outages;
}

describe('outages', () => {
  it('have their last heal, whatever the order of the faults', () => {
    expect(outagesOf({ a: { injected: 1 }, b: { injected: 2 } }).lastHealedAt).toBeNull();
    const healed = (...times: readonly number[]) =>
      outagesOf(Object.fromEntries(times.map((t, index) => [`f${index}`, { injected: 1, healed: t }])));
    expect(healed(30).lastHealedAt).toBe(30);
    expect(healed(20, 30, 10).lastHealedAt).toBe(30);
    const outages = healed(10);
    expect([...outages.volumes]).toEqual(['gold']);
    expect([outages.windows, outages.windowsOn('gold')]).toEqual([[], []]);
  });

  it.each<[string, Parameters<typeof outagesOf>[0], boolean]>([
    ['a fault that was felt', { a: { felt: 2 } }, true],
    ['a fault that was healed', { a: { felt: 2, healed: 3 } }, false],
    ['one of two faults', { a: { felt: 2, healed: 4 }, b: { felt: 3 } }, true],
    ['a fault that was felt twice and healed', { a: { felt: [2, 3], healed: 4 } }, false],
    ['a fault that was healed twice, with another', { a: { felt: 2, healed: [3, 4] }, b: { felt: 5 } }, true],
    ['a fault that was felt only when it was healed', { a: { healed: 2, felt: 3 } }, false],
    ['a fault that follows one that was never felt', { a: { injected: 1, healed: 2 }, b: { felt: 3 } }, true],
  ])('are felt, or not, at the end of %s', (_, faults, isFelt) => {
    const outages = outagesOf(faults);
    expect([outages.isFelt, outages.isFeltOn('gold'), outages.isFeltOn('silver')]).toEqual([
      isFelt,
      isFelt,
      false,
    ]);
  });

  it('keep of each fault what came first', () => {
    const [fault] = outagesOf({ a: { injected: [1, 2], felt: [3, 4], healed: [5, 6] } }).faults;
    expect(fault).toMatchObject({ injectedAt: 1, feltAt: 3, healedAt: 5, evidence: 'felt at 3' });
  });

  it.each(['injecting', 'injected', 'felt'])('end the steady state when a fault is %s', (what) => {
    const outages = outagesOf({ a: { [what]: 7, healed: 9 } });
    expect([outages.firstInjectingAt, outages.isSteadyAt(6), outages.isSteadyAt(7)]).toEqual([
      7,
      true,
      false,
    ]);
    expect(new Outages().isSteadyAt(1e9)).toBe(true);
  });

  it('are one where they overlap or meet, from the first felt to the last healed', () => {
    const spans = (faults: Parameters<typeof outagesOf>[0]) =>
      outagesOf(faults)
        .windowsOn('gold')
        .map((window) => [window.injectedAt, window.feltAt, window.healedAt, window.faults.length]);
    const first = { injected: 1, felt: 6, healed: 10 };
    expect(spans({ a: first, b: { injected: 10, felt: 11, healed: 12 } })).toEqual([[1, 6, 12, 2]]);
    expect(spans({ a: first, b: { injected: 11, felt: 12, healed: 13 } })).toEqual([
      [1, 6, 10, 1],
      [11, 12, 13, 1],
    ]);
    expect(spans({ a: first, b: { injected: 2, felt: 4, healed: 5 } })).toEqual([[1, 4, 10, 2]]);
    expect(spans({ a: first, b: { injected: 2, felt: 3, volume: 'silver' } })).toEqual([[1, 6, 10, 1]]);
  });

  it('are in the order in which they began, whatever was heard of first', () => {
    const outages = outagesOf({
      late: { injecting: 1, felt: 30, healed: 40 },
      early: { injecting: 2, felt: 5, healed: 6 },
      between: { injecting: 3, felt: 15, healed: 16 },
    });
    expect(outages.windowsOn('gold').map(({ feltAt }) => feltAt)).toEqual([5, 15, 30]);
    expect([4, 5, 6, 7, 35].map((t) => windowAt(outages.windows, t)?.feltAt)).toEqual([
      undefined,
      5,
      5,
      undefined,
      30,
    ]);
  });

  it('of a message are those of its volume, and of the link to the MX where it comes from outside', () => {
    const outages = outagesOf({
      volume: { injected: 10, felt: 11, healed: 20 },
      link: { injected: 5, felt: 6, healed: 8, volume: MX_KEY },
    });
    const seen = (kind: MessageKind, volume: string | null) =>
      [5, 6, 8, 9, 11, 20, 21].map((t) => outages.windowFor({ kind, volume }, t)?.volume);
    const none = undefined;
    expect(seen('inbound', 'gold')).toEqual([none, MX_KEY, MX_KEY, none, 'gold', 'gold', none]);
    expect(seen('internal', 'gold')).toEqual([none, none, none, none, 'gold', 'gold', none]);
    expect(seen('inbound', 'silver')).toEqual([none, MX_KEY, MX_KEY, none, none, none, none]);
    expect(outages.windowsFor({ kind: 'outbound', volume: null })).toEqual([]);
    expect(outages.windowsFor({ kind: 'canary', volume: null })).toEqual([]);
    const order = outages.windowsFor({ kind: 'inbound', volume: 'gold' }).map(({ volume }) => volume);
    expect(order).toEqual([MX_KEY, 'gold']);
  });
});
