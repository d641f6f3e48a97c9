import { describe, expect, it } from 'vitest';
import { Fold } from '../../../src/history/fold.js';
import type { Message } from '../../../src/history/messages.js';
import { contentOf, FRIEND, GOLD, SILVER, Tale } from '../../support/tale.js';

function messageOf(tale: Tale, id = 'm'): Message {
  const fold = new Fold();
  for (const event of tale.events) fold.see(event);
  fold.close();
  const message = fold.ledger.find(id);
  if (message === undefined) throw new Error(`no message ${id}`);
  return message;
}

const looked = (tale: Tale, ids: readonly string[] = []) => tale.listed(900, 'after', ids).ended(999);

describe('the outcome of a message', () => {
  it('is the best of its attempts', () => {
    const outcomes = ['unsent', 'deferred', 'rejected', 'ambiguous', 'accepted'] as const;
    const tale = new Tale().created('m', 1);
    expect(messageOf(tale).outcome).toBeNull();
    for (const [index, outcome] of outcomes.entries()) {
      tale.attempt('m', 2 + index, outcome);
      expect(messageOf(tale).outcome).toBe(outcome);
    }
    tale.attempt('m', 9, 'deferred');
    expect(messageOf(tale).outcome).toBe('accepted');
    expect(messageOf(tale).attempts).toBe(6);
    expect(messageOf(tale).count('deferred')).toBe(2);
  });

  it('is the last of attempts that came to nothing', () => {
    const tale = new Tale().created('m', 1).attempt('m', 2, 'rejected').attempt('m', 3, 'unsent');
    expect(messageOf(tale).outcome).toBe('unsent');
  });

  it('is ambiguous of an attempt that never ended, and of one that ended without a start', () => {
    const open = new Tale().created('m', 1).add(2, { type: 'attempt.started', id: 'm', attempt: 1 });
    expect(messageOf(open)).toMatchObject({
      outcome: 'ambiguous',
      ambiguous: 1,
      attempts: 1,
      copiesAllowed: 1,
    });
    const ended = {
      type: 'attempt.ended',
      id: 'm',
      attempt: 1,
      outcome: 'accepted',
      code: 250,
      enhanced: null,
    } as const;
    const headless = new Tale().created('m', 1).add(4, { ...ended, reply: '250 Ok', at: 'dot', ms: 1 });
    expect(messageOf(headless)).toMatchObject({
      outcome: 'accepted',
      ambiguous: 0,
      attempts: 1,
      firstAttemptAt: 4,
    });
  });

  it('keeps the first attempt and the first acceptance', () => {
    const tale = new Tale()
      .created('m', 1)
      .attempt('m', 2, 'deferred')
      .attempt('m', 5, 'accepted')
      .attempt('m', 7, 'accepted');
    expect(messageOf(tale)).toMatchObject({ firstAttemptAt: 2, acceptedAt: 5, copiesAllowed: 2 });
  });
});

