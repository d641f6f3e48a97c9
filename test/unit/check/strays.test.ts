import { describe, expect, it } from 'vitest';
import { Fold } from '../../../src/history/fold.js';
import { FRIEND, GOLD, SILVER, Tale } from '../../support/tale.js';

function folded(tale: Tale): Fold {
  const fold = new Fold();
  for (const event of tale.events) fold.see(event);
  fold.close();
  return fold;
}

describe('what belongs to no message', () => {
  it('is a stray copy, in a mailbox, in one that nobody knows, or outside', () => {
    const { ledger } = folded(
      new Tale()
        .copy('?', 2, { uid: 7 })
        .copy('?', 3, { uid: 8, mailbox: 'x@libero.test', id: null })
        .outside('?', 4)
        .outside('?', 5, { id: null }),
    );
    expect(ledger.strayCopies.map(({ id, at, text }) => ({ id, at, text }))).toEqual([
      { id: '?', at: 2, text: `UID 7 of ${GOLD}, 1000 bytes` },
      { id: null, at: 3, text: 'UID 8 of x@libero.test, 1000 bytes' },
      { id: '?', at: 4, text: `outside, to ${FRIEND}, from ${GOLD}` },
      { id: null, at: 5, text: `outside, to ${FRIEND}, from ${GOLD}` },
    ]);
    expect(ledger.copiesSeen).toBe(4);
  });

  it('is an orphan where an event names a message that was never created', () => {
    const started = { type: 'attempt.started', id: '?', attempt: 1 } as const;
    const ended = {
      type: 'attempt.ended',
      id: '?',
      attempt: 1,
      outcome: 'accepted',
      code: 250,
      enhanced: null,
    } as const;
    const { ledger } = folded(
      new Tale()
        .created('m', 1)
        .add(1, started)
        .add(2, { ...ended, reply: '', at: 'dot', ms: 1 })
        .queued('?', 3)
        .left('?', 4)
        .logged('?', 5),
    );
    expect(ledger.orphans.items.map(({ text }) => text)).toEqual(
      ['attempt.started', 'attempt.ended', 'queue.seen', 'queue.left', 'mta.logged'].map(
        (type) => `${type} names ?, which was never created`,
      ),
    );
    expect(ledger.size).toBe(1);
    // Nor is any of it told of another message.
    expect(ledger.find('m')).toMatchObject({ attempts: 0, queuedAt: null, leftQueueAt: null, hops: 0 });
  });

  it('is a bounce of which only the DSN tells, as far as it does', () => {
    const { ledger } = folded(
      new Tale()
        .dsn(null, 1, { status: null, recipient: null })
        .dsn('?', 2, { action: 'unknown', status: null })
        .dsn('?', 3, { to: '<>', action: 'delayed' })
        .dsn('?', 4),
    );
    expect(ledger.strayBounces.items).toEqual([
      { id: null, at: 1, text: `DSN to ${FRIEND}: Action: failed, Status: ?, for ?: x` },
      { id: '?', at: 4, text: `DSN to ${FRIEND}: Action: failed, Status: 5.3.0, for ${GOLD}: x` },
    ]);
    expect(ledger.dsnToNobody.items).toEqual([
      { id: '?', at: 3, text: `DSN to <>: Action: delayed, Status: 5.3.0, for ${GOLD}: x` },
    ]);
    expect(ledger.dsns).toBe(4);
  });

  it('is a file whose message is not known', () => {
    const file = { type: 'file.found', volume: 'gold', where: 'volume', path: '/p', bytes: 1 } as const;
    const { ledger } = folded(
      new Tale()
        .accepted('m', 1)
        .add(2, { ...file, id: null })
        .add(3, { ...file, id: '?' }),
    );
    expect(ledger.find('m')?.has('onVolume')).toBe(false);
  });
});

describe('the evidence about a message', () => {
  it('says where a code is missing in the log', () => {
    const message = folded(
      new Tale().accepted('m', 1).logged('m', 2, { status: 'expired', enhanced: null }),
    ).ledger.find('m');
    expect(message?.notes('bounce').map(({ text }) => text)).toEqual(['mta log: status=expired dsn=? later']);
  });

  it('keeps DSNs of failure and delay, and none of success', () => {
    const tale = new Tale()
      .accepted('m', 1)
      .dsn('m', 2, { action: 'delivered' })
      .dsn('m', 3, { action: 'delayed' });
    expect(
      folded(tale)
        .ledger.find('m')
        ?.notes('dsn')
        .map(({ at }) => at),
    ).toEqual([3]);
    expect(
      folded(tale.dsn('m', 4))
        .ledger.find('m')
        ?.notes('dsn')
        .map(({ at }) => at),
    ).toEqual([3, 4]);
  });

  it('names the wrong place where neither the message nor the copy has a mailbox', () => {
    const tale = new Tale().accepted('m', 1, { to: 'alias@libero.test' });
    const message = folded(tale.copy('m', 5, { mailbox: 'other@libero.test' })).ledger.find('m');
    expect(message?.notes('misdelivery')).toEqual([{ at: 5, text: 'UID 5 of other@libero.test' }]);
  });

  it('names the wrong place that only the listing at the end shows', () => {
    const tale = new Tale()
      .accepted('m', 1)
      .listed(9, 'after', ['x', 'm', 'm'], { mailbox: SILVER, volume: 'silver' });
    const message = folded(tale).ledger.find('m');
    expect(message?.notes('misdelivery')).toEqual([{ at: 9, text: `UID 2 of ${SILVER} at the end` }]);
    expect(message?.elsewhere).toBe(1);
  });

  it('counts a copy that lies damaged once, when it was found damaged already', () => {
    const damaged = { bodySha256: 'x' };
    const listed = { messages: [{ uid: 5, id: 'm', flags: [], ...damaged }] };
    const tale = new Tale().accepted('m', 1).copy('m', 5, damaged).listed(9, 'after', [], listed);
    expect(folded(tale).ledger.find('m')).toMatchObject({ corrupt: 1 });
    const only = new Tale().accepted('m', 1).copy('m', 5).listed(9, 'after', [], listed);
    expect(folded(only).ledger.find('m')?.notes('corruption')).toEqual([
      { at: 9, text: `UID 5 of ${GOLD} at the end: the body differs` },
    ]);
  });

  it('is in the order of time, whatever it shows', () => {
    const tale = new Tale().accepted('m', 1).dsn('m', 5).queued('m', 3).logged('m', 4, { reply: 'other' });
    expect(
      folded(tale)
        .ledger.find('m')
        ?.notes('bounce', 'wait')
        .map(({ at }) => at),
    ).toEqual([3, 4, 5]);
  });
});
