import { expect, it } from 'vitest';
import type { Mta, QueueEntry, WatchListener } from '../../../src/stack/stack.js';
import { Queues } from '../../../src/traffic/queues.js';
import { planOf } from '../../support/scenario.js';
import { Recorded, ToyStack } from './toy-stack.js';

/** An MTA whose queue holds what the test says; each flush is noted. */
class ToyMta implements Mta {
  readonly endpoint = { host: '127.0.0.1', port: 1 };
  readonly service: string;
  entries: readonly QueueEntry[] = [];
  readonly #flushed: string[];
  #listener: WatchListener<readonly QueueEntry[]> | undefined;

  constructor(service: string, flushed: string[]) {
    this.service = service;
    this.#flushed = flushed;
  }

  list(): void {
    this.#listener?.next(this.entries);
  }

  watchQueue(_: number, listener: WatchListener<readonly QueueEntry[]>) {
    this.#listener = listener;
    return Promise.resolve({ stop: () => Promise.resolve() });
  }

  watchLog() {
    return Promise.resolve({ stop: () => Promise.resolve() });
  }

  flushQueue() {
    this.#flushed.push(this.service);
    // Two listings tell that nothing is left to be tried.
    this.entries = [];
    this.list();
    this.list();
    return Promise.resolve();
  }

  queueLifetimes() {
    return Promise.resolve(null);
  }
}

it('the queues of the correspondents are run before the one of the stack, and mail may wait in any', async () => {
  const plan = planOf();
  await using toy = await ToyStack.start(plan);
  const flushed: string[] = [];
  const [outside, mta] = [new ToyMta('outside-mta-1', flushed), new ToyMta('mta', flushed)];
  const recorded = new Recorded();
  const context = toy.context(plan, recorded);
  const queues = new Queues({ ...context, stack: { ...toy.running, mta, outsideMtas: [outside] } });
  const watch = await queues.start(() => undefined);
  outside.entries = [
    {
      queueId: 'Q1',
      queue: 'deferred',
      sender: 'c1+run1-i000001@outside.test',
      recipients: [{ address: 'u1@libero.test', reason: 'Connection refused' }],
    },
  ];
  outside.list();
  mta.list();
  expect([...queues.ids]).toEqual(['run1-i000001']);
  expect(recorded.of('queue.seen')).toMatchObject([{ service: 'outside-mta-1', id: 'run1-i000001' }]);
  expect(recorded.of('queue.sampled').map(({ service, depth }) => [service, depth])).toEqual([
    ['outside-mta-1', 1],
    ['mta', 0],
  ]);
  await queues.run(1_000, AbortSignal.timeout(5_000));
  expect(flushed).toEqual(['outside-mta-1', 'mta']);
  expect([...queues.ids]).toEqual([]);
  await watch.stop();
});