describe('the fate of a message', () => {
  it('is none of what nobody accepted', () => {
    expect(messageOf(looked(new Tale().created('m', 1).attempt('m', 2, 'deferred'))).fate).toBe('none');
  });

  it('is delivered where a copy is in the mailbox and stays there', () => {
    const tale = new Tale().accepted('m', 1).copy('m', 5);
    expect(messageOf(tale).fate).toBe('delivered');
    expect(messageOf(looked(tale, ['m'])).fate).toBe('delivered');
  });

  it('is delivered where only the listing at the end shows it', () => {
    const message = messageOf(looked(new Tale().accepted('m', 1), ['x', 'm']));
    expect(message).toMatchObject({ fate: 'delivered', copies: 1, firstCopyAt: 900 });
  });

  it('is lost where it was seen in the mailbox and is gone at the end', () => {
    const message = messageOf(looked(new Tale().accepted('m', 1).copy('m', 5)));
    expect(message).toMatchObject({ fate: 'lost', copies: 1, isDelivered: false });
  });

  it('is what the last listing says', () => {
    const tale = new Tale().accepted('m', 1).copy('m', 5).listed(800, 'after', ['m']);
    expect(messageOf(looked(tale)).fate).toBe('lost');
    const late = new Tale().accepted('m', 1).listed(800, 'after', []).copy('m', 850).ended(900);
    expect(messageOf(late).fate).toBe('delivered');
  });

  it('is bounced by a DSN or by the log, and not by a delay', () => {
    for (const status of ['bounced', 'expired', 'undeliverable'] as const) {
      expect(messageOf(looked(new Tale().accepted('m', 1).logged('m', 5, { status }))).fate).toBe('bounced');
    }
    expect(messageOf(looked(new Tale().accepted('m', 1).dsn('m', 5))).fate).toBe('bounced');
    const unknown = { action: 'unknown', status: '5.0.0' } as const;
    expect(messageOf(looked(new Tale().accepted('m', 1).dsn('m', 5, unknown))).fate).toBe('bounced');
    expect(
      messageOf(looked(new Tale().accepted('m', 1).dsn('m', 5, { ...unknown, status: '4.0.0' }))).fate,
    ).toBe('lost');
    for (const action of ['delayed', 'delivered', 'relayed', 'expanded'] as const) {
      expect(messageOf(looked(new Tale().accepted('m', 1).dsn('m', 5, { action }))).fate).toBe('lost');
    }
  });

  it('is delivered of what was bounced and arrived, and bounced of what was bounced and is queued', () => {
    const tale = new Tale().accepted('m', 1).dsn('m', 5).queued('m', 6);
    expect(messageOf(tale)).toMatchObject({ fate: 'bounced', isBounced: true, isListed: true });
    expect(messageOf(tale.copy('m', 7))).toMatchObject({ fate: 'delivered', isBounced: true });
  });

  it('is queued while any queue lists it', () => {
    const tale = new Tale().accepted('m', 1).queued('m', 5).queued('m', 6, { reason: 'other' });
    expect(messageOf(looked(tale)).fate).toBe('queued');
    tale
      .queued('m', 7, { queueId: 'R' })
      .queued('m', 7, { queueId: 'R' })
      .queued('m', 7, { service: 'relay' });
    tale.left('m', 8);
    expect(messageOf(tale)).toMatchObject({ fate: 'queued', queuedAt: 5, leftQueueAt: 8 });
    tale.left('m', 9, { queueId: 'R' }).left('m', 9, { queueId: 'never seen' });
    expect(messageOf(tale).fate).toBe('queued');
    expect(messageOf(tale.left('m', 10, { service: 'relay' })).fate).toBe('lost');
    expect(messageOf(tale.queued('m', 11)).fate).toBe('queued');
  });

  it('is queued no longer when the listing that came second, and was repeated, has left too', () => {
    const tale = new Tale().accepted('m', 1).queued('m', 2).queued('m', 3, { queueId: 'R' }).left('m', 4);
    tale.queued('m', 5, { queueId: 'R', reason: 'other' }).left('m', 6, { queueId: 'R' });
    expect(messageOf(looked(tale)).fate).toBe('lost');
  });

  it('is queued no longer by a queue that never listed it', () => {
    expect(messageOf(looked(new Tale().accepted('m', 1).left('m', 2))).fate).toBe('lost');
  });

  it('is unaccounted while the history is still being read', () => {
    const fold = new Fold();
    for (const event of looked(new Tale().accepted('m', 1)).events) fold.see(event);
    expect(fold.ledger.find('m')?.fate).toBe('unaccounted');
    fold.close();
    expect(fold.ledger.find('m')?.fate).toBe('lost');
  });

  it('is unaccounted where the run did not look everywhere', () => {
    expect(messageOf(new Tale().accepted('m', 1).ended(999)).fate).toBe('unaccounted');
    expect(messageOf(new Tale().accepted('m', 1).listed(900, 'after', [])).fate).toBe('unaccounted');
    expect(
      messageOf(new Tale().accepted('m', 1).listed(900, 'after', []).ended(999, 'interrupted')).fate,
    ).toBe('unaccounted');
    const other = new Tale().accepted('m', 1, { to: SILVER }).listed(900, 'after', []).ended(999);
    expect(messageOf(other).fate).toBe('unaccounted');
  });

  it('of outgoing mail needs no listing', () => {
    const out = { kind: 'outbound', from: GOLD, to: FRIEND } as const;
    expect(messageOf(new Tale().accepted('m', 1, out).ended(9)).fate).toBe('lost');
    expect(messageOf(new Tale().accepted('m', 1, out).outside('m', 5).ended(9)).fate).toBe('delivered');
    const strange = new Tale().accepted('m', 1, { to: 'alias@libero.test' });
    expect(messageOf(strange.ended(9)).fate).toBe('lost');
  });
});

