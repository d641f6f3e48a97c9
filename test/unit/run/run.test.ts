import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import type { HistoryEvent } from '../../../src/history/event.js';
import { readHistory } from '../../../src/history/reader.js';
import type { Driver } from '../../../src/stack/driver.js';
import { runScenario, type RunOutcome } from '../../../src/run/run.js';
import { planOf } from '../../support/scenario.js';

const { scenario } = planOf();
const LOADED = { scenario, file: 'test.yaml', source: '# as it was written\n' };

type Start = Driver['start'];

interface Run {
  readonly outcome: RunOutcome;
  readonly events: readonly HistoryEvent[];
}

async function run(start: Start, signal = new AbortController().signal): Promise<Run> {
  const driver: Driver = {
    name: 'embedded',
    stackName: 'toy',
    stackTitle: 'a stack of a test',
    lack: () => null,
    start,
  };
  const reportsDir = await mkdtemp(join(tmpdir(), 'nobounce-run-'));
  const outcome = await runScenario({
    loaded: LOADED,
    driver,
    seed: 1,
    reportsDir,
    keep: false,
    toxiproxy: undefined,
    version: '0.0.0',
    signal,
    observer: {},
  });
  const events: HistoryEvent[] = [];
  for await (const batch of readHistory(outcome.historyFile).batches()) events.push(...batch);
  return { outcome, events };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('a run whose stack does not start', () => {
  const broken = new NobounceError('environment', 'no image');
  const start: Start = ({ onTeardown }) => {
    onTeardown('remove what was begun', 1_000, () => Promise.reject(new Error('still there')));
    return Promise.reject(broken);
  };

  it('ends as failed by that, tears down what was begun, and tells what of it failed', async () => {
    const { outcome } = await run(start);
    expect(outcome).toMatchObject({ ended: 'failed', error: broken });
    expect(outcome.failures).toEqual([
      expect.stringContaining('no image'),
      expect.stringContaining('remove what was begun: still there'),
    ]);
  });

  it('leaves a whole history, which says how it ended, and the scenario as it was written', async () => {
    const { outcome, events } = await run(start);
    expect(events[0]).toMatchObject({ type: 'run.started', seed: 1, driver: 'embedded' });
    expect(events.filter(({ type }) => type === 'harness.failed')).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', reason: 'failed' });
    expect(await readFile(join(outcome.dir, 'scenario.yaml'), 'utf8')).toBe(LOADED.source);
  });
});

describe('a run that somebody ends', () => {
  it('before anything began is interrupted, and is nobody’s failure', async () => {
    const { outcome, events } = await run(({ signal }) => {
      signal.throwIfAborted();
      return never();
    }, AbortSignal.abort());
    expect(outcome).toMatchObject({ ended: 'interrupted', failures: [] });
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', reason: 'interrupted' });
  });

  it('while the stack starts tears down, newest first', async () => {
    const controller = new AbortController();
    const undone: string[] = [];
    const { outcome } = await run(({ onTeardown, signal }) => {
      for (const name of ['network', 'store'])
        onTeardown(name, 1_000, () => {
          undone.push(name);
          return Promise.resolve();
        });
      setTimeout(() => {
        controller.abort();
      }, 20);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('given up'));
        });
      });
    }, controller.signal);
    expect(outcome.ended).toBe('interrupted');
    expect(undone).toEqual(['store', 'network']);
  });
});
