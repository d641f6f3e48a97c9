import { expect, it } from 'vitest';
import type { MtaRecord, QueueEntry } from '../../../src/mta/dialect.js';
import type { Mta, WatchListener } from '../../../src/stack/stack.js';
import { pause } from '../../../src/traffic/pause.js';
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
  #log: WatchListener<MtaRecord> | undefined;

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

  watchLog(listener: WatchListener<MtaRecord>) {
    this.#log = listener;
    return Promise.resolve({ stop: () => Promise.resolve() });
  }

  tells(entry: MtaRecord): void {
    this.#log?.next(entry);
  }

  flushQueue() {
    this.#flushed.push(this.service);
    this.onFlush();
    return Promise.resolve();
  }

  /** Two listings tell that nothing is left to be tried. */
  onFlush = (): void => {
    this.entries = [];
    this.list();
    this.list();
  };

  queueLifetimes() {
    return Promise.resolve(null);
  }
}

const WAITING: QueueEntry = {
  queueId: 'Q1',
  queue: 'deferred',
  sender: 'c1+run1-i000001@outside.test',
  recipients: [{ address: 'u1@libero.test', reason: 'Connection refused' }],
};

it('the queues of the correspondents are run before the one of the stack, and mail may wait in any', async () => {
  const plan = planOf();
  await using toy = await ToyStack.start(plan);
  const flushed: string[] = [];
  const [outside, mta] = [new ToyMta('outside-mta-1', flushed), new ToyMta('mta', flushed)];
  const recorded = new Recorded();
  const context = toy.context(plan, recorded);
  const queues = new Queues({ ...context, stack: { ...toy.running, mta, outsideMtas: [outside] } });
  const watch = await queues.start(() => undefined);
  outside.entries = [WAITING];
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

it('a queue run is over when each message was tried and none is being delivered any more', async () => {
  const plan = planOf();
  await using toy = await ToyStack.start(plan);
  const mta = new ToyMta('mta', []);
  const context = toy.context(plan, new Recorded());
  const queues = new Queues({ ...context, stack: { ...toy.running, mta, outsideMtas: [] } });
  const watch = await queues.start(() => undefined);
  const lists = (queue: string): void => {
    mta.entries = [{ ...WAITING, queue }];
    mta.list();
  };
  mta.onFlush = () => {
    const recipient = 'u1@libero.test';
    const nextHop = { refused: false, unanswered: false };
    const said = { enhanced: null, reply: '', nextHop };
    mta.tells({ kind: 'delivery', queueId: 'Q1', recipient, status: 'deferred', ...said });
    lists('active');
    lists('active');
  };
  let isOver = false;
  const running = queues.run(10_000, AbortSignal.timeout(20_000)).then(() => (isOver = true));
  await pause(300, AbortSignal.timeout(5_000));
  expect(isOver).toBe(false);
  lists('deferred');
  await running;
  await watch.stop();
});