describe('a message that is found nowhere', () => {
  const OUT = { kind: 'outbound', from: GOLD, to: FRIEND } as const;
  const told = () => new Tale().accepted('m', 1_000);
  const ended = (tale: Tale, ids: readonly string[] = []) => tale.listed(90_000, 'after', ids).ended(91_000);
  const said = (tale: Tale, id = 'm') => {
    const { fate, escape } = messageOf(tale, id);
    return fate === 'lost' ? 'lost' : `${fate}: ${String(escape)}`;
  };

  it('is lost where its mailbox was listed behind its delivery', () => {
    expect(said(ended(told()))).toBe('lost');
    expect(said(ended(told().logged('m', 89_000, { status: 'sent' })))).toBe('lost');
  });

  it('is unaccounted where it was handed over or accepted behind the last listing', () => {
    expect(said(ended(told().logged('m', 89_001, { status: 'sent' })))).toBe('unaccounted: listed-too-early');
    expect(said(ended(told().accepted('n', 90_001)), 'n')).toBe('unaccounted: listed-too-early');
    expect(said(ended(told().accepted('n', 90_000)), 'n')).toBe('lost');
    const twice = told().listed(80_000, 'after', []).logged('m', 81_000, { status: 'sent' });
    expect(said(ended(twice))).toBe('lost');
    const ofSilver = told().accepted('n', 1_000, { to: SILVER }).listed(90_000, 'after', []);
    expect(said(ofSilver.ended(91_000), 'n')).toBe('unaccounted: not-listed');
  });

  it('is unaccounted while the log says that it is kept, unless the queue saw it go behind that', () => {
    const kept = () => told().logged('m', 2_000);
    expect(said(ended(kept()))).toBe('unaccounted: still-deferred');
    expect(said(ended(kept().queued('m', 1_500).left('m', 1_900)))).toBe('unaccounted: still-deferred');
    expect(said(ended(kept().queued('m', 1_500).left('m', 2_000)))).toBe('lost');
    expect(said(ended(kept().logged('m', 2_000, { status: 'sent' })))).toBe('lost');
    const again = kept().logged('m', 1_500, { status: 'sent' });
    expect(said(ended(again))).toBe('unaccounted: still-deferred');
    expect(said(kept().ended(91_000))).toBe('unaccounted: still-deferred');
  });

  it('is unaccounted where its file lies in the store, and lost where it lies anywhere else', () => {
    const file = { type: 'file.found', id: 'm', volume: 'gold', bytes: 1 } as const;
    const found = (path: string, where: 'volume' | 'under-mount' = 'volume') =>
      said(ended(told().add(90_500, { ...file, where, path })));
    expect(found('libero.test/u1/Maildir/new/1.P1.host')).toBe('unaccounted: file-in-store');
    expect(found('l/libero.test/u/user/u1/5.')).toBe('unaccounted: file-in-store');
    expect(found('libero.test/u1/Maildir/tmp/1.P1.host')).toBe('lost');
    expect(found('lost+found/#12')).toBe('lost');
    expect(found('libero.test/u1/Maildir/new/1.P1.host', 'under-mount')).toBe('lost');
  });

  it('is unaccounted where the watch of the queue ended, or was contradicted', () => {
    const dead = { type: 'source.ended', source: 'queue:mta', seen: 1 } as const;
    expect(said(ended(told().add(50_000, dead)))).toBe('unaccounted: queue-unsure');
    const queued = told().queued('m', 2_000).accepted('n', 3_000);
    for (let t = 5_000; t < 12_000; t += 500) queued.depth(t, 0);
    expect(said(ended(queued))).toBe('unaccounted: queue-unsure');
    expect(said(queued, 'n')).toBe('unaccounted: queue-unsure');
  });

  it('is unaccounted while the queue holds as many that nobody could name, and lost beyond them', () => {
    const two = () => told().accepted('n', 2_000);
    expect(said(ended(two().depth(89_000, 2)))).toBe('unaccounted: queue-untold');
    expect(said(ended(two().depth(89_000, 3)))).toBe('unaccounted: queue-untold');
    expect(said(ended(two().depth(89_000, 1)))).toBe('lost');
    expect(said(ended(two().depth(89_000, 0)))).toBe('lost');
    const named = two().queued('n', 3_000).depth(89_000, 1);
    expect(said(ended(named))).toBe('lost');
    expect(said(ended(two().depth(89_000, 1).depth(89_000, 1, 'relay')))).toBe('unaccounted: queue-untold');
  });

  it('of outgoing mail is unaccounted where the outside was not heard of, or had it by the log', () => {
    const out = () => new Tale().accepted('m', 1_000, OUT);
    expect(said(out().ended(91_000))).toBe('lost');
    expect(said(out().logged('m', 2_000, { status: 'sent' }).ended(91_000))).toMatch(/^unaccounted: /);
    const handed = out().logged('m', 2_000, { status: 'sent' }).accepted('n', 2_500, OUT).outside('n', 3_000);
    expect(said(handed.ended(91_000))).toBe('unaccounted: sent-outside');
    const dead = { type: 'source.ended', source: 'outside', seen: 1 } as const;
    expect(said(out().add(50_000, dead).ended(91_000))).toBe('unaccounted: outside-unsure');
  });

  it('is not what an MTA of the correspondents handed over to the stack', () => {
    const lifetimes = { mailMs: 1, bouncesMs: 1, warningMs: 0, outside: true };
    const out = new Tale()
      .add(1, { type: 'mta.configured', service: 'outside-mta-1', ...lifetimes })
      .accepted('m', 1_000, OUT)
      .logged('m', 2_000, { status: 'sent', service: 'outside-mta-1' });
    expect(said(out.ended(91_000))).toBe('lost');
  });

  it('stays queued only while the last listing may have it', () => {
    const queued = () => told().queued('m', 2_000);
    expect(said(ended(queued().depth(89_000, 1)))).toBe('queued: null');
    expect(messageOf(queued().depth(89_000, 0)).fate).toBe('queued');
    expect(messageOf(ended(queued().depth(89_000, 0))).fate).toBe('unaccounted');
    expect(messageOf(ended(queued().depth(89_000, 0).left('m', 89_500))).fate).toBe('lost');
  });
});

