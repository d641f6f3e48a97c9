import { describe, expect, it } from 'vitest';
import { QueueAccount } from '../../../src/history/queue-account.js';

const account = () => new QueueAccount('mta', 1);

/** Samples the same depth every half second, as a watch does. */
function sampled(queue: QueueAccount, depth: number, from: number, to: number): QueueAccount {
  for (let t = from; t <= to; t += 500) queue.sample(t, depth);
  return queue;
}

describe('the account of a queue', () => {
  it('agrees where as many messages are listed as it is deep, or fewer', () => {
    const queue = account();
    queue.list();
    queue.list();
    expect(sampled(queue, 2, 0, 60_000).disagreements).toEqual([]);
    expect(sampled(queue, 9, 60_500, 90_000).disagreements).toEqual([]);
    expect([queue.isEmptied, queue.untold]).toEqual([false, 7]);
  });

  it('holds the listings against the depth, for five seconds', () => {
    const queue = account();
    for (let n = 0; n < 100; n += 1) queue.list();
    expect(sampled(queue, 0, 1_000, 6_000).disagreements).toEqual([]);
    queue.sample(6_500, 3);
    expect(queue.disagreements).toEqual([
      { service: 'mta', against: 'listings', from: 1_000, to: 6_000, depth: 0, claimed: 100 },
    ]);
    sampled(queue, 100, 7_000, 60_000);
    expect(queue.disagreements).toMatchObject([{ from: 1_000, to: 6_500, depth: 3 }]);
  });

  it('knows that what a listing lacks is said to be gone only behind the next one', () => {
    const queue = account();
    // A queue that drains by one with each listing: it always names one more than it is deep.
    for (let n = 0; n < 60; n += 1) queue.list();
    for (let n = 0; n < 60; n += 1) {
      queue.sample(n * 500, 59 - n);
      queue.unlist();
    }
    expect(queue.disagreements).toEqual([]);
    expect(queue.isEmptied).toBe(false);
  });

  it('minds no difference of a few in very many, as listings that are not atomic have', () => {
    const queue = account();
    for (let n = 0; n < 110; n += 1) queue.list();
    expect(sampled(queue, 100, 0, 60_000).disagreements).toEqual([]);
    queue.list();
    expect(sampled(queue, 100, 60_500, 90_000).disagreements).toHaveLength(1);
  });

  it('holds the log against the depth, and remembers the longest disagreement', () => {
    const queue = account();
    for (let n = 0; n < 2; n += 1) {
      queue.list();
      queue.wait(1);
    }
    sampled(queue, 0, 0, 8_000);
    sampled(queue, 2, 8_500, 20_000);
    const log = () => queue.disagreements.filter(({ against }) => against === 'log');
    expect(log()).toEqual([{ service: 'mta', against: 'log', from: 0, to: 8_000, depth: 0, claimed: 2 }]);
    sampled(queue, 0, 20_500, 27_000);
    expect(log()).toMatchObject([{ from: 0, to: 8_000 }]);
    sampled(queue, 0, 27_500, 28_500);
    expect(log()).toMatchObject([{ from: 20_500, to: 28_500 }]);
    queue.wait(-1);
    sampled(queue, 0, 29_000, 40_000);
    expect(log()).toMatchObject([{ from: 20_500, to: 40_000, claimed: 1 }]);
  });

  it('holds the log against the listings, however deep the queue is', () => {
    const queue = account();
    queue.list();
    for (let n = 0; n < 3; n += 1) queue.wait(1);
    expect(sampled(queue, 9, 0, 4_500).disagreements).toEqual([]);
    expect(sampled(queue, 9, 5_000, 5_000).disagreements).toEqual([
      { service: 'mta', against: 'log', from: 0, to: 5_000, depth: 1, claimed: 3 },
    ]);
  });

  it('is emptied where the last listing found nothing of what is named', () => {
    const queue = account();
    queue.list();
    expect([queue.isEmptied, queue.untold]).toEqual([false, 0]);
    queue.sample(1_000, 1);
    expect(queue.isEmptied).toBe(false);
    queue.sample(1_500, 0);
    expect(queue.isEmptied).toBe(true);
    queue.unlist();
    expect([queue.isEmptied, queue.untold]).toEqual([false, 0]);
  });
});
