import { describe, expect, it } from 'vitest';
import { healAll, type Deed } from '../../../src/guardian/heal.js';
import type { Undo } from '../../../src/stack/undo.js';

const PACE = { deadlineMs: 50, tries: 3, pauseMs: 1, againAfterMs: 1 };
const undoOf = (proxy: string): Undo => [{ via: 'enable-link', url: 'http://toxiproxy.test:8474', proxy }];
const proxyOf = ([step]: Undo): string => (step !== undefined && 'proxy' in step ? step.proxy : '');
const HELD = new Map(['gold', 'silver'].map((name) => [`fault@${name}`, undoOf(name)]));

/** Heals with hands of a test; what was done, and what was told of it. */
async function healed(hands: (proxy: string, turn: number) => Promise<void>) {
  const turns = new Map<string, number>();
  const deeds: Deed[] = [];
  const carryOut = (undo: Undo): Promise<void> => {
    const proxy = proxyOf(undo);
    const turn = (turns.get(proxy) ?? 0) + 1;
    turns.set(proxy, turn);
    return hands(proxy, turn);
  };
  const isHealed = await healAll(HELD, carryOut, (deed) => deeds.push(deed), PACE);
  return { isHealed, turns, deeds };
}

describe('healing in the place of the harness', () => {
  it('does everything twice: an injection that was under way may land after its undo', async () => {
    const { isHealed, turns, deeds } = await healed(() => Promise.resolve());
    expect(isHealed).toBe(true);
    expect([...turns]).toEqual([
      ['gold', 2],
      ['silver', 2],
    ]);
    expect(deeds.map(({ did }) => did)).toEqual(['healed', 'healed', 'healed', 'healed']);
  });

  it('tries again what failed, and tells of each try', async () => {
    const { isHealed, deeds } = await healed((proxy, turn) =>
      proxy === 'gold' && turn <= 2 ? Promise.reject(new Error('no answer')) : Promise.resolve(),
    );
    expect(isHealed).toBe(true);
    expect(deeds.filter(({ key }) => key === 'fault@gold').slice(0, 3)).toEqual([
      { did: 'failed', key: 'fault@gold', round: 1, tries: 1, error: 'no answer' },
      { did: 'failed', key: 'fault@gold', round: 1, tries: 2, error: 'no answer' },
      { did: 'healed', key: 'fault@gold', round: 1, tries: 3 },
    ]);
  });

  it('heals one while the other hangs, gives up what never comes, and says so', async () => {
    const { isHealed, turns, deeds } = await healed((proxy) =>
      proxy === 'gold' ? new Promise<void>(() => undefined) : Promise.resolve(),
    );
    expect(isHealed).toBe(false);
    expect(deeds[0]).toMatchObject({ did: 'healed', key: 'fault@silver' });
    expect(turns.get('gold')).toBe(2 * PACE.tries);
    expect(deeds.filter(({ did }) => did === 'failed').every(({ key }) => key === 'fault@gold')).toBe(true);
  });
});
