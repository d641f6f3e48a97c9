import { describe, expect, it } from 'vitest';
import { LOOK_EVERY_MS, Vigil } from '../../../src/guardian/vigil.js';
import type { Undo } from '../../../src/stack/undo.js';

const SILENT_MS = 10_000;
const UNDO: Undo = [{ via: 'enable-link', url: 'http://toxiproxy.test:8474', proxy: 'storage-gold' }];
const hold = (key: string) => ({ tell: 'hold', key, undo: UNDO }) as const;
const WAIT = { now: 'wait' };

/** The first answer that is no `wait` to looks in time, and when it came. */
function looked(vigil: Vigil, fromMs: number, toMs: number) {
  for (let nowMs = fromMs + LOOK_EVERY_MS; nowMs <= toMs; nowMs += LOOK_EVERY_MS) {
    const decision = vigil.look(nowMs);
    if (decision.now !== 'wait') return { atMs: nowMs, decision };
  }
  return null;
}

describe('a vigil', () => {
  it('takes over what is held when the harness is silent for too long, and no earlier', () => {
    const vigil = new Vigil(SILENT_MS, 0);
    expect(vigil.hear(hold('latency@gold#1'), 0)).toEqual(WAIT);
    expect(looked(vigil, 0, 60_000)).toEqual({
      atMs: SILENT_MS,
      decision: { now: 'heal', why: 'silent', held: new Map([['latency@gold#1', UNDO]]) },
    });
  });

  it('counts the silence from the last word, whatever it was', () => {
    const vigil = new Vigil(SILENT_MS, 0);
    vigil.hear(hold('a'), 1_000);
    vigil.hear({ tell: 'beat' }, 2_000);
    vigil.hear({ tell: 'release', key: 'b' }, 3_000);
    expect(vigil.silentMs(5_000)).toBe(2_000);
    expect(looked(vigil, 0, 60_000)?.atMs).toBe(13_000);
  });

  it('waits for a silent harness that holds nothing', () => {
    const vigil = new Vigil(SILENT_MS, 0);
    vigil.hear(hold('a'), 0);
    vigil.hear({ tell: 'release', key: 'a' }, 0);
    expect(looked(vigil, 0, 600_000)).toBeNull();
    vigil.hear(hold('b'), 600_000);
    expect(looked(vigil, 600_000, 700_000)?.atMs).toBe(610_000);
  });

  it('blames its own standing still on nobody', () => {
    const vigil = new Vigil(SILENT_MS, 0);
    vigil.hear(hold('a'), 0);
    // Both were stopped for an hour: what the harness said since then has yet to be read.
    expect(vigil.look(3_600_000)).toEqual(WAIT);
    expect(looked(vigil, 3_600_000, 3_700_000)?.atMs).toBe(3_609_500);
  });

  it('takes over at once when the harness is gone, and only what was not released', () => {
    const vigil = new Vigil(SILENT_MS, 0);
    for (const key of ['a', 'b', 'c']) vigil.hear(hold(key), 0);
    vigil.hear({ tell: 'release', key: 'b' }, 0);
    const decision = vigil.lost();
    expect(decision).toMatchObject({ now: 'heal', why: 'gone' });
    expect(decision.now === 'heal' ? [...decision.held.keys()] : []).toEqual(['a', 'c']);
  });

  it('ends where there is nothing to heal, however the harness left', () => {
    const vigil = new Vigil(SILENT_MS, 0);
    const nothing = { now: 'end' };
    expect([vigil.lost(), vigil.asked(), vigil.hear({ tell: 'bye' }, 0)]).toEqual([
      nothing,
      nothing,
      nothing,
    ]);
  });

  it('heals what the harness says good-bye to without having healed it', () => {
    const vigil = new Vigil(SILENT_MS, 0);
    vigil.hear(hold('a'), 0);
    expect(vigil.hear({ tell: 'bye' }, 0)).toMatchObject({ now: 'heal', why: 'left' });
  });

  it('heals what it holds before it ends because somebody wants it to', () => {
    const vigil = new Vigil(SILENT_MS, 0);
    vigil.hear(hold('a'), 0);
    expect(vigil.asked()).toMatchObject({ now: 'heal', why: 'asked' });
  });
});
