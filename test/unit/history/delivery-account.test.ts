import { describe, expect, it } from 'vitest';
import { sourceDoubts } from '../../../src/check/source-doubts.js';
import type { SourceKind } from '../../../src/history/event.js';
import { Fold } from '../../../src/history/fold.js';
import { FRIEND, GOLD, SILVER, Tale } from '../../support/tale.js';

const OUT = { kind: 'outbound', from: GOLD, to: FRIEND } as const;
const sent = { status: 'sent' } as const;
const END = 60_000;

function doubts(tale: Tale, kind: SourceKind, end = END): readonly string[] {
  const fold = new Fold();
  for (const event of tale.ended(end).events) fold.see(event);
  fold.close();
  return sourceDoubts(fold, [kind]).filter((doubt) => !doubt.includes('heard of'));
}

/** So many messages, each told of by `tell`, a second apart from 10 s on. */
function told(count: number, tell: (tale: Tale, id: string, t: number) => Tale, tale = quiet()): Tale {
  for (let n = 0; n < count; n += 1) tell(tale, `m${String(n)}`, 10_000 + 1_000 * n);
  return tale;
}

const quiet = () => new Tale({ heartbeats: false });

describe('what was seen at its recipient', () => {
  const arrives = (tale: Tale, id: string, t: number) => tale.accepted(id, t).copy(id, t + 100);

  it('must stand in the log, but for one or two', () => {
    expect(doubts(told(2, arrives), 'log')).toEqual([]);
    expect(doubts(told(3, arrives), 'log')).toEqual([
      '3 messages were seen at their recipients, and no log says that they were delivered, between 10.1 s and 12.1 s',
    ]);
    const logged = (tale: Tale, id: string, t: number) => arrives(tale, id, t).logged(id, t + 50, sent);
    expect(doubts(told(9, logged), 'log')).toEqual([]);
    const leaves = (tale: Tale, id: string, t: number) => tale.accepted(id, t, OUT).outside(id, t + 100);
    expect(doubts(told(3, leaves), 'log')).toHaveLength(1);
  });

  it('may be missing in the log for one in fifty', () => {
    const many = told(196, (tale, id, t) =>
      tale
        .accepted(`l${id}`, t / 10)
        .logged(`l${id}`, t / 10, sent)
        .copy(`l${id}`, t / 10, { uid: t }),
    );
    expect(doubts(told(4, arrives, many), 'log')).toEqual([]);
    expect(
      doubts(
        told(1, (tale) => arrives(tale, 'last', 15_500), many),
        'log',
      ),
    ).toHaveLength(1);
  });

  it('may be one of the deliveries that the log does not name, and those of correspondents are none', () => {
    const nameless = (service: string) => (tale: Tale, id: string, t: number) =>
      arrives(tale, id, t).logged(null, t + 50, { ...sent, service });
    expect(doubts(told(9, nameless('mta')), 'log')).toEqual([]);
    const lifetimes = { mailMs: 1, bouncesMs: 1, warningMs: 0, outside: true };
    const theirs = quiet().add(1, { type: 'mta.configured', service: 'outside-mta-1', ...lifetimes });
    expect(doubts(told(9, nameless('outside-mta-1'), theirs), 'log')).toHaveLength(1);
    const put = (tale: Tale, id: string, t: number) => arrives(tale, id, t).logged(null, t + 50);
    expect(doubts(told(9, put), 'log')).toHaveLength(1);
  });

  it('has two seconds until the log says so, at the end of a run', () => {
    const last = (t: number) => told(3, (tale, id) => tale.accepted(id, t).copy(id, t));
    expect(doubts(last(END - 1_999), 'log')).toEqual([]);
    expect(doubts(last(END - 2_000), 'log')).toHaveLength(1);
  });

  it('is no delivery of mail to nobody', () => {
    const canary = { kind: 'canary', to: GOLD } as const;
    const strange = (tale: Tale, id: string, t: number) => tale.accepted(id, t, canary).copy(id, t);
    expect(doubts(told(9, strange), 'log')).toEqual([]);
  });
});

describe('what the log handed over to the outside', () => {
  const leaves = (tale: Tale, id: string, t: number) => tale.accepted(id, t, OUT).logged(id, t + 100, sent);

  it('must have been received there, but for one or two, and for two seconds at the end', () => {
    expect(doubts(told(2, leaves), 'outside')).toEqual([]);
    expect(doubts(told(3, leaves), 'outside')).toEqual([
      '3 messages were handed over by the log, and the outside did not receive them, between 10.1 s and 12.1 s',
    ]);
    const received = (tale: Tale, id: string, t: number) => leaves(tale, id, t).outside(id, t + 90);
    expect(doubts(told(9, received), 'outside')).toEqual([]);
    const last = (t: number) => told(3, (tale, id) => leaves(tale, id, t));
    expect(doubts(last(END - 2_099), 'outside')).toEqual([]);
    expect(doubts(last(END - 2_100), 'outside')).toHaveLength(1);
    const inside = (tale: Tale, id: string, t: number) => tale.accepted(id, t).logged(id, t + 100, sent);
    expect(doubts(told(9, inside), 'outside')).toEqual([]);
    const put = (tale: Tale, id: string, t: number) => tale.accepted(id, t, OUT).logged(id, t + 100);
    expect(doubts(told(9, put), 'outside')).toEqual([]);
  });
});

describe('what a mailbox lists at the end', () => {
  const ids = ['m0', 'm1', 'm2'];
  const LISTED = 50_000;
  /** Two mailboxes, each of which the watch polls in its turn. */
  const LAG_MS = 3_000 + 2 * 50;

  it('must have been seen there by the watch before, but for one or two, and what came right before', () => {
    const handed = (t: number) => told(3, (tale, id) => tale.accepted(id, 1_000).logged(id, t, sent));
    const listed = (tale: Tale, all = ids) => doubts(tale.listed(LISTED, 'after', all), 'mailboxes');
    expect(listed(handed(LISTED - LAG_MS))).toEqual([
      '3 messages lie in mailboxes at the end, and the watch of the mailboxes saw none come, between 46.9 s and 46.9 s',
    ]);
    expect(listed(handed(LISTED - LAG_MS + 1))).toEqual([]);
    expect(listed(handed(20_000), ['m0', 'm1'])).toEqual([]);
    expect(listed(told(3, (tale, id) => tale.accepted(id, 1_000)))).toHaveLength(1);
    const seen = told(3, (tale, id) => tale.accepted(id, 1_000).copy(id, LISTED - 1));
    expect(listed(seen)).toEqual([]);
    const later = handed(20_000)
      .listed(LISTED, 'after', ids)
      .listed(LISTED + 5_000, 'after', ids);
    expect(doubts(later, 'mailboxes')).toHaveLength(1);
    const elsewhere = told(3, (tale, id) =>
      tale.accepted(id, 1_000, { to: SILVER }).copy(id, 20_000, { mailbox: SILVER }),
    );
    expect(listed(elsewhere, [])).toEqual([]);
  });
});
