import { describe, expect, it } from 'vitest';
import type { HistoryEvent, NewEvent, Outcome } from '../../../src/history/event.js';
import { Tracker } from '../../../src/traffic/tracker.js';

function stamped(event: NewEvent): HistoryEvent {
  return { ...event, t: 0, wall: 0, sim: 0 };
}

function answered(id: string, outcome: Outcome): NewEvent {
  const rest = { code: null, enhanced: null, reply: '', at: 'dot', ms: 1 } as const;
  return { type: 'attempt.ended', id, attempt: 1, outcome, ...rest };
}

function found(id: string | null, uid = 1): NewEvent {
  const content = { bytes: 1, bodySha256: '', headersSha256: '' };
  return { type: 'copy.found', id, mailbox: 'u1@libero.test', uid, uidValidity: '1', ...content };
}

function outside(id: string): NewEvent {
  return { type: 'outside.received', id, from: 'a', to: 'b', bytes: 1, bodySha256: '', headersSha256: '' };
}

function dsn(id: string | null, action: 'failed' | 'delayed'): NewEvent {
  const rest = { status: null, recipient: null, diagnostic: '', place: 'outside', to: 'a' };
  return { type: 'dsn.received', id, action, ...rest };
}

function tracked(...events: readonly NewEvent[]): Tracker {
  const tracker = new Tracker();
  for (const event of events) tracker.observe(stamped(event));
  return tracker;
}

describe('what is still to come', () => {
  it('is what was accepted and is in no mailbox yet', () => {
    expect(tracked(answered('a', 'accepted'), answered('b', 'accepted'), found('a'))).toMatchObject({
      accepted: 2,
      delivered: 1,
      pending: 1,
    });
  });

  it('counts mail that reached the outside as delivered', () => {
    expect(tracked(answered('a', 'accepted'), outside('a'))).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('is not what was seen in the mailbox before the sender had its answer', () => {
    expect(tracked(found('a'), answered('a', 'accepted'))).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('is not what nobody took', () => {
    const outcomes = ['deferred', 'rejected', 'ambiguous', 'unsent'] as const;
    expect(tracked(...outcomes.map((outcome) => answered(outcome, outcome)))).toMatchObject({
      accepted: 0,
      deferred: 1,
      rejected: 1,
      pending: 0,
    });
  });

  it('is not what has bounced; what is only delayed is', () => {
    const tracker = tracked(
      answered('a', 'accepted'),
      answered('b', 'accepted'),
      dsn('a', 'failed'),
      dsn('b', 'delayed'),
      dsn(null, 'failed'),
    );
    expect(tracker).toMatchObject({ bounced: 2, pending: 1 });
  });

  it('counts a message once, however many copies there are', () => {
    expect(tracked(answered('a', 'accepted'), found('a', 1), found('a', 2), found(null, 3))).toMatchObject({
      delivered: 1,
      pending: 0,
    });
  });

  it('knows how deep the queue was last', () => {
    const depth = (count: number): NewEvent => ({ type: 'queue.sampled', service: 'mta', depth: count });
    expect(tracked(depth(3), depth(7), depth(2)).queueDepth).toBe(2);
  });
});

describe('what is absent at the end', () => {
  const accepted = ['i', 'o', 'lost'].map((id) => answered(id, 'accepted'));

  function listed(stage: 'before' | 'after', ...ids: readonly string[]): NewEvent {
    const messages = ids.map((id, uid) => ({ uid, id, flags: [], bodySha256: '' }));
    const mailbox = { mailbox: 'u1@libero.test', volume: 'gold', uidValidity: '1' };
    return { type: 'mailbox.listed', stage, ...mailbox, messages };
  }

  it('is accepted mail that neither a mailbox lists nor the outside has', () => {
    expect(tracked(...accepted, outside('o'), listed('after', 'i')).absentAtEnd).toBe(1);
    expect(tracked(...accepted, outside('o'), listed('after', 'i', 'lost')).absentAtEnd).toBe(0);
  });

  it('is also mail that was in its mailbox once', () => {
    expect(tracked(...accepted, outside('o'), found('i'), listed('before', 'lost')).absentAtEnd).toBe(2);
  });
});