describe('copies', () => {
  it('are counted by UID, and the same one twice is one', () => {
    const tale = new Tale().accepted('m', 1).copy('m', 5, { uid: 7 }).copy('m', 6, { uid: 7 });
    expect(messageOf(tale)).toMatchObject({ copies: 1, firstCopyAt: 5 });
    tale.copy('m', 7, { uid: 8 }).copy('m', 8, { uid: 8 });
    expect(messageOf(tale).copies).toBe(2);
    expect(messageOf(tale.copy('m', 9, { uid: 9 })).copies).toBe(3);
    expect(
      messageOf(tale)
        .notes('copy')
        .map(({ text }) => text),
    ).toEqual([`UID 8 of ${GOLD}`, `UID 9 of ${GOLD}`]);
  });

  it('are the same ones under another UIDVALIDITY', () => {
    const tale = new Tale()
      .accepted('m', 1)
      .copy('m', 5, { uid: 7 })
      .copy('m', 6, { uid: 1, uidValidity: '2' });
    expect(messageOf(tale).copies).toBe(1);
    expect(messageOf(tale.copy('m', 7, { uid: 2, uidValidity: '2' })).copies).toBe(2);
  });

  it('are counted in the listing at the end as well', () => {
    const message = messageOf(looked(new Tale().accepted('m', 1).copy('m', 5), ['m', 'm']));
    expect(message.copies).toBe(2);
    expect(message.notes('copy').map(({ text }) => text)).toEqual([`UID 2 of ${GOLD} at the end`]);
  });

  it('at the end are those of the listing: a store that numbers anew has not delivered twice', () => {
    const tale = new Tale().accepted('m', 1).copy('m', 5, { uid: 7 }).copy('m', 6, { uid: 8 });
    expect(messageOf(tale)).toMatchObject({ copies: 2, isDuplicated: true });
    const listed = messageOf(looked(tale.copy('m', 905, { uid: 1 }), ['m']));
    expect(listed).toMatchObject({ copies: 1, isDuplicated: false, firstCopyAt: 5 });
    const again = new Tale().accepted('m', 1).listed(800, 'after', ['m', 'm']).copy('m', 810, { uid: 2 });
    expect(messageOf(again)).toMatchObject({ copies: 2, isDuplicated: true });
    expect(messageOf(again.copy('m', 820, { uid: 3 })).copies).toBe(3);
    expect(messageOf(looked(again, ['m'])).copies).toBe(1);
    expect(messageOf(looked(again)).isDuplicated).toBe(false);
  });

  it('outside count each', () => {
    const tale = new Tale()
      .accepted('m', 1, { kind: 'outbound', from: GOLD, to: FRIEND })
      .outside('m', 5)
      .outside('m', 6);
    expect(messageOf(tale)).toMatchObject({ copies: 2, firstCopyAt: 5 });
    expect(messageOf(tale).notes('copy')).toEqual([{ at: 6, text: `outside, to ${FRIEND}` }]);
  });

  it('elsewhere are no copies: another mailbox, another recipient outside, outside instead of inside', () => {
    expect(messageOf(new Tale().accepted('m', 1).copy('m', 5, { mailbox: SILVER }))).toMatchObject({
      copies: 0,
      elsewhere: 1,
    });
    expect(
      messageOf(new Tale().accepted('m', 1).copy('m', 5, { mailbox: 'nobody@libero.test' })).elsewhere,
    ).toBe(1);
    expect(messageOf(new Tale().accepted('m', 1).outside('m', 5))).toMatchObject({ copies: 0, elsewhere: 1 });
    const out = { kind: 'outbound', from: GOLD, to: FRIEND } as const;
    expect(
      messageOf(new Tale().accepted('m', 1, out).outside('m', 5, { to: 'x@outside.test' })).elsewhere,
    ).toBe(1);
    expect(
      messageOf(new Tale().accepted('m', 1, out).outside('m', 5, { to: FRIEND.toUpperCase() })).elsewhere,
    ).toBe(0);
    const listed = new Tale()
      .accepted('m', 1)
      .listed(9, 'after', ['m'], { mailbox: SILVER, volume: 'silver' });
    expect(messageOf(listed)).toMatchObject({ copies: 0, elsewhere: 1 });
    const both = new Tale().accepted('m', 1).copy('m', 5, { mailbox: SILVER });
    expect(messageOf(both.listed(9, 'after', ['m'], { mailbox: SILVER, volume: 'silver' })).elsewhere).toBe(
      1,
    );
  });

  it('go to a mailbox whatever the case of its address', () => {
    expect(messageOf(new Tale().accepted('m', 1, { to: GOLD.toUpperCase() }).copy('m', 5)).copies).toBe(1);
  });

  it('are corrupted where size, body or headers differ, each by itself', () => {
    const { bytes } = contentOf('m');
    const corrupt = (fields: object) => messageOf(new Tale().accepted('m', 1).copy('m', 5, fields));
    expect(corrupt({}).corrupt).toBe(0);
    expect(corrupt({ bytes: bytes + 1 }).notes('corruption')[0]?.text).toBe(
      `UID 5 of ${GOLD}: 1001 of 1000 bytes`,
    );
    expect(corrupt({ bodySha256: 'no hash' }).notes('corruption')[0]?.text).toBe(
      `UID 5 of ${GOLD}: the body differs`,
    );
    const headers = corrupt({ headersSha256: contentOf('n').headersSha256 });
    expect(headers.notes('corruption')[0]?.text).toBe(`UID 5 of ${GOLD}: the headers differ`);
    expect(headers.corrupt).toBe(1);
  });
});

