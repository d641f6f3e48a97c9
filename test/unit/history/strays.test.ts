import { describe, expect, it } from 'vitest';
import { Fold } from '../../../src/history/fold.js';
import { GOLD, Tale } from '../../support/tale.js';

const BLANK = { id: null, bytes: 0, bodySha256: 'e'.repeat(64), headersSha256: 'e'.repeat(64) } as const;

function folded(tale: Tale): Fold {
  const fold = new Fold();
  for (const event of tale.ended(999).events) fold.see(event);
  fold.close();
  return fold;
}

describe('what is left of a message', () => {
  it('is what came to its mailbox without a name, and lies there damaged', () => {
    const { ledger } = folded(
      new Tale().accepted('m', 1).logged('m', 2, { status: 'sent' }).copy('m', 3, BLANK),
    );
    expect(ledger.find('m')).toMatchObject({ fate: 'delivered', corrupt: 1, copies: 1 });
    expect(ledger.find('m')?.notes('corruption')).toEqual([
      { at: 3, text: `what is left of it: UID 3 of ${GOLD}, 0 bytes` },
    ]);
    expect(ledger.strayCopies).toEqual([]);
  });

  it('is of the message with the same size, before the one that came first', () => {
    const tale = new Tale()
      .accepted('first', 1)
      .accepted('second', 2)
      .copy('m', 3, { ...BLANK, bytes: 7 })
      .copy('m', 4, { ...BLANK, bytes: 1_000 });
    const { ledger } = folded(tale);
    expect([ledger.find('first')?.corrupt, ledger.find('second')?.corrupt]).toEqual([1, 1]);
    expect(ledger.find('first')?.notes('corruption')[0]?.at).toBe(4);
  });

  it('is of a message for another mailbox never', () => {
    const { ledger } = folded(
      new Tale().accepted('m', 1).copy('m', 3, { ...BLANK, mailbox: 'b@virgilio.test' }),
    );
    expect(ledger.find('m')?.corrupt).toBe(0);
    expect(ledger.strayCopies).toHaveLength(1);
  });

  it('is of no message that came later, waits in a queue, or arrived whole', () => {
    const later = new Tale().copy('m', 3, BLANK).accepted('m', 60_000);
    const queued = new Tale().accepted('m', 1).queued('m', 2).copy('m', 3, BLANK);
    const whole = new Tale().accepted('m', 1).copy('m', 2).copy('m', 3, BLANK);
    for (const tale of [later, queued, whole]) expect(folded(tale).ledger.strayCopies).toHaveLength(1);
  });

  it('has the body of a message that lost only its headers', () => {
    const { ledger } = folded(
      new Tale().accepted('m', 1).copy('m', 3, { id: null, headersSha256: 'e'.repeat(64) }),
    );
    expect(ledger.find('m')).toMatchObject({ fate: 'delivered', corrupt: 1 });
  });

  it('lies at the end where the message was seen whole', () => {
    const { ledger } = folded(
      new Tale().accepted('m', 1).copy('m', 3, { uid: 1 }).listed(900, 'after', [null]),
    );
    expect(ledger.find('m')).toMatchObject({ fate: 'delivered', corrupt: 1, copies: 1 });
    expect(ledger.find('m')?.notes('corruption')).toEqual([
      { at: 900, text: `UID 1 of ${GOLD} at the end: the body differs` },
    ]);
  });

  it('is told again by every later look, and no longer once the message is there', () => {
    const fold = new Fold();
    const tale = new Tale().accepted('m', 1).copy('m', 3, BLANK);
    for (const event of tale.events) fold.see(event);
    fold.close();
    expect(fold.ledger.find('m')?.corrupt).toBe(1);
    for (const event of new Tale().copy('m', 9).events) if (event.type === 'copy.found') fold.see(event);
    fold.close();
    expect(fold.ledger.find('m')?.corrupt).toBe(0);
    expect(fold.ledger.strayCopies).toHaveLength(1);
  });
});

describe('what only the listing at the end shows', () => {
  const listed = (tale: Tale) => folded(tale.listed(900, 'after', [null])).ledger.strayCopies;

  it('is nobody knows what', () => {
    expect(listed(new Tale())).toMatchObject([
      { id: null, isListedOnly: true, text: `UID 1 of ${GOLD} at the end` },
    ]);
  });

  it('may be a notice, by its place or, in older runs, by their number', () => {
    const notice = { place: 'mailbox', to: GOLD, action: 'delayed', status: '4.2.0' } as const;
    expect(listed(new Tale().dsn(null, 5, { ...notice, uid: 1, uidValidity: '1' }))).toEqual([]);
    expect(listed(new Tale().dsn(null, 5, { ...notice, uid: 2, uidValidity: '1' }))).toHaveLength(1);
    expect(listed(new Tale().dsn(null, 5, notice))).toEqual([]);
    expect(
      folded(new Tale().dsn(null, 5, notice).listed(900, 'after', [null, null])).ledger.strayCopies,
    ).toHaveLength(1);
  });

  it('may have been there before, or have been seen to come', () => {
    expect(listed(new Tale().listed(1, 'before', [null]))).toEqual([]);
    expect(listed(new Tale().copy('x', 5, { id: null, uid: 1 }))).toMatchObject([{ isListedOnly: false }]);
  });
});
