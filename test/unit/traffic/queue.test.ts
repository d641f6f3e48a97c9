import { describe, expect, it } from 'vitest';
import type { QueueEntry } from '../../../src/mta/dialect.js';
import { QueueRecorder } from '../../../src/traffic/queue.js';
import { planOf } from '../../support/scenario.js';
import { Recorded, ToyStack } from './toy-stack.js';

const REASON =
  'host store[192.168.64.7] said: 451 4.2.0 <u6@libero.test> Internal error occurred. (in reply to end of DATA command)';
const SENDER = 'c16+run1-i000001@outside.test';

function entry(
  queueId: string,
  changes: Partial<QueueEntry> & { readonly reason?: string } = {},
): QueueEntry {
  const { reason = '', ...rest } = changes;
  return {
    queueId,
    queue: 'deferred',
    sender: SENDER,
    recipients: [{ address: 'u6@libero.test', reason }],
    ...rest,
  };
}

interface Watched {
  readonly stack: ToyStack;
  readonly recorded: Recorded;
  readonly recorder: QueueRecorder;
  readonly broken: Error[];
  readonly stop: () => Promise<void>;
}

async function watched(use: (parts: Watched) => void | Promise<void>): Promise<void> {
  const plan = planOf();
  await using stack = await ToyStack.start(plan);
  const recorded = new Recorded();
  const recorder = new QueueRecorder(stack.context(plan, recorded), stack.running.mta);
  const broken: Error[] = [];
  const watch = await recorder.start((error) => broken.push(error));
  await use({ stack, recorded, recorder, broken, stop: () => watch.stop() });
}

describe('a message in the queue', () => {
  it('is seen once, and again when the reason changes', () =>
    watched(({ stack, recorded }) => {
      stack.queue.next([entry('Q1', { queue: 'active' })]);
      stack.queue.next([entry('Q1', { queue: 'active' })]);
      stack.queue.next([entry('Q1', { reason: REASON })]);
      stack.queue.next([entry('Q1', { reason: REASON })]);
      expect(recorded.of('queue.seen')).toEqual([
        {
          type: 'queue.seen',
          service: 'mta',
          id: 'run1-i000001',
          queueId: 'Q1',
          queue: 'active',
          reason: '',
          enhanced: null,
        },
        {
          type: 'queue.seen',
          service: 'mta',
          id: 'run1-i000001',
          queueId: 'Q1',
          queue: 'deferred',
          reason: REASON,
          enhanced: '4.2.0',
        },
      ]);
    }));

  it('has left when two listings in a row miss it, not when one does', () =>
    watched(({ stack, recorded }) => {
      stack.queue.next([entry('Q1')]);
      stack.queue.next([]);
      stack.queue.next([entry('Q1')]);
      stack.queue.next([]);
      expect(recorded.of('queue.left')).toEqual([]);
      stack.queue.next([]);
      stack.queue.next([]);
      expect(recorded.of('queue.left')).toEqual([
        { type: 'queue.left', service: 'mta', id: 'run1-i000001', queueId: 'Q1' },
      ]);
    }));

  it('is known by the address that carries its id, whichever it is', () =>
    watched(({ stack, recorded }) => {
      const recipients = [{ address: 'friend+run1-o000003@outside.test', reason: '' }];
      stack.queue.next([entry('Q1'), entry('Q2', { sender: 'u1@libero.test', recipients })]);
      expect(recorded.of('queue.seen').map(({ id }) => id)).toEqual(['run1-i000001', 'run1-o000003']);
    }));

  it('is known by the Message-ID in the log where no address carries an id', () =>
    watched(({ stack, recorded }) => {
      stack.mtaLog.next({ kind: 'message', queueId: 'Q1', messageId: '<run1-n000002@nobounce.invalid>' });
      stack.queue.next([
        entry('Q1', { sender: 'u1@libero.test' }),
        entry('Q2', { sender: 'u1@libero.test' }),
      ]);
      expect(recorded.of('queue.seen').map(({ id, queueId }) => [id, queueId])).toEqual([
        ['run1-n000002', 'Q1'],
      ]);
    }));

  it.each(['MAILER-DAEMON', '', 'mailer-daemon@mta'])(
    'is not the DSN from %j that goes back to the address with its id',
    (sender) =>
      watched(({ stack, recorded }) => {
        stack.queue.next([entry('Q9', { sender, recipients: [{ address: SENDER, reason: '' }] })]);
        expect(recorded.of('queue.seen')).toEqual([]);
        expect(recorded.of('queue.sampled').map(({ depth }) => depth)).toEqual([1]);
      }),
  );

  it('counts in the depth, whoever wrote it', () =>
    watched(({ stack, recorded }) => {
      stack.queue.next([entry('Q1'), entry('Q2', { sender: 'somebody@else.test' })]);
      stack.queue.next([]);
      expect(recorded.of('queue.sampled').map(({ depth }) => depth)).toEqual([2, 0]);
    }));
});

describe('a delivery in the log', () => {
  const nextHop = { refused: false, unanswered: false };
  const recipient = 'u6@libero.test';
  const delivery = { kind: 'delivery', queueId: 'Q1', recipient, reply: REASON, nextHop } as const;

  it('is recorded with the message that the queue id carries', () =>
    watched(({ stack, recorded }) => {
      stack.mtaLog.next({ kind: 'message', queueId: 'Q1', messageId: '<run1-i000001@nobounce.invalid>' });
      stack.mtaLog.next({ ...delivery, status: 'deferred', enhanced: '4.2.0' });
      expect(recorded.of('mta.logged')).toEqual([
        {
          type: 'mta.logged',
          service: 'mta',
          id: 'run1-i000001',
          queueId: 'Q1',
          recipient: 'u6@libero.test',
          status: 'deferred',
          enhanced: '4.2.0',
          reply: REASON,
          nextHop,
        },
      ]);
    }));

  it('of mail that is not the run’s own has no id', () =>
    watched(({ stack, recorded }) => {
      stack.mtaLog.next({ kind: 'message', queueId: 'Q1', messageId: '<20261123@mta>' });
      stack.mtaLog.next({ ...delivery, status: 'bounced', enhanced: '5.3.0' });
      expect(recorded.of('mta.logged').map(({ id }) => id)).toEqual([null]);
    }));
});

describe('the watch', () => {
  it('says when a source breaks', () =>
    watched(({ stack, broken }) => {
      stack.queue.break(new Error('queue-watch ended'));
      stack.mtaLog.break(new Error('log ended'));
      expect(broken.map(({ message }) => message)).toEqual(['queue-watch ended', 'log ended']);
    }));

  it('stops both sources', () =>
    watched(async ({ stack, stop }) => {
      await stop();
      expect([stack.queue.isWatched, stack.mtaLog.isWatched]).toEqual([false, false]);
    }));
});
