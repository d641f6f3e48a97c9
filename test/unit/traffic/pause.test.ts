import { afterEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../../../src/traffic/pause.js';

const AN_HOUR_MS = 3_600_000;

afterEach(() => {
  vi.useRealTimers();
});

describe('a pause', () => {
  it.each([30, 365])('of %d days ends after as many, and not before', async (days) => {
    vi.useFakeTimers();
    const dayMs = 24 * AN_HOUR_MS;
    let isOver = false;
    const pausing = pause(days * dayMs, new AbortController().signal).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(days * dayMs - 1);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await pausing;
    expect(isOver).toBe(true);
  });

  it('ends after its time', async () => {
    await expect(pause(5, new AbortController().signal)).resolves.toBeUndefined();
  });

  it.each([0, -100, Number.NEGATIVE_INFINITY])('of %d ms is none', async (ms) => {
    await expect(pause(ms, new AbortController().signal)).resolves.toBeUndefined();
  });

  it('ends at once, and never rejects, when it is aborted', async () => {
    const controller = new AbortController();
    const pausing = pause(AN_HOUR_MS, controller.signal);
    controller.abort(new Error('enough'));
    await expect(pausing).resolves.toBeUndefined();
    await expect(pause(AN_HOUR_MS, controller.signal)).resolves.toBeUndefined();
  });
});
