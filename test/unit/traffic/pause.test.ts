import { describe, expect, it } from 'vitest';
import { pause } from '../../../src/traffic/pause.js';

const AN_HOUR_MS = 3_600_000;

describe('a pause', () => {
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