describe('what is known of the way', () => {
  it('allows one more copy for each hop that got no reply to its dot', () => {
    const lost =
      'lost connection with store[10.0.0.2] while sending end of data -- message may be sent more than once';
    const tale = new Tale()
      .accepted('m', 1)
      .logged('m', 2, { reply: lost })
      .logged('m', 3, { reply: 'timed out' });
    expect(messageOf(tale)).toMatchObject({ copiesAllowed: 2, hops: 2 });
    expect(messageOf(tale.logged('m', 4, { status: 'sent', reply: lost })).copiesAllowed).toBe(2);
  });

  it('tells waiting with a reason from waiting without, and from waiting for a bounce', () => {
    const waits = (tale: Tale) => {
      const message = messageOf(tale);
      return [message.has('waited'), message.has('waitedWithReason'), message.has('waitedWithClass5')];
    };
    expect(waits(new Tale().accepted('m', 1))).toEqual([false, false, false]);
    expect(waits(new Tale().accepted('m', 1).queued('m', 2, { reason: '', enhanced: null }))).toEqual([
      true,
      false,
      false,
    ]);
    expect(waits(new Tale().accepted('m', 1).queued('m', 2, { reason: '', enhanced: '4.0.0' }))).toEqual([
      true,
      true,
      false,
    ]);
    expect(waits(new Tale().accepted('m', 1).queued('m', 2, { enhanced: null }))).toEqual([
      true,
      true,
      false,
    ]);
    expect(waits(new Tale().accepted('m', 1).queued('m', 2, { enhanced: '5.2.2' }))).toEqual([
      true,
      false,
      true,
    ]);
    expect(waits(new Tale().accepted('m', 1).logged('m', 2))).toEqual([true, true, false]);
    expect(waits(new Tale().accepted('m', 1).logged('m', 2, { status: 'sent' }))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('sees a 5xx of the store in the log, quoted or bare, and not the like of it elsewhere', () => {
    const refused = (reply: string) =>
      messageOf(new Tale().accepted('m', 1).logged('m', 2, { reply })).has('refusedByStore');
    expect(refused('host store[10.0.0.2] said: 552 5.2.2 Full')).toBe(true);
    expect(refused('550-5.1.1 No such user')).toBe(true);
    expect(refused('host store[10.0.0.2] said: 451 4.2.0 <550 x>')).toBe(false);
    expect(refused('delivery took 550 ms')).toBe(false);
    expect(refused('said: 5520 bytes')).toBe(false);
  });

  it('keeps a DSN to someone else apart from one to the sender', () => {
    expect(messageOf(new Tale().accepted('m', 1).dsn('m', 2)).has('dsnElsewhere')).toBe(false);
    expect(
      messageOf(new Tale().accepted('m', 1).dsn('m', 2, { to: FRIEND.toUpperCase() })).has('dsnElsewhere'),
    ).toBe(false);
    expect(messageOf(new Tale().accepted('m', 1).dsn('m', 2, { to: SILVER })).has('dsnElsewhere')).toBe(true);
  });

  it('knows files on the volume and under the mount point', () => {
    const file = { type: 'file.found', volume: 'gold', path: '/p', bytes: 1 } as const;
    const on = messageOf(new Tale().accepted('m', 1).add(2, { ...file, id: 'm', where: 'volume' }));
    expect([on.has('onVolume'), on.has('underMount'), on.notes('file')[0]?.text]).toEqual([
      true,
      false,
      'file on the volume: /p',
    ]);
    const under = messageOf(new Tale().accepted('m', 1).add(2, { ...file, id: 'm', where: 'under-mount' }));
    expect([under.has('onVolume'), under.has('underMount'), under.notes('file')[0]?.text]).toEqual([
      false,
      true,
      'file under the mount: /p',
    ]);
    const foreign = new Tale().accepted('m', 1).add(2, { ...file, id: null, where: 'volume' });
    expect(messageOf(foreign).has('onVolume')).toBe(false);
  });

  it('counts DSNs by kind', () => {
    const tale = new Tale().accepted('m', 1).dsn('m', 2).dsn('m', 3, { action: 'delayed', status: '4.0.0' });
    expect(messageOf(tale.dsn('m', 4, { action: 'delivered' }))).toMatchObject({
      dsnFailed: 1,
      dsnDelayed: 1,
    });
  });
});
