import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/check/judge.js';
import type { CheckName } from '../../../src/scenario/limits.js';
import { FRIEND, GOLD, SILVER, Tale } from '../../support/tale.js';

const OUTAGE = { injected: 10_000, felt: 11_000, healed: 20_000, gone: 21_000 };
const OUT = { kind: 'outbound', from: GOLD, to: FRIEND } as const;
const IN_SILVER = { to: SILVER };
const IN_SILVER_BOX = { mailbox: SILVER, volume: 'silver' };

/** `verdict`, or `verdict: reason`. */
function said(tale: Tale, name: CheckName): string {
  const { verdict, reason } = tale.check(name);
  return reason === null ? verdict : `${verdict}: ${reason}`;
}

const waited = (tale: Tale, id: string, t: number, copyAt: number) =>
  tale
    .accepted(id, t)
    .queued(id, t + 1)
    .copy(id, copyAt);

describe('what every check does', () => {
  it('is skipped with the reason that the scenario gives', async () => {
    const tale = new Tale({ checks: { 'no-bounce': { skip: 'this stack bounces on purpose' } } })
      .accepted('m', 1)
      .dsn('m', 2);
    expect(said(tale, 'no-bounce')).toBe('skipped: this stack bounces on purpose');
    const judgement = await tale.judged();
    expect(judgement.verdict).toBe('inconclusive');
  });

  it('takes its limit from the recorded scenario', () => {
    const tale = (max: number) => new Tale({ checks: { 'no-bounce': { max } } }).accepted('m', 1).dsn('m', 2);
    expect(tale(0).check('no-bounce').limit).toBe('none bounced');
    expect(said(tale(0), 'no-bounce')).toBe('fail');
    expect(said(tale(1), 'no-bounce')).toBe('pass');
    expect(tale(1).check('no-bounce').findings).toHaveLength(1);
    expect(tale(1).check('no-bounce').limit).toBe('at most 1 bounced');
  });

  it('is inconclusive of an empty history, every one, and skips none', async () => {
    const { checks, verdict } = await new Tale().judged();
    expect(verdict).toBe('inconclusive');
    expect(checks.map((check) => check.verdict)).toEqual(checks.map(() => 'inconclusive'));
    expect(checks.map(({ name, reason }) => `${name}: ${reason ?? ''}`)).toMatchSnapshot();
  });

  it('is inconclusive of no history, and of one without its beginning; nothing throws', async () => {
    const beheaded = new Tale()
      .fault(OUTAGE)
      .listed(1, 'before', ['x'])
      .accepted('m', 15_000)
      .queued('m', 15_001)
      .events.slice(1);
    for (const events of [[], beheaded]) {
      const { checks, verdict } = await judge(events);
      expect(verdict).toBe('inconclusive');
      expect(
        checks.map(({ name, verdict, reason }) => `${name}: ${verdict}, ${reason ?? ''}`),
      ).toMatchSnapshot();
    }
  });

  it('keeps fifty findings and counts all', () => {
    const tale = new Tale();
    for (let n = 0; n < 300; n += 1) tale.accepted(`m${n}`, 1).dsn(`m${n}`, 2).dsn(null, 3);
    const { findings, moreFindings, figures } = tale.check('no-bounce');
    expect(findings).toHaveLength(50);
    expect(moreFindings).toBe(550);
    expect(figures['bounces']).toBe(600);
  });

  it('that needs an outage is skipped of a baseline, and inconclusive of a run whose fault was left out', () => {
    const needy = [
      'queued-during-outage',
      'delivered-after-recovery',
      'outbound-flows',
      'blast-radius',
      'fault-felt',
      'fault-gone',
    ] as const;
    for (const name of needy) {
      expect(said(new Tale({ baseline: true }), name)).toBe(
        'skipped: the scenario is a baseline and injects no fault',
      );
      expect(said(new Tale(), name)).toBe('inconclusive: no fault was injected');
      const stray = new Tale({ baseline: true }).fault({ injected: 1 });
      expect(said(stray, name)).toMatch(/^inconclusive/);
    }
    for (const name of needy.slice(0, 4)) {
      expect(said(new Tale().fault({ injected: 1 }), name)).toBe('inconclusive: no fault was ever felt');
      const elsewhere = new Tale().fault(OUTAGE, { volume: 'bronze' });
      expect(said(elsewhere, name)).toBe('inconclusive: no mailbox lies on a volume that was broken');
      expect(said(elsewhere.fault(OUTAGE), name)).not.toContain('no mailbox lies');
    }
  });

  it.each<[CheckName, object]>([
    ['queued-during-outage', { acceptedInOutage: 0 }],
    ['delivered-after-recovery', { due: 0, acceptedInOutage: 0 }],
    ['outbound-flows', { tried: 0 }],
    ['blast-radius', { steady: 0, outage: 0 }],
    ['lifetime-margin', { neededMs: 10_000 }],
  ])(
    '%s: what nobody tried or accepted is not of the outage, not even of one from the start',
    (name, figures) => {
      const tale = new Tale()
        .fault({ injected: 0, felt: 0, healed: 10_000 })
        .add(0, { type: 'mta.configured', service: 'mta', mailMs: 1e9, bouncesMs: 1e9, warningMs: 0 })
        .created('r', 5_000)
        .attempt('r', 5_000, 'rejected')
        .copy('r', 30_000)
        .created('o', 5_000, OUT)
        .outside('o', 6_000)
        .created('s', 5_000, IN_SILVER)
        .copy('s', 6_000, { mailbox: SILVER })
        .ended(90_000);
      expect(tale.check(name).figures).toMatchObject(figures);
    },
  );
});

describe('no-reject', () => {
  it('wants attempts in the outage', () => {
    const tale = new Tale().fault(OUTAGE).accepted('m', 5_000);
    expect(said(tale, 'no-reject')).toBe(
      'inconclusive: nobody tried to send anything while a fault was felt',
    );
    expect(said(tale.accepted('n', 15_000), 'no-reject')).toBe('pass');
    expect(said(new Tale({ baseline: true }).accepted('m', 1), 'no-reject')).toBe('pass');
    const canary = new Tale()
      .fault(OUTAGE)
      .accepted('m', 5_000)
      .created('c', 15_000, { kind: 'canary' })
      .attempt('c', 15_000, 'rejected');
    expect(said(canary, 'no-reject')).toMatch(/^inconclusive/);
  });

  it('says whether the volume was broken when it was refused', () => {
    const tale = new Tale().fault(OUTAGE).created('m', 15_000).attempt('m', 15_000, 'rejected');
    tale
      .created('n', 15_000, IN_SILVER)
      .attempt('n', 15_000, 'rejected')
      .created('o', 25_000)
      .attempt('o', 25_000, 'rejected');
    expect(tale.check('no-reject').findings.map(({ summary }) => summary)).toEqual([
      `m from ${FRIEND} to ${GOLD} was refused with a 5xx reply while gold was broken`,
      `n from ${FRIEND} to ${SILVER} was refused with a 5xx reply`,
      `o from ${FRIEND} to ${GOLD} was refused with a 5xx reply`,
    ]);
  });
});

describe('no-loss', () => {
  it('is inconclusive where accepted mail is unaccounted for', () => {
    const tale = new Tale().accepted('m', 1).ended(9);
    expect(said(tale, 'no-loss')).toBe(
      'inconclusive: 1 accepted message not found (m), and its mailbox was not listed at the end',
    );
    tale.accepted('n', 2).accepted('o', 3, { kind: 'outbound', to: FRIEND, from: GOLD });
    expect(said(tale.logged('o', 4, { status: 'sent' }), 'no-loss')).toBe(
      'inconclusive: 2 accepted messages not found (m and 1 more), and its mailbox was not listed at the end; 1 accepted message not found (o), which the log says was handed over, and the outside never received',
    );
  });

  it('tells the last traces of what is lost, and for how long other mail was not seen', () => {
    const tale = new Tale().accepted('m', 1_000).queued('m', 2_000).left('m', 3_000).copy('m', 4_000);
    const file = { type: 'file.found', id: 'm', volume: 'gold', path: '/u/tmp/p', bytes: 1 } as const;
    tale.add(5_000, { ...file, where: 'volume' }).add(5_000, { ...file, where: 'under-mount' });
    tale.accepted('n', 1_000).queued('n', 2_000).left('n', 3_000).copy('n', 7_500, { uid: 1 });
    tale.accepted('o', 1_000).queued('o', 2_000).left('o', 3_000).copy('o', 3_500, { uid: 2 });
    const { findings, figures } = tale.listed(9_000, 'after', ['n', 'o']).ended(9_999).check('no-loss');
    expect(figures).toEqual({ lost: 1, accepted: 3, unaccounted: 0, longestUnseenMs: 4_500 });
    expect(findings[0]?.summary).toBe(
      `m from ${FRIEND} to ${GOLD} was accepted and is nowhere (accepted at 1 s, seen in the queue at 2 s, gone from it at 3 s, seen in the mailbox at 4 s and gone at the end, its file lies under the mount point, its file is on the volume, but not in the mailbox)`,
    );
  });
});

describe('no-duplicates', () => {
  it('allows one copy for each attempt that may have been accepted', () => {
    const copies = (attempts: readonly ('accepted' | 'ambiguous' | 'deferred')[], count: number) => {
      const tale = new Tale().created('m', 1);
      for (const outcome of attempts) tale.attempt('m', 2, outcome);
      for (let uid = 1; uid <= count; uid += 1) tale.copy('m', 5, { uid });
      return said(tale, 'no-duplicates');
    };
    expect(copies(['accepted'], 1)).toBe('pass');
    expect(copies(['accepted'], 2)).toBe('fail');
    expect(copies(['ambiguous', 'accepted'], 2)).toBe('pass');
    expect(copies(['ambiguous', 'accepted'], 3)).toBe('fail');
    expect(copies(['deferred', 'accepted'], 2)).toBe('fail');
    expect(copies(['ambiguous', 'ambiguous'], 2)).toBe('pass');
    expect(copies(['deferred'], 2)).toBe('fail');
    expect(copies(['accepted'], 0)).toBe('inconclusive: no message arrived');
  });
});

describe('no-ghosts', () => {
  it('knows what the mailbox held before, by UID or by content under another UIDVALIDITY', () => {
    const tale = new Tale().listed(1, 'before', ['old']).copy('old', 5, { uid: 1 });
    expect(said(tale, 'no-ghosts')).toBe('pass');
    expect(said(tale.copy('old', 6, { uid: 9, uidValidity: '2' }), 'no-ghosts')).toBe('pass');
    expect(said(tale.copy('new', 7, { uid: 9, uidValidity: '1' }), 'no-ghosts')).toBe('fail');
    const reused = new Tale().listed(1, 'before', ['old']).copy('new', 7, { uid: 1, uidValidity: '2' });
    expect(said(reused, 'no-ghosts')).toBe('fail');
    expect(said(new Tale().copy('new', 5), 'no-ghosts')).toBe('fail');
    expect(said(new Tale(), 'no-ghosts')).toBe('inconclusive: no copy was found anywhere');
  });

  it('leaves mail of another run to sound-history', () => {
    const tale = new Tale().accepted('m', 1).copy('m', 2).copy('other-i000001', 5);
    expect(said(tale, 'no-ghosts')).toBe('pass');
    expect(said(tale.copy('tale-i000001', 6), 'no-ghosts')).toBe('fail');
  });

  it('says who refused what arrived', () => {
    const tale = new Tale()
      .created('m', 1)
      .copy('m', 5)
      .created('n', 1)
      .attempt('n', 2, 'unsent')
      .copy('n', 6);
    expect(tale.check('no-ghosts').findings.map(({ summary }) => summary)).toEqual([
      `m to ${GOLD} was delivered, but nobody accepted it (never sent)`,
      `n to ${GOLD} was delivered, but nobody accepted it (unsent)`,
    ]);
  });
});

describe('queued-during-outage', () => {
  const told = (more: object = {}, checks = {}) =>
    new Tale({ checks: { 'queued-during-outage': checks } }).fault(OUTAGE, more);

  it('looks at mail that was accepted between felt and healed, for that volume', () => {
    const none = 'inconclusive: no mail was accepted while its volume was broken';
    const early = told().accepted('m', 10_999).queued('m', 11_500).accepted('n', 20_001);
    expect(said(early.accepted('o', 15_000, IN_SILVER), 'queued-during-outage')).toBe(none);
    expect(said(told().accepted('m', 11_000).queued('m', 11_500), 'queued-during-outage')).toBe('pass');
    expect(said(told().accepted('m', 20_000).queued('m', 20_001), 'queued-during-outage')).toBe('pass');
    const nowhere = told().accepted('m', 15_000).listed(90_000, 'after', []).ended(91_000);
    expect(said(nowhere, 'queued-during-outage')).toBe('fail');
  });

  it('says nothing of mail that may still be seen, or was where nobody looked', () => {
    const unsure = 'inconclusive: of 1 message that had to wait it is not known where';
    const open = () => told().accepted('m', 15_000);
    expect(said(open(), 'queued-during-outage')).toBe(unsure);
    expect(said(open().ended(91_000), 'queued-during-outage')).toBe(unsure);
    expect(
      said(open().listed(90_000, 'after', []).ended(91_000, 'interrupted'), 'queued-during-outage'),
    ).toBe(unsure);
    const late = open().copy('m', 22_000).ended(91_000);
    expect(said(late, 'queued-during-outage')).toBe('fail');
    const ended = { type: 'source.ended', seen: 1 } as const;
    for (const source of ['queue:mta', 'log:mta']) {
      const blind = open()
        .copy('m', 22_000)
        .listed(90_000, 'after', ['m'])
        .add(16_000, { ...ended, source });
      expect(said(blind.ended(91_000), 'queued-during-outage'), source).toMatch(
        /^inconclusive: of 1 message/,
      );
    }
  });

  it('needs no queue for what is delivered while the fault lasts', () => {
    const told2 = () => told().accepted('m', 15_000);
    const heal = 20_000;
    const seen = (t: number) => said(told2().copy('m', t).ended(91_000), 'queued-during-outage');
    expect(seen(heal)).toBe('pass');
    expect(seen(heal + 1)).toBe('fail');
    // The watch looks away from a broken volume: what it sees behind the heal may have been handed over before.
    const handed = (t: number) => told2().logged('m', t, { status: 'sent' }).copy('m', 22_000);
    expect(said(handed(heal).ended(91_000), 'queued-during-outage')).toBe('pass');
    expect(said(handed(heal + 1).ended(91_000), 'queued-during-outage')).toBe('fail');
    expect(said(told2().logged('m', heal, { status: 'sent' }), 'queued-during-outage')).toBe('pass');
    const swallowed = told2().logged('m', heal, { status: 'sent' }).listed(90_000, 'after', []);
    expect(said(swallowed.ended(91_000), 'queued-during-outage')).toBe('fail');
    expect(said(told2().copy('m', heal).copy('n', 1), 'queued-during-outage')).toBe('pass');
    const { observed } = told2().copy('m', heal).ended(91_000).check('queued-during-outage');
    expect(observed).toBe('0 of 1 accepted in the outage; nothing had to wait: slowest delivery 5 s');
  });

  it('takes for kept what waited and arrived, or still waits, but not what was lost behind', () => {
    const waited = () => told().accepted('m', 15_000).queued('m', 15_100);
    expect(said(waited().left('m', 22_000).copy('m', 22_000).ended(91_000), 'queued-during-outage')).toBe(
      'pass',
    );
    expect(said(waited().listed(90_000, 'after', []).ended(91_000), 'queued-during-outage')).toBe('pass');
    const lost = waited().left('m', 22_000).listed(90_000, 'after', []).ended(91_000);
    expect(said(lost, 'queued-during-outage')).toBe('fail');
  });

  it('wants as many as the limit says', () => {
    const tale = (min: number) =>
      told({}, { min })
        .accepted('m', 15_000)
        .queued('m', 15_001)
        .accepted('n', 15_000)
        .listed(90_000, 'after', [])
        .ended(91_000);
    expect(said(tale(1), 'queued-during-outage')).toBe('pass');
    expect(said(tale(2), 'queued-during-outage')).toBe('fail');
    expect(tale(2).check('queued-during-outage').observed).toBe('1 of 2 accepted in the outage');
  });

  it('asks nothing to wait under a fault that only slows, unless it had to', () => {
    for (const more of [
      { name: 'latency' },
      { name: 'bandwidth' },
      { name: 'slow-disk' },
      { name: 'flap' },
      { parameters: { probability: 0.5 } },
      { parameters: { operations: ['read'] } },
    ]) {
      const tale = told(more).accepted('m', 15_000).copy('m', 20_000).ended(60_000);
      expect(said(tale, 'queued-during-outage'), JSON.stringify(more)).toBe('pass');
      const late = told(more).accepted('m', 15_000).copy('m', 20_001).ended(60_000);
      expect(said(late, 'queued-during-outage'), JSON.stringify(more)).toBe('fail');
      const seen = told(more).accepted('m', 15_000).queued('m', 16_000).copy('m', 20_001).ended(60_000);
      expect(said(seen, 'queued-during-outage'), JSON.stringify(more)).toBe('pass');
    }
    for (const parameters of [
      { probability: 1 },
      { operations: ['read', 'rename'] },
      { operations: ['write'] },
      { operations: ['open'] },
      { operations: ['fsync'] },
    ]) {
      const tale = told({ parameters }).accepted('m', 15_000).copy('m', 20_001);
      expect(said(tale, 'queued-during-outage'), JSON.stringify(parameters)).toBe('fail');
    }
  });

  it('counts what never arrived as waiting until the end', () => {
    const tale = (end: number, checks = {}) =>
      told({ name: 'latency' }, checks).accepted('m', 15_000).listed(end, 'after', []).ended(end);
    expect(said(tale(21_000, { delayed: '6s' }), 'queued-during-outage')).toBe('pass');
    expect(said(tale(21_001, { delayed: '6s' }), 'queued-during-outage')).toBe('fail');
    const { findings, figures } = tale(21_000).check('queued-during-outage');
    expect(findings[0]?.messages).toEqual(['m']);
    expect(figures).toMatchObject({ heldUp: 1, slowestMs: 6_000 });
  });

  it('wants no reason of mail that waits, and counts what has none', () => {
    const unexplained = { reason: '', enhanced: null };
    for (const more of [{ name: 'latency' }, { name: 'stall' }, {}]) {
      const tale = told(more).accepted('m', 15_000).queued('m', 15_001, unexplained).copy('m', 21_000);
      expect(said(tale, 'queued-during-outage')).toBe('pass');
      expect(tale.check('queued-during-outage').figures).toMatchObject({ queued: 1, unexplained: 1 });
    }
    const explained = told().accepted('m', 15_000).queued('m', 15_001);
    expect(explained.check('queued-during-outage').figures).toMatchObject({ queued: 1, unexplained: 0 });
  });

  it('stops writes when one of two faults does', () => {
    const tale = told({ name: 'latency' }).fault(
      { injected: 12_000, felt: 12_500, healed: 18_000 },
      { name: 'read-only' },
    );
    expect(said(tale.accepted('m', 19_000).copy('m', 20_001), 'queued-during-outage')).toBe('fail');
    const slowed = told({ name: 'latency' }).accepted('m', 19_000).copy('m', 20_001);
    expect(said(slowed, 'queued-during-outage')).toBe('pass');
  });
});

describe('delivered-after-recovery', () => {
  const within = { checks: { 'delivered-after-recovery': { within: '30s' } } };
  const told = () => new Tale(within).fault(OUTAGE);

  it('takes the time from the heal', () => {
    expect(said(waited(told(), 'm', 15_000, 50_000).ended(90_000), 'delivered-after-recovery')).toBe('pass');
    expect(said(waited(told(), 'm', 15_000, 50_001).ended(90_000), 'delivered-after-recovery')).toBe('fail');
    const { observed, figures } = waited(told(), 'm', 15_000, 45_000)
      .ended(90_000)
      .check('delivered-after-recovery');
    expect(observed).toBe('1 of 1 in time, the slowest after 25 s');
    expect(figures).toEqual({
      due: 1,
      inTime: 1,
      acceptedInOutage: 1,
      unwatched: 0,
      unhealed: 0,
      unsure: 0,
      slowestMs: 25_000,
    });
  });

  it('is about what was waiting: accepted before and not there, or in the outage', () => {
    const inTime = waited(told(), 'm', 15_000, 30_000);
    const before = () => waited(told(), 'm', 15_000, 30_000).accepted('early', 5_000);
    expect(before().copy('early', 9_000).ended(90_000).check('delivered-after-recovery').figures['due']).toBe(
      1,
    );
    expect(before().copy('early', 60_000).ended(90_000).check('delivered-after-recovery').verdict).toBe(
      'fail',
    );
    expect(inTime.accepted('later', 20_001).ended(90_000).check('delivered-after-recovery').verdict).toBe(
      'pass',
    );
    const refused = waited(told(), 'm', 15_000, 30_000).created('r', 15_000).attempt('r', 15_000, 'deferred');
    expect(refused.ended(90_000).check('delivered-after-recovery').figures['due']).toBe(1);
    const other = waited(told(), 'm', 15_000, 30_000).accepted('o', 15_000, IN_SILVER).ended(90_000);
    expect(other.check('delivered-after-recovery').figures['due']).toBe(1);
  });

  it('is inconclusive where no mail was accepted in the outage, or nothing was healed, or nobody waited', () => {
    expect(
      said(told().accepted('m', 5_000).copy('m', 30_000).ended(90_000), 'delivered-after-recovery'),
    ).toBe('inconclusive: no mail was accepted while its volume was broken');
    const unhealed = new Tale(within)
      .fault({ injected: 10_000, felt: 11_000 })
      .accepted('m', 15_000)
      .ended(90_000);
    expect(said(unhealed, 'delivered-after-recovery')).toBe(
      'inconclusive: the volume of 1 waiting message was never healed',
    );
    const seenAllTheSame = waited(
      new Tale(within).fault({ injected: 10_000, felt: 11_000 }),
      'm',
      15_000,
      30_000,
    );
    expect(seenAllTheSame.check('delivered-after-recovery')).toMatchObject({
      verdict: 'pass',
      figures: { due: 1, inTime: 1, slowestMs: 0 },
    });
    const short = told().accepted('m', 15_000).queued('m', 15_001);
    expect(said(short.ended(49_999), 'delivered-after-recovery')).toBe(
      'inconclusive: the run ended before the limit was over for 1 waiting message',
    );
    const full = told().accepted('m', 15_000).queued('m', 15_001).ended(50_000);
    expect(said(full, 'delivered-after-recovery')).toBe('fail');
    const lost = told().accepted('m', 15_000).listed(30_000, 'after', []).ended(30_001);
    expect(said(lost, 'delivered-after-recovery')).toBe('fail');
  });

  it('finds what a completed run left in a queue: of any kind and volume, accepted in the outage or behind it', () => {
    const left = (kind: object, acceptedAt: number, end = 90_000) => {
      const tale = waited(told(), 'w', 15_000, 30_000)
        .accepted('m', acceptedAt, kind)
        .queued('m', acceptedAt + 1);
      const { verdict, reason, findings } = tale.ended(end).check('delivered-after-recovery');
      return findings.length === 0 ? `${verdict}: ${String(reason)}` : findings[0]?.summary;
    };
    for (const { to, ...kind } of [OUT, IN_SILVER, { ...IN_SILVER, kind: 'internal' }, { to: GOLD }]) {
      const stuck = `m to ${to} is not in its mailbox (queued)`;
      expect(left({ to, ...kind }, 40_000), JSON.stringify(kind)).toBe(stuck);
      expect(left({ to, ...kind }, 60_000)).toBe(stuck);
      expect(left({ to, ...kind }, 60_001)).toBe(
        'inconclusive: the run ended before the limit was over for 1 waiting message',
      );
    }
    expect(left(OUT, 11_000)).toBe(`m to ${FRIEND} is not in its mailbox (queued)`);
    expect(left(OUT, 10_999)).toBe('pass: null');
    const running = waited(told(), 'w', 15_000, 30_000).accepted('m', 40_000, OUT).queued('m', 40_001);
    expect(said(running.depth(90_000, 1), 'delivered-after-recovery')).toBe('pass');
    const open = running.fault({ injected: 85_000 }, { name: 'refuse', volume: 'silver' });
    expect(said(open.ended(120_000), 'delivered-after-recovery')).toBe(
      'inconclusive: the volume of 1 waiting message was never healed',
    );
  });

  it('does not know when a message arrived that a dead watch did not see, or what became of it', () => {
    const dead = { type: 'source.ended', source: 'mailboxes', seen: 1 } as const;
    const late = () => told().accepted('m', 15_000).listed(60_000, 'after', ['m']).ended(61_000);
    expect(said(late(), 'delivered-after-recovery')).toBe('fail');
    expect(said(late().add(30_000, dead), 'delivered-after-recovery')).toMatch(
      /^inconclusive: when 1 waiting message arrived is not known; the watch of the mailboxes ended at 30 s/,
    );
    const unaccounted = told().accepted('m', 15_000).logged('m', 16_000).listed(60_000, 'after', []);
    expect(said(unaccounted.ended(61_000), 'delivered-after-recovery')).toBe(
      'inconclusive: when 1 waiting message arrived is not known',
    );
  });

  it('waits for the last of several outages that follow each other', () => {
    const twice = (secondAt: number) =>
      told().fault(
        { injected: secondAt, felt: secondAt + 100, healed: secondAt + 10_000 },
        { name: 'refuse' },
      );
    expect(said(waited(twice(40_000), 'm', 15_000, 75_000).ended(120_000), 'delivered-after-recovery')).toBe(
      'pass',
    );
    expect(said(waited(twice(40_000), 'm', 15_000, 85_000).ended(120_000), 'delivered-after-recovery')).toBe(
      'fail',
    );
    // The second one came only after the time was over.
    expect(said(waited(twice(51_000), 'm', 15_000, 75_000).ended(120_000), 'delivered-after-recovery')).toBe(
      'fail',
    );
    // The first one is no excuse for mail of the second.
    expect(said(waited(twice(51_000), 'm', 55_000, 65_000).ended(120_000), 'delivered-after-recovery')).toBe(
      'pass',
    );
  });
});

describe('mailbox-intact', () => {
  const told = () =>
    new Tale()
      .listed(1, 'before', ['x', 'y'])
      .listed(1, 'before', ['z'], { mailbox: SILVER, volume: 'silver' });
  const ended = (tale: Tale) =>
    tale.listed(900, 'after', ['x', 'y']).listed(900, 'after', ['z'], { mailbox: SILVER, volume: 'silver' });

  it('wants every mailbox listed before and after, and something in it', () => {
    expect(said(ended(told()), 'mailbox-intact')).toBe('pass');
    expect(said(told().listed(900, 'after', ['x', 'y']), 'mailbox-intact')).toBe(
      `inconclusive: ${SILVER} not listed both before the first fault and at the end`,
    );
    expect(said(told(), 'mailbox-intact')).toBe(
      `inconclusive: ${GOLD} and 1 more not listed both before the first fault and at the end`,
    );
    const empty = new Tale();
    for (const stage of ['before', 'after'] as const) {
      empty.listed(1, stage, []).listed(1, stage, [], { mailbox: SILVER, volume: 'silver' });
    }
    expect(said(empty, 'mailbox-intact')).toBe(
      'inconclusive: no mailbox held anything before the first fault',
    );
  });

  it('takes the first listing before and the last one after', () => {
    expect(said(ended(told().listed(2, 'before', ['other'])), 'mailbox-intact')).toBe('pass');
    expect(said(ended(told().listed(800, 'after', [])), 'mailbox-intact')).toBe('pass');
    expect(said(ended(told()).listed(950, 'after', []), 'mailbox-intact')).toBe('fail');
  });

  it('compares flags as a set and without \\Recent', () => {
    const flagged = (t: number, stage: 'before' | 'after', flags: string[]) => (tale: Tale) =>
      tale
        .listed(t, stage, [], { messages: [{ uid: 1, id: null, flags, bodySha256: 'x' }] })
        .listed(t, stage, [], { mailbox: SILVER, volume: 'silver' });
    const both = (before: string[], after: string[]) =>
      flagged(9, 'after', after)(flagged(1, 'before', before)(new Tale()));
    expect(said(both(['\\Seen', 'a'], ['a', '\\Seen']), 'mailbox-intact')).toBe('pass');
    expect(said(both(['\\Recent', 'a'], ['a']), 'mailbox-intact')).toBe('pass');
    expect(said(both(['a'], ['a', '\\recent']), 'mailbox-intact')).toBe('pass');
    expect(said(both(['a'], ['a', '\\Seen']), 'mailbox-intact')).toBe('fail');
  });

  it('believes readers: empty, fewer, another UIDVALIDITY, the known message missing or changed', () => {
    const visited = (fields: Parameters<Tale['visit']>[1]) =>
      ended(
        told()
          .visit(100, { exists: 2, ...fields })
          .visit(200, { exists: 2, ...fields }),
      )
        .check('mailbox-intact')
        .findings.map(({ summary }) => summary);
    const when = '(2 times from 100 ms to 200 ms)';
    expect(visited({})).toEqual([]);
    expect(visited({ exists: 5 })).toEqual([]);
    expect(visited({ exists: null, uidValidity: null, known: null })).toEqual([]);
    expect(visited({ exists: 0 })).toEqual([`${GOLD} on gold: shown empty, it held 2 ${when}`]);
    expect(visited({ exists: 1 })).toEqual([
      `${GOLD} on gold: shown with fewer messages than the 2 it held ${when}`,
    ]);
    expect(visited({ uidValidity: '2' })).toEqual([
      `${GOLD} on gold: UIDVALIDITY shown as another than 1 ${when}`,
    ]);
    expect(visited({ known: 'missing' })).toEqual([
      `${GOLD} on gold: the known message was not there ${when}`,
    ]);
    expect(visited({ known: 'changed' })).toEqual([
      `${GOLD} on gold: the known message had another content ${when}`,
    ]);
  });

  it('does not call a mailbox empty that held nothing, or of which nothing is known', () => {
    const tale = new Tale()
      .visit(1, { exists: 0, known: 'missing' })
      .listed(2, 'before', [])
      .visit(3, { exists: 0 });
    expect(tale.check('mailbox-intact').findings).toEqual([]);
    expect(tale.check('mailbox-intact').figures['visits']).toBe(2);
  });
});

describe('outbound-flows', () => {
  const told = () => new Tale().fault(OUTAGE);

  it('is skipped where the scenario sends nothing out', () => {
    const tale = new Tale({ outbound: false }).fault(OUTAGE);
    expect(said(tale, 'outbound-flows')).toBe('skipped: the scenario sends no mail to the outside');
    expect(said(told(), 'outbound-flows')).toBe(
      'inconclusive: no subscriber sent anything to the outside during the outage',
    );
  });

  it('looks at mail first tried between felt and healed', () => {
    const none = /^inconclusive/;
    expect(said(told().accepted('m', 10_999, OUT).ended(90_000), 'outbound-flows')).toMatch(none);
    expect(said(told().accepted('m', 20_001, OUT).ended(90_000), 'outbound-flows')).toMatch(none);
    expect(said(told().accepted('m', 15_000).ended(90_000), 'outbound-flows')).toMatch(none);
    expect(said(told().accepted('m', 11_000, OUT).outside('m', 21_000), 'outbound-flows')).toBe('pass');
    expect(said(told().accepted('m', 20_000, OUT).outside('m', 30_001), 'outbound-flows')).toBe('fail');
  });

  it('says what held it up', () => {
    const trouble = (tale: Tale) => tale.check('outbound-flows').findings[0]?.summary.split(`${FRIEND} `)[1];
    const created = () => told().created('m', 15_000, OUT);
    expect(trouble(created().attempt('m', 15_000, 'deferred').ended(25_000))).toBeUndefined();
    expect(trouble(created().attempt('m', 15_000, 'deferred').ended(25_001))).toBe(
      'could not be submitted (deferred)',
    );
    expect(trouble(created().attempt('m', 15_000, 'ambiguous').ended(90_000))).toBeUndefined();
    const late = (t: number) =>
      created()
        .attempt('m', 15_000, 'unsent')
        .attempt('m', t, 'accepted')
        .outside('m', t + 1);
    expect(trouble(late(25_000))).toBeUndefined();
    expect(trouble(late(26_000))).toBe('was accepted only 11 s after the first attempt');
    expect(trouble(told().accepted('m', 15_000, OUT).ended(25_000))).toBeUndefined();
    expect(trouble(told().accepted('m', 15_000, OUT).ended(26_000))).toBe(
      'did not leave in the 11 s that were watched',
    );
    expect(trouble(told().accepted('m', 15_000, OUT).outside('m', 27_000))).toBe(
      'left only 12 s after it was accepted',
    );
  });
});

describe('honest-login', () => {
  const told = (checks = {}) => new Tale({ checks: { 'honest-login': checks } });
  const fair = (tale: Tale) => tale.login(1, 'correct').login(1, 'wrong');

  it('wants both kinds of credentials tried, and some in the outage', () => {
    expect(said(told().login(1, 'wrong'), 'honest-login')).toBe(
      'inconclusive: nobody tried to log in with correct credentials',
    );
    expect(said(told().login(1, 'correct'), 'honest-login')).toBe(
      'inconclusive: nobody tried to log in with wrong credentials',
    );
    expect(said(fair(told()), 'honest-login')).toBe('pass');
    expect(said(fair(told().fault(OUTAGE)), 'honest-login')).toBe(
      'inconclusive: nobody tried to log in during the outage',
    );
    expect(said(fair(told().fault(OUTAGE)).login(15_000, 'wrong'), 'honest-login')).toMatch(/^inconclusive/);
    expect(said(fair(told().fault(OUTAGE)).visit(15_000), 'honest-login')).toBe('pass');
    expect(said(fair(told().fault(OUTAGE)).login(15_000, 'correct'), 'honest-login')).toBe('pass');
    const atAuth = told().fault(OUTAGE).login(1, 'wrong').created('m', 15_000, OUT);
    expect(said(atAuth.attempt('m', 15_000, 'deferred', { at: 'auth', code: 454 }), 'honest-login')).toBe(
      'pass',
    );
  });

  it('takes an answer for what it says, by outcome or by code', () => {
    const refused = (fields: Parameters<Tale['login']>[2]) =>
      said(fair(told()).login(2, 'correct', fields), 'honest-login');
    expect(refused({ outcome: 'refused' })).toBe('fail');
    expect(refused({ outcome: 'unavailable', code: 'AUTHENTICATIONFAILED' })).toBe('fail');
    expect(refused({ outcome: 'unavailable', code: '535' })).toBe('fail');
    expect(refused({ outcome: 'unavailable', code: 'UNAVAILABLE' })).toBe('pass');
    expect(said(fair(told()).login(2, 'wrong', { outcome: 'ok' }), 'honest-login')).toBe('fail');
    expect(said(fair(told()).login(2, 'wrong', { outcome: 'unavailable' }), 'honest-login')).toBe('pass');
    const step = (fields: object) => [
      { step: 'login', outcome: 'no', code: 'AUTHENTICATIONFAILED', text: '', ms: 1, ...fields } as const,
    ];
    expect(said(fair(told()).visit(2, { steps: step({}) }), 'honest-login')).toBe('fail');
    expect(said(fair(told()).visit(2, { steps: step({ code: 'UNAVAILABLE' }) }), 'honest-login')).toBe(
      'pass',
    );
    expect(said(fair(told()).visit(2, { steps: step({ outcome: 'ok' }) }), 'honest-login')).toBe('pass');
    expect(said(fair(told()).visit(2, { steps: step({ step: 'select' }) }), 'honest-login')).toBe('pass');
  });

  it('holds every operation against its deadline', () => {
    const took = (ms: number, outcome: 'ok' | 'timeout') => {
      const steps = [{ step: 'fetch', outcome, code: null, text: '', ms } as const];
      return said(fair(told({ deadline: '10s' })).visit(2, { steps }), 'honest-login');
    };
    expect(took(9_999, 'ok')).toBe('pass');
    expect(took(10_000, 'ok')).toBe('fail');
    expect(took(10_000, 'timeout')).toBe('fail');
    expect(took(9_999, 'timeout')).toBe(
      'inconclusive: 1 operation was given up, the first after 10 s, before the deadline was over',
    );
    const impatient = fair(told({ deadline: '10s' }));
    for (const ms of [9_000, 4_000]) impatient.login(2, 'correct', { outcome: 'timeout', ms });
    expect(said(impatient, 'honest-login')).toBe(
      'inconclusive: 2 operations were given up, the first after 4 s, before the deadline was over',
    );
  });

  it('names the slowest of very many operations', () => {
    const tale = fair(told({ deadline: '10s' }));
    for (let n = 0; n < 1_300; n += 1) tale.login(2, 'correct', { ms: 11_000 + n });
    const { findings, moreFindings, observed } = tale.check('honest-login');
    expect(findings[0]?.summary).toBe('an operation took 12.3 s');
    expect(findings.length + moreFindings).toBe(500);
    expect(observed).toContain('the slowest operation took 12.3 s');
  });
});

describe('blast-radius', () => {
  const told = (checks = {}) =>
    new Tale({ checks: { 'blast-radius': { samples: 2, factor: 2, slack: '1s', ...checks } } }).fault(OUTAGE);
  const silver = { mailbox: SILVER, volume: 'silver' };
  /** Readers look at the healthy volume before and in the outage. */
  const seen = (tale: Tale) => [1, 2, 14_000, 14_001].reduce((visited, t) => visited.visit(t, silver), tale);
  const mail = (tale: Tale, id: string, t: number, took: number) =>
    tale.accepted(id, t, IN_SILVER).copy(id, t + took, { mailbox: SILVER });
  const steady = (tale: Tale) => mail(mail(tale, 's1', 1_000, 100), 's2', 2_000, 100);

  it('allows factor × steady + slack', () => {
    const slowed = (took: number) =>
      said(mail(mail(seen(steady(told())), 'o1', 15_000, took), 'o2', 15_000, took), 'blast-radius');
    expect(slowed(1_200)).toBe('pass');
    expect(slowed(1_201)).toBe('fail');
  });

  it('looks at p50 and at p99', () => {
    const tale = mail(mail(mail(steady(told()), 'o1', 15_000, 100), 'o2', 15_000, 100), 'o3', 15_000, 5_000);
    const { findings, figures } = tale.check('blast-radius');
    expect(findings.map(({ summary }) => summary)).toEqual([
      'p99 delivery latency on silver grew from 100 ms to 5 s',
    ]);
    expect(findings[0]?.messages).toEqual(['o1', 'o2', 'o3']);
    expect(figures).toMatchObject({
      steady: 2,
      outage: 3,
      p50SteadyMs: 100,
      p50OutageMs: 100,
      p99SteadyMs: 100,
      p99OutageMs: 5_000,
    });
  });

  it('wants enough mail on both sides, and a volume without a fault', () => {
    const few =
      /^inconclusive: too little mail on volumes without a fault: 2 messages in steady state, 1 in the outage, 2 needed/;
    expect(said(mail(steady(told()), 'o1', 15_000, 100), 'blast-radius')).toMatch(few);
    // So few say nothing, however slow they are.
    expect(said(mail(steady(told()), 'o1', 15_000, 9_000), 'blast-radius')).toMatch(few);
    const late = mail(mail(told(), 'o1', 15_000, 9_000), 'o2', 15_000, 9_000);
    expect(said(mail(late, 's1', 1_000, 100), 'blast-radius')).toMatch(/^inconclusive: .*: 1 messages/);
    const all = steady(told()).fault(OUTAGE, { volume: 'silver' });
    expect(said(all, 'blast-radius')).toBe('skipped: no volume with mailboxes is without a fault');
  });

  it('takes each side from its first moment to its last, in the outage of any volume', () => {
    const sides = (t: number) => {
      const both = told().fault({ injected: 40_000, felt: 41_000, healed: 50_000 }, { name: 'refuse' });
      const { figures } = mail(both, 'm', t, 100).check('blast-radius');
      return [figures['steady'], figures['outage']];
    };
    const [before, during, neither] = [
      [1, 0],
      [0, 1],
      [0, 0],
    ];
    expect([9_999, 10_000, 10_999, 11_000, 20_000, 20_001].map(sides)).toEqual([
      before,
      neither,
      neither,
      during,
      during,
      neither,
    ]);
    expect([40_999, 41_000, 50_000, 50_001].map(sides)).toEqual([neither, during, during, neither]);
    const untried = told().created('m', 1, IN_SILVER).copy('m', 5, { mailbox: SILVER });
    expect(untried.check('blast-radius').figures).toMatchObject({ steady: 0, outage: 0 });
    const inside = told().accepted('m', 1_000).copy('m', 1_100);
    expect(inside.check('blast-radius').figures).toMatchObject({ steady: 0, outage: 0 });
  });

  it('leaves out the burst that fills the mailboxes, up to the last of them', () => {
    const filled = told().listed(2_000, 'before', []).listed(1_000, 'before', [], IN_SILVER_BOX);
    mail(mail(mail(filled, 'm0', 1_500, 100), 'm1', 1_999, 100), 'm2', 2_000, 100);
    expect(filled.check('blast-radius').figures['steady']).toBe(1);
    expect(mail(told(), 'm', 0, 100).check('blast-radius').figures['steady']).toBe(1);
  });

  it('takes what still waits with the time so far, and leaves what is lost to others', () => {
    const base = () => mail(mail(seen(steady(told())), 'o1', 15_000, 100), 'o2', 15_000, 100);
    expect(
      said(base().accepted('q', 19_900, IN_SILVER).queued('q', 19_950).ended(21_100), 'blast-radius'),
    ).toBe('pass');
    expect(
      said(base().accepted('q', 19_900, IN_SILVER).queued('q', 19_950).ended(21_101), 'blast-radius'),
    ).toBe('fail');
    for (const outcome of ['deferred', 'unsent'] as const) {
      const refused = base().created('q', 15_000, IN_SILVER).attempt('q', 15_000, outcome).ended(30_000);
      expect(said(refused, 'blast-radius')).toBe('fail');
    }
    expect(said(base().accepted('q', 15_000, IN_SILVER).ended(21_000), 'blast-radius')).toBe('pass');
    expect(
      said(
        base().created('q', 15_000, IN_SILVER).attempt('q', 15_000, 'rejected').ended(21_000),
        'blast-radius',
      ),
    ).toBe('pass');
  });
});

describe('queue-drains', () => {
  const told = () =>
    new Tale({ checks: { 'queue-drains': { within: '30s', attemptsPerMessage: 3 } } })
      .fault(OUTAGE)
      .depth(1_000, 2);

  it('takes the time until the queue is back at its baseline', () => {
    expect(said(told().depth(15_000, 9).depth(50_000, 2).ended(90_000), 'queue-drains')).toBe('pass');
    expect(said(told().depth(15_000, 9).depth(50_001, 2).ended(90_000), 'queue-drains')).toBe('fail');
    expect(said(told().depth(15_000, 9).depth(30_000, 3).ended(90_000), 'queue-drains')).toBe('fail');
    expect(said(told().depth(30_000, 2).depth(40_000, 3).ended(90_000), 'queue-drains')).toBe('fail');
    expect(
      said(told().depth(30_000, 2).depth(40_000, 3).depth(60_000, 1).ended(90_000), 'queue-drains'),
    ).toBe('pass');
    expect(told().depth(15_000, 9).depth(45_000, 1).ended(90_000).check('queue-drains').observed).toBe(
      'peak 9, back after 25 s, no attempt logged',
    );
  });

  it('names what is still queued', () => {
    const tale = told()
      .accepted('m', 15_000)
      .queued('m', 15_001)
      .accepted('n', 15_000)
      .depth(30_000, 3)
      .ended(90_000);
    const [finding] = tale.check('queue-drains').findings;
    expect(finding).toMatchObject({
      summary: 'the queue of mta still holds 3 at the end, 2 in steady state',
      messages: ['m'],
    });
    const many = told().depth(30_000, 30).ended(90_000);
    for (let n = 0; n < 15; n += 1) many.accepted(`m${n}`, 15_000).queued(`m${n}`, 15_001);
    expect(many.check('queue-drains').findings[0]?.messages).toHaveLength(10);
  });

  it('finds accepted mail that a completed run left in a queue, whatever its depth was in steady state', () => {
    const left = (tale: Tale, end = 90_000) => {
      const { verdict, reason, findings } = tale.depth(30_000, 2).ended(end).check('queue-drains');
      return findings.length === 0 ? `${verdict}: ${String(reason)}` : findings.map(({ summary }) => summary);
    };
    const waiting = () => told().accepted('m', 500).queued('m', 600);
    expect(left(waiting())).toEqual([
      '1 accepted message still in a queue at the end, the first accepted 1 min 30 s before',
    ]);
    const both = waiting().accepted('n', 15_000, OUT).queued('n', 15_001);
    expect(left(both)).toEqual([
      '2 accepted messages still in a queue at the end, the first accepted 1 min 30 s before',
    ]);
    expect(both.check('queue-drains').findings[0]).toMatchObject({
      messages: ['m', 'n'],
      atMs: 90_000,
      evidence: ['host store said: 451 4.2.0 Internal error'],
    });
    const unwatched =
      'inconclusive: the run ended before the limit was over, and a queue is not back at its baseline';
    expect(left(waiting(), 50_000)).toHaveLength(1);
    expect(left(waiting(), 49_999)).toBe(unwatched);
    const late = told().accepted('m', 60_000).queued('m', 60_001);
    expect(left(late, 89_999)).toBe(unwatched);
    expect(left(told().accepted('m', 60_000).queued('m', 60_001))).toHaveLength(1);
    const gone = waiting().left('m', 30_000);
    expect(left(gone)).toBe('pass: null');
    const many = told();
    for (let n = 0; n < 15; n += 1) many.accepted(`m${n}`, 500).queued(`m${n}`, 600);
    expect(left(many)).toHaveLength(1);
    expect(many.check('queue-drains').findings[0]?.messages).toHaveLength(10);
    const steady = new Tale({ baseline: true, checks: { 'queue-drains': { within: '30s' } } }).depth(1, 2);
    expect(left(steady.accepted('m', 2).queued('m', 3), 30_001)).toBe(unwatched);
    expect(left(steady, 30_002)).toHaveLength(1);
  });

  it('says nothing of mail in a queue while a volume is broken, or while the run goes on', () => {
    const full = () => told().accepted('m', 15_000).queued('m', 15_001).depth(30_000, 9);
    const again = full().fault({ injected: 35_000, felt: 36_000 }, { name: 'refuse' }).depth(40_000, 9);
    expect(said(again.ended(190_000), 'queue-drains')).toBe('inconclusive: a fault was not healed');
    expect(again.check('queue-drains').figures['drainedMs']).toBe(0);
    const unwatched =
      'inconclusive: the run ended before the limit was over, and a queue is not back at its baseline';
    expect(said(full().depth(49_999, 9), 'queue-drains')).toBe(unwatched);
    expect(said(full().depth(50_000, 9), 'queue-drains')).toBe('fail');
    // It was back in time; only at the end it must be so again.
    const back = () => told().depth(30_000, 2).depth(80_000, 9);
    expect(said(back(), 'queue-drains')).toBe(unwatched);
    expect(said(back().ended(90_000, 'interrupted'), 'queue-drains')).toBe(unwatched);
    expect(said(back().ended(90_000), 'queue-drains')).toBe('fail');
    const stuck = told().accepted('m', 500).queued('m', 600).depth(90_000, 2);
    expect(said(stuck, 'queue-drains')).toBe('fail');
    const backInTime = told().accepted('m', 500).queued('m', 600).depth(30_000, 2).depth(90_000, 2);
    expect(said(backInTime, 'queue-drains')).toBe('pass');
  });

  it('blames no queue for what a dead watch saw last', () => {
    const dead = { type: 'source.ended', source: 'queue:mta', seen: 1 } as const;
    const full = told().accepted('m', 15_000).queued('m', 15_001).depth(30_000, 9).add(31_000, dead);
    expect(said(full.ended(90_000), 'queue-drains')).toBe(
      'inconclusive: the watch of the queue of mta ended at 31 s, and was needed until 1 min 30 s',
    );
  });

  it('is inconclusive where nobody looked', () => {
    const blind = new Tale().fault(OUTAGE);
    expect(said(blind, 'queue-drains')).toBe('inconclusive: no queue was ever looked at');
    expect(said(blind.depth(15_000, 0).depth(30_000, 0), 'queue-drains')).toBe(
      'inconclusive: the queue of mta was not looked at in steady state',
    );
    expect(said(new Tale().fault({ injected: 10_000 }).depth(1, 0).depth(15_000, 0), 'queue-drains')).toBe(
      'inconclusive: no fault was healed',
    );
    expect(said(told().depth(15_000, 9).ended(90_000), 'queue-drains')).toBe(
      'inconclusive: the queue of mta was not looked at after the heal',
    );
    expect(said(told().depth(15_000, 9).depth(25_000, 9).ended(30_000), 'queue-drains')).toBe(
      'inconclusive: the run ended before the limit was over, and a queue is not back at its baseline',
    );
    expect(said(told().depth(15_000, 9).depth(49_000, 9).ended(50_000), 'queue-drains')).toBe('fail');
    expect(said(told().depth(30_000, 0).depth(1_000, 0, 'relay').ended(90_000), 'queue-drains')).toBe(
      'inconclusive: the queue of relay was not looked at after the heal',
    );
  });

  it('counts the attempts of each message', () => {
    const tale = (count: number) => {
      const told3 = told().depth(30_000, 0).accepted('m', 15_000);
      for (let n = 0; n < count; n += 1) told3.logged('m', 15_001 + n);
      return said(told3, 'queue-drains');
    };
    expect(tale(3)).toBe('pass');
    expect(tale(4)).toBe('fail');
  });

  it('takes steady state from when the last mailbox was filled until the first fault', () => {
    const filled = () => new Tale().fault(OUTAGE).depth(1, 9).listed(500, 'before', []);
    const full = filled().depth(1_000, 2).depth(45_000, 3).ended(90_000);
    expect(said(full, 'queue-drains')).toBe('fail');
    expect(said(filled().depth(45_000, 0).ended(90_000), 'queue-drains')).toBe(
      'inconclusive: the queue of mta was not looked at in steady state',
    );
    // A listing in the outage begins nothing anew.
    const late = new Tale().fault(OUTAGE).depth(1, 9).listed(15_000, 'before', []).depth(45_000, 9);
    expect(said(late.ended(90_000), 'queue-drains')).toBe('pass');
  });

  it('of a baseline holds the end against steady state', () => {
    const tale = () =>
      new Tale({ baseline: true }).depth(1, 2).add(10, { type: 'phase.started', phase: 'settle', step: 1 });
    expect(said(tale().depth(20, 2).ended(30), 'queue-drains')).toBe('pass');
    expect(said(tale().depth(20, 3).ended(30), 'queue-drains')).toBe('fail');
    expect(said(tale().depth(20, 3), 'queue-drains')).toBe(
      'inconclusive: the run ended before the limit was over, and a queue is not back at its baseline',
    );
  });
});

describe('no-backscatter', () => {
  const told = () => new Tale().accepted('m', 1);

  it('allows one DSN of each kind for each message that may have been taken', () => {
    const delayed = { action: 'delayed', status: '4.0.0' } as const;
    expect(said(told().dsn('m', 2).dsn('m', 3, delayed), 'no-backscatter')).toBe('pass');
    expect(said(told().dsn('m', 2).dsn('m', 3), 'no-backscatter')).toBe('fail');
    expect(said(told().dsn('m', 2, delayed).dsn('m', 3, delayed), 'no-backscatter')).toBe('fail');
    expect(said(told().attempt('m', 2, 'ambiguous').dsn('m', 3).dsn('m', 3), 'no-backscatter')).toBe('pass');
    expect(said(new Tale(), 'no-backscatter')).toBe(
      'inconclusive: no mail was accepted, so nobody could be told of it',
    );
  });

  it('wants none to the null sender, in either spelling', () => {
    for (const from of ['', '<>']) {
      const tale = new Tale().accepted('m', 1, { from }).dsn('m', 2, { to: from });
      expect(said(tale, 'no-backscatter')).toBe('fail');
    }
    expect(said(told().dsn(null, 2, { to: '' }), 'no-backscatter')).toBe('fail');
    expect(said(told().dsn(null, 2, { to: '<>' }), 'no-backscatter')).toBe('fail');
    expect(said(told().dsn(null, 2), 'no-backscatter')).toBe('pass');
    expect(told().dsn('m', 2).check('no-backscatter').observed).toBe('0 needless, 1 DSN in all');
    // Nobody was told of it at all.
    expect(said(new Tale().accepted('m', 1, { from: '' }), 'no-backscatter')).toBe('pass');
    const both = told().dsn('m', 2, { to: SILVER }).dsn('m', 3, { to: SILVER, action: 'delayed' });
    expect(said(both, 'no-backscatter')).toBe('fail');
  });
});

describe('no-bounce', () => {
  it('knows bounces that name no message, but not those of recipients who do not exist', () => {
    const told = () =>
      new Tale().accepted('m', 1).created('c', 1, { kind: 'canary', to: 'nobody@libero.test' });
    expect(said(told().dsn(null, 2), 'no-bounce')).toBe('fail');
    expect(said(told().dsn(null, 2, { recipient: null }), 'no-bounce')).toBe('fail');
    expect(said(told().dsn(null, 2, { recipient: 'Nobody@libero.test' }), 'no-bounce')).toBe('pass');
    expect(said(told().dsn('c', 2), 'no-bounce')).toBe('pass');
    expect(said(told().dsn(null, 2, { action: 'delayed' }), 'no-bounce')).toBe('pass');
    expect(said(told().logged(null, 2, { status: 'bounced' }), 'no-bounce')).toBe('fail');
    expect(said(told().logged(null, 2, { status: 'deferred' }), 'no-bounce')).toBe('pass');
    expect(said(told().logged(null, 2, { status: 'bounced', recipient: FRIEND }), 'no-bounce')).toBe('pass');
    expect(told().logged(null, 2, { status: 'bounced' }).check('no-bounce').findings[0]?.evidence).toEqual([
      `mta log: bounced for ${GOLD}: later`,
    ]);
  });
});

describe('fault-felt', () => {
  it('allows the time that the limit says', () => {
    expect(said(new Tale().fault({ injected: 1_000, felt: 21_000 }), 'fault-felt')).toBe('pass');
    expect(said(new Tale().fault({ injected: 1_000, felt: 21_001 }), 'fault-felt')).toBe(
      'inconclusive: vendor-os-bug on gold was felt only 20 s after its injection',
    );
    expect(said(new Tale().fault({ injected: 1_000 }), 'fault-felt')).toBe(
      'inconclusive: vendor-os-bug on gold was injected and never felt',
    );
    expect(said(new Tale().fault({ felt: 1_000 }), 'fault-felt')).toBe(
      'inconclusive: vendor-os-bug on gold was never injected',
    );
    expect(said(new Tale().fault(OUTAGE, { volume: 'bronze' }), 'fault-felt')).toBe(
      'inconclusive: vendor-os-bug on bronze: no mailbox lies on that volume',
    );
    expect(new Tale().fault({ injected: 1_000, felt: 3_000 }).check('fault-felt').observed).toBe(
      '1 of 1 fault felt, after 2 s: EIO',
    );
  });

  const told = (samples: readonly (readonly [number, string | null])[], name = 'vendor-os-bug') => {
    const tale = new Tale().fault(OUTAGE, {
      name,
      ...(name === 'latency' ? { parameters: { latency: 800 } } : {}),
    });
    for (const [t, seen] of samples) {
      if (seen === 'ok') tale.well(t, 'gold');
      else tale.sampled(t, 'gold', seen);
    }
    // What the probe's silence elsewhere means is the sources' affair.
    return (
      tale
        .check('fault-felt')
        .reason?.split('; ')
        .find((reason) => / is (said|no fault)/.test(reason)) ?? null
    );
  };
  const every = (seen: string | null, count: number, from = 12_000) =>
    Array.from({ length: count }, (_, n) => [from + n, seen] as const);

  it('holds the claim against the samples from felt to heal', () => {
    // The tale's own sample, at the moment of being felt, is the fifth.
    expect(told([...every('EIO', 3), ...every('ok', 1)])).toBeNull();
    expect(told([...every('EIO', 2), ...every('ok', 1)])).toBe(
      'vendor-os-bug on gold is said to be felt, but the probe felt it in 75 % of its samples while it lasted, 80 % are demanded',
    );
    expect(told(every('ENOSPC', 9))).toMatch(/felt it in 10 % of its samples/);
    expect(told(every(null, 9))).toMatch(/felt it in 10 % of its samples/);
    expect(told([...every('ok', 9, 5_000), ...every('ok', 9, 25_000)])).toBeNull();
  });

  it('asks for no less of a path that is slow, gone, or a mount that is lost', () => {
    expect(told(every('ok', 9), 'latency')).toMatch(/felt it in \d+ % of its samples/);
    expect(told(every('ok', 9), 'mount-lost')).toMatch(/felt it in 0 % of its samples/);
    expect(told(every('ok', 9), 'stall')).toMatch(/felt it in 10 % of its samples/);
    expect(told(every(null, 9), 'stall')).toBeNull();
  });

  it('cannot weigh a fault that it does not know', () => {
    expect(told(every('EIO', 9), 'gravity')).toBe(
      'gravity on gold is no fault that this version knows: its evidence cannot be weighed',
    );
  });
});

describe('fault-gone', () => {
  it('takes the time from the heal, and doubts what was never healed', () => {
    const told = (times: Parameters<Tale['fault']>[0]) => new Tale().fault(times);
    const healed = { injected: 1_000, felt: 2_000, healed: 10_000 };
    expect(said(told({ ...healed, gone: 40_000 }), 'fault-gone')).toBe('pass');
    expect(said(told({ ...healed, gone: 40_001 }), 'fault-gone')).toBe('fail');
    expect(said(told(healed).ended(39_999), 'fault-gone')).toBe(
      'inconclusive: the run ended before the storage could be seen to come back from vendor-os-bug on gold',
    );
    expect(said(told(healed).ended(40_000), 'fault-gone')).toBe('fail');
    expect(said(told({ injected: 1_000, felt: 2_000 }), 'fault-gone')).toBe(
      'inconclusive: vendor-os-bug on gold was never healed',
    );
    expect(said(told({ healed: 5 }), 'fault-gone')).toBe(
      'inconclusive: vendor-os-bug on gold was never injected',
    );
    expect(said(told({ felt: 2_000, healed: 10_000, gone: 11_000 }), 'fault-gone')).toBe('pass');
    expect(told({ ...healed, gone: 50_000 }).check('fault-gone').findings[0]?.summary).toBe(
      'vendor-os-bug on gold was healed, and the storage came back only 40 s later',
    );
    expect(told(healed).ended(90_000).check('fault-gone').findings[0]?.summary).toBe(
      'vendor-os-bug on gold was healed, and the storage did not come back',
    );
  });
});

describe('self-check', () => {
  const canary =
    (outcome: 'accepted' | 'deferred' | 'rejected', fields: Parameters<Tale['attempt']>[3] = {}) =>
    (tale: Tale) =>
      tale.attempt('c', 5, outcome, fields);
  const told = () => new Tale().created('c', 1, { kind: 'canary', to: 'nobody@libero.test' });
  const right = canary('rejected', { code: 550, enhanced: '5.1.1', at: 'rcpt' });

  it('takes any 5xx at RCPT, and nothing else', () => {
    expect(said(right(told()), 'self-check')).toBe('pass');
    for (const [code, enhanced] of [
      [524, '5.2.4'],
      [550, null],
      [554, '5.7.1'],
      [500, null],
      [599, null],
    ] as const) {
      expect(said(canary('rejected', { code, enhanced, at: 'rcpt' })(told()), 'self-check')).toBe('pass');
    }
    expect(said(told(), 'self-check')).toBe(
      'inconclusive: nothing was sent to a recipient who does not exist',
    );
    expect(said(canary('deferred')(told()), 'self-check')).toBe(
      'inconclusive: a recipient who does not exist was never refused',
    );
    expect(said(canary('deferred')(right(told())), 'self-check')).toBe('pass');
    expect(said(canary('accepted')(right(told())), 'self-check')).toBe(
      'inconclusive: mail to a recipient who does not exist was accepted 1 time',
    );
    for (const fields of [
      { code: 550, enhanced: '5.1.1', at: 'mail' },
      { code: 554, enhanced: '5.1.1', at: 'dot' },
      { code: 499, at: 'rcpt' },
      { code: 600, at: 'rcpt' },
      { code: null, at: 'rcpt' },
    ] as const) {
      expect(said(canary('rejected', fields)(right(told())), 'self-check')).toMatch(
        /^inconclusive: a recipient who does not exist was refused otherwise: .*550 5\.0\.0 No$/,
      );
    }
    const wrongWay = canary('deferred', { code: 550, enhanced: '5.1.1' })(told());
    expect(said(wrongWay, 'self-check')).toMatch(/^inconclusive/);
  });
});

describe('sound-history', () => {
  const doubts = (tale: Tale) => tale.check('sound-history').reason;
  const soundness = async (events: Tale['events']) =>
    (await judge(events)).checks.find(({ name }) => name === 'sound-history')?.reason;
  const startOf = ({ events: [started] }: Tale) => {
    if (started?.type !== 'run.started') throw new Error('no start');
    return started;
  };

  /** A run that did nothing but settle, as its scenario asks for. */
  const whole = (more: { heartbeats?: boolean } = {}) =>
    new Tale({ ...more, timeline: [{ settle: '60s' }] }).phase('settle', 0, 0.5, 0.6);

  it('has none of a whole run', () => {
    expect(doubts(whole({ heartbeats: false }).accepted('m', 1).ended(9))).toBeNull();
  });

  it('names every doubt', async () => {
    expect(doubts(new Tale({ heartbeats: false }).accepted('m', 1))).toBe(
      'it is cut off: the run never ended',
    );
    const unreadable = new Tale({ heartbeats: false })
      .add(5, { ...startOf(new Tale({ heartbeats: false })), scenario: 7 })
      .ended(9)
      .events.slice(1);
    expect(await soundness(unreadable)).toBe('its scenario cannot be read');
    expect(doubts(new Tale().ended(9, 'interrupted'))).toBe('the run was interrupted: told');
    expect(doubts(whole().ended(9).depth(10, 0))).toBe("1 event after the run's end");
    const failure = { type: 'harness.failed', what: 'sender', error: 'gone' } as const;
    expect(doubts(whole().add(1, failure).add(2, failure).ended(9))).toBe(
      'the harness failed: sender: gone (and 1 more)',
    );
    expect(doubts(whole().queued('m', 1).ended(9))).toBe('queue.seen names m, which was never created');
    expect(doubts(whole().queued('other-i000001', 1).ended(9))).toBe(
      'mail of another run is here: other-i000001, queue.seen names other-i000001, which was never created',
    );
    expect(doubts(whole().created('m', 1).created('m', 2).ended(9))).toBe('the message m was created twice');
    expect(
      doubts(
        whole()
          .add(5, { ...startOf(new Tale()), run: 'b' })
          .ended(9),
      ),
    ).toBe('2 runs are mixed: tale, b');
    expect(
      doubts(
        whole()
          .add(-5, { type: 'mta.configured', service: 'mta', mailMs: 1, bouncesMs: 1, warningMs: 0 })
          .ended(9),
      ),
    ).toBe('it does not begin with run.started');
  });

  it('allows the machine’s clock the jump that the limit says', async () => {
    const jumps = (ms: number) =>
      soundness(
        whole()
          .ended(9)
          .events.map((event) => {
            const by = event.t > 5 ? ms : 0;
            return { ...event, wall: event.wall + by, sim: event.sim + by };
          }),
      );
    expect(await jumps(5_000)).toBeNull();
    expect(await jumps(-5_001)).toBe("the machine's clock jumped by -5 s at 9 ms");
  });

  it('trusts no clock that jumps, goes back, or leaves the simulated time', () => {
    const read = (errorMs: number) =>
      whole().add(1, { type: 'clock.read', service: 'mta', clock: 0, errorMs }).ended(9);
    expect(doubts(read(5_000))).toBeNull();
    expect(doubts(read(-5_000))).toBeNull();
    expect(doubts(read(5_001))).toBe('the clock of mta is 5 s off the simulated time');
    expect(doubts(read(-5_001))).toBe('the clock of mta is -5 s off the simulated time');
  });
});

describe('lifetime-margin', () => {
  const DAY = 86_400_000;
  const told = (margin = '0s') => new Tale({ checks: { 'lifetime-margin': { margin } } }).fault(OUTAGE);
  const keeps = (tale: Tale, mailMs: number, bouncesMs = mailMs) =>
    tale.add(1, { type: 'mta.configured', service: 'mta', mailMs, bouncesMs, warningMs: 0 });
  const of = (tale: Tale) => tale.check('lifetime-margin').figures;

  it('wants to know how long the queues keep mail, and when the outage was over', () => {
    expect(said(told(), 'lifetime-margin')).toBe(
      'skipped: the stack does not say how long its queues keep mail',
    );
    const unhealed = keeps(told(), DAY).fault({ injected: 12_000, felt: 13_000 }, { volume: 'silver' });
    expect(said(unhealed, 'lifetime-margin')).toBe('inconclusive: a volume was never healed');
    expect(keeps(told(), DAY).check('lifetime-margin').limit).toBe('longer than outage and drain');
    expect(keeps(told('2m'), DAY).check('lifetime-margin').limit).toBe('at least 2 min to spare');
  });

  it('takes the time from the injection until the last message that waited is out of the queue', () => {
    expect(of(keeps(told(), DAY).ended(99_000))).toEqual({ neededMs: 10_000, spareMs: DAY - 10_000 });
    const tale = () => keeps(told(), DAY).created('refused', 15_000).attempt('refused', 15_000, 'deferred');
    const needed = (tale: Tale) => of(tale.ended(99_000))['neededMs'];
    expect(needed(tale().accepted('m', 15_000).copy('m', 30_000))).toBe(20_000);
    expect(needed(tale().accepted('m', 15_000).copy('m', 18_000))).toBe(10_000);
    expect(needed(tale().accepted('m', 15_000).queued('m', 15_001).left('m', 40_000))).toBe(30_000);
    expect(needed(tale().accepted('m', 15_000).queued('m', 15_001))).toBe(89_000);
    expect(needed(tale().accepted('m', 15_000))).toBe(10_000);
    expect(needed(tale().accepted('m', 25_000).copy('m', 30_000))).toBe(10_000);
    expect(needed(tale().accepted('m', 15_000, IN_SILVER).copy('m', 30_000, { mailbox: SILVER }))).toBe(
      10_000,
    );
  });

  it('takes the longest of several outages, by the stack’s own clocks', () => {
    const times = { injected: 30_000, felt: 31_000, healed: 45_000 };
    const both = keeps(told(), DAY).fault(times, { volume: 'silver' });
    expect(both.check('lifetime-margin').observed).toMatch(/^15 s of outage and drain on silver, /);
    const same = keeps(told(), DAY).fault(
      { injected: 30_000, felt: 31_000, healed: 40_000 },
      { volume: 'silver' },
    );
    expect(same.check('lifetime-margin').observed).toMatch(/^10 s of outage and drain on gold, /);
    const relayed = keeps(told(), 3 * DAY).add(1, {
      type: 'mta.configured',
      service: 'relay',
      mailMs: DAY,
      bouncesMs: 2 * DAY,
      warningMs: 0,
    });
    expect(of(relayed)['spareMs']).toBe(DAY - 10_000);
    const jumped = keeps(told(), DAY)
      .fault(times, { volume: 'silver' })
      .add(15_000, { type: 'clock.advanced', byMs: DAY });
    expect(of(jumped)['neededMs']).toBe(DAY + 10_000);
  });

  it('holds mail and bounces against it, with what must be to spare', () => {
    expect(said(keeps(told(), 10_000), 'lifetime-margin')).toBe('pass');
    expect(said(keeps(told(), 9_999), 'lifetime-margin')).toBe('fail');
    expect(said(keeps(told('2m'), 130_000), 'lifetime-margin')).toBe('pass');
    const { findings } = keeps(told('2m'), 130_000, 70_000).ended(99_000).check('lifetime-margin');
    expect(findings).toEqual([
      {
        summary: 'mta keeps bounces for 1 min 10 s; gold was down and draining for 10 s',
        messages: [],
        atMs: 99_000,
        evidence: [],
      },
    ]);
  });
});

describe('sender-told', () => {
  const HOUR = 3_600_000;
  const told = () => new Tale({ checks: { 'sender-told': { after: '1h' } } });
  const delayed = { action: 'delayed', status: '4.0.0' } as const;
  /** Accepted at 1 s; it waits for as long as the clocks are moved by, and eight seconds more. */
  const waits = (byMs: number) => told().accepted('m', 1_000).add(5_000, { type: 'clock.advanced', byMs });

  it('is about mail that waits for longer than the limit, until it arrives, leaves, or the end', () => {
    const short = 'skipped: no mail waited longer than 1 h';
    const none = told().created('m', 1).attempt('m', 1, 'deferred').ended(9);
    expect(said(none, 'sender-told')).toBe('inconclusive: no mail was accepted');
    expect(said(waits(HOUR - 8_000).copy('m', 9_000), 'sender-told')).toBe(short);
    expect(
      said(
        waits(HOUR - 10_999)
          .copy('m', 12_000)
          .ended(12_000),
        'sender-told',
      ),
    ).toBe('fail');
    expect(said(waits(HOUR).copy('m', 4_000).left('m', 9_000), 'sender-told')).toBe(short);
    expect(said(waits(HOUR).left('m', 4_000).ended(9_000), 'sender-told')).toBe(short);
    expect(said(waits(HOUR).ended(9_000), 'sender-told')).toBe('fail');
  });

  it('is not about mail that was on its way when the clocks were moved, unless something held it up', () => {
    const arrived = (tale: Tale) => said(tale.copy('m', 10_900).ended(12_000), 'sender-told');
    expect(arrived(waits(2 * HOUR))).toBe('skipped: no mail waited longer than 1 h');
    const heldUp = waits(2 * HOUR).logged('m', 6_000);
    expect(arrived(heldUp)).toBe('fail');
  });

  it('allows a notice for each time that the mail may have been taken', () => {
    const twice = (tale: Tale) =>
      said(tale.dsn('m', 6_000, delayed).dsn('m', 7_000, delayed).ended(9_000), 'sender-told');
    const unsure = told().created('m', 500).attempt('m', 600, 'ambiguous').attempt('m', 1_000, 'accepted');
    expect(twice(unsure.add(5_000, { type: 'clock.advanced', byMs: HOUR }))).toBe('pass');
    expect(twice(waits(HOUR))).toBe('fail');
  });

  it('cannot say that a notice never came, while it may come or where nobody looked', () => {
    const unsure = 'inconclusive: 1 sender may still be told';
    expect(said(waits(HOUR).depth(9_000, 0), 'sender-told')).toBe(unsure);
    expect(said(waits(HOUR).ended(9_000, 'interrupted'), 'sender-told')).toBe(unsure);
    for (const source of ['outside', 'mailboxes']) {
      const blind = waits(HOUR).add(2_000, { type: 'source.ended', source, seen: 1 }).ended(9_000);
      expect(said(blind, 'sender-told')).toMatch(new RegExp(`^${unsure}; `));
    }
    const twice = waits(HOUR).dsn('m', 6_000, delayed).dsn('m', 7_000, delayed).depth(9_000, 0);
    expect(said(twice, 'sender-told')).toBe('fail');
  });

  it('wants one notice for each, and says who was not told, or how often', () => {
    const of = (tale: Tale) => {
      const { findings, observed, figures } = tale.ended(9_000).check('sender-told');
      return [findings, observed, figures];
    };
    expect(of(waits(HOUR).dsn('m', 6_000, delayed))).toEqual([
      [],
      '1 of 1 sender told',
      { waited: 1, told: 1 },
    ]);
    const finding = { messages: ['m'], atMs: 1_000 };
    expect(of(waits(HOUR))).toEqual([
      [{ ...finding, summary: `${FRIEND} was never told that m to ${GOLD} waited 1 h 8 s`, evidence: [] }],
      '0 of 1 sender told',
      { waited: 1, told: 0 },
    ]);
    const twice = waits(HOUR).accepted('n', 2_000).dsn('m', 6_000, delayed).dsn('m', 7_000, delayed);
    expect(of(twice.dsn('n', 7_000, delayed))).toEqual([
      [
        {
          ...finding,
          summary: `${FRIEND} was told 2 times that m to ${GOLD} waited`,
          evidence: [`DSN to ${FRIEND}: Action: delayed, Status: 4.0.0, for ${GOLD}: x`],
        },
      ],
      '2 of 2 senders told',
      { waited: 2, told: 2 },
    ]);
  });
});

describe('what a finding is made of', () => {
  it.each<[CheckName, (tale: Tale, id: string, t: number) => Tale]>([
    ['no-bounce', (tale, id, t) => tale.dsn(id, t)],
    ['no-backscatter', (tale, id, t) => tale.dsn(id, t, { to: SILVER })],
    ['no-corruption', (tale, id, t) => tale.copy(id, t, { bytes: 1 })],
    ['no-ghosts', (tale, id, t) => tale.copy(id, t, { mailbox: SILVER })],
    ['no-reject', (tale, id, t) => tale.attempt(id, t, 'rejected')],
  ])('%s: where there are too many to note what happened to each', (name, happens) => {
    const tale = new Tale().fault({ injected: 0, felt: 0, healed: 5 });
    for (let n = 0; n < 300; n += 1) happens(tale.accepted(`m${n}`, 100), `m${n}`, 1_000 - n);
    const { findings, moreFindings } = tale.check(name);
    expect(findings.length + moreFindings).toBe(300);
    expect(findings[0]).toMatchObject({ messages: ['m0'], atMs: null, evidence: [] });
    expect(findings[0]?.summary).not.toContain('broken');
  });

  const accepted = (tale: Tale) =>
    tale.created('refused', 1).attempt('refused', 1, 'deferred').accepted('m', 1);

  it('delivered-after-recovery: the edges of the outage, and why it is not there', () => {
    const within = { checks: { 'delivered-after-recovery': { within: '30s' } } };
    const told = () => new Tale(within).fault(OUTAGE);
    const dueOf = (tale: Tale) => tale.ended(90_000).check('delivered-after-recovery').figures['due'];
    expect(dueOf(told().accepted('m', 20_000).copy('m', 20_100))).toBe(1);
    expect(dueOf(told().accepted('m', 20_001).copy('m', 20_100))).toBe(0);
    expect(dueOf(told().accepted('m', 5_000).copy('m', 10_000))).toBe(1);
    expect(dueOf(told().accepted('m', 5_000).copy('m', 9_999))).toBe(0);
    // An outage that follows exactly when the time is over still postpones it.
    const next = { injected: 50_000, felt: 50_100, healed: 60_000 };
    const postponed = told().fault(next, { name: 'refuse' });
    expect(said(waited(postponed, 'm', 15_000, 85_000).ended(99_000), 'delivered-after-recovery')).toBe(
      'pass',
    );
    const bounced = told().accepted('m', 15_000).dsn('m', 16_000).listed(60_000, 'after', []).ended(90_000);
    const [finding] = bounced.check('delivered-after-recovery').findings;
    expect(finding?.summary).toBe(`m to ${GOLD} is not in its mailbox (bounced)`);
    expect(finding?.evidence).toEqual([`DSN to ${FRIEND}: Action: failed, Status: 5.3.0, for ${GOLD}: x`]);
    expect(finding?.atMs).toBe(15_000);
  });

  it('no-backscatter: the DSNs, also those that name no message', () => {
    const tale = accepted(new Tale()).dsn(null, 2, { to: '' }).dsn('m', 3).dsn('m', 4, { diagnostic: 'y' });
    const { findings, observed } = tale.check('no-backscatter');
    expect(findings).toEqual([
      {
        summary: `m from ${FRIEND}: 2 DSNs of failure, 1 allowed`,
        messages: ['m'],
        atMs: 3,
        evidence: [
          `DSN to ${FRIEND}: Action: failed, Status: 5.3.0, for ${GOLD}: x`,
          `DSN to ${FRIEND}: Action: failed, Status: 5.3.0, for ${GOLD}: y`,
        ],
      },
      {
        summary: 'a DSN was sent to the null sender',
        messages: [],
        atMs: 2,
        evidence: [`DSN to : Action: failed, Status: 5.3.0, for ${GOLD}: x`],
      },
    ]);
    expect(observed).toBe('2 needless, 3 DSNs in all');
    const none = new Tale().created('m', 1).attempt('m', 2, 'deferred').dsn(null, 3);
    expect(said(none, 'no-backscatter')).toMatch(/^inconclusive/);
    const many = accepted(new Tale());
    for (let n = 0; n < 300; n += 1) many.dsn(null, 2, { to: '' });
    expect(many.check('no-backscatter').figures).toEqual({ needless: 300, dsns: 300 });
    expect(many.check('no-backscatter').moreFindings).toBe(250);
  });

  it('no-loss: every trace, and only of what was accepted', () => {
    const tale = accepted(new Tale())
      .queued('m', 2)
      .left('m', 3)
      .copy('m', 90_000, { uid: 1 })
      .copy('m', 90_001, { uid: 2 });
    const { findings, figures } = tale.listed(95_000, 'after', []).ended(99_000).check('no-loss');
    expect(figures).toEqual({ lost: 1, accepted: 1, unaccounted: 0, longestUnseenMs: 0 });
    expect(findings[0]?.evidence).toEqual(['host store said: 451 4.2.0 Internal error', `UID 2 of ${GOLD}`]);
    const unqueued = new Tale().accepted('m', 1_000).listed(9_000, 'after', []).ended(9_999).check('no-loss');
    expect(unqueued.findings[0]?.summary).toBe(
      `m from ${FRIEND} to ${GOLD} was accepted and is nowhere (accepted at 1 s)`,
    );
  });

  it('no-bounce: counted against what was accepted', () => {
    const tale = accepted(new Tale()).dsn('refused', 5);
    expect(tale.check('no-bounce').figures).toEqual({
      bounces: 1,
      nameless: 0,
      accepted: 1,
      delayNotices: 0,
    });
    expect(said(new Tale().created('m', 1).attempt('m', 1, 'deferred'), 'no-bounce')).toBe(
      'inconclusive: no mail was accepted, so none could bounce',
    );
  });

  it('no-corruption: copies here and elsewhere', () => {
    const tale = new Tale()
      .accepted('m', 1)
      .copy('m', 2)
      .copy('m', 3, { mailbox: SILVER })
      .copy('m', 4, { mailbox: SILVER });
    expect(tale.check('no-corruption').figures).toEqual({ corrupted: 0, compared: 3 });
    const elsewhere = new Tale().accepted('m', 1).copy('m', 3, { mailbox: SILVER });
    expect(elsewhere.check('no-corruption').figures).toEqual({ corrupted: 0, compared: 1 });
  });

  it('no-duplicates: what a missing reply excuses is said only where it does', () => {
    const one = new Tale()
      .created('m', 1)
      .attempt('m', 1, 'ambiguous')
      .attempt('m', 2, 'accepted')
      .copy('m', 3);
    expect(one.check('no-duplicates').observed).toBe('0 duplicated of 1 arrived');
    expect(one.copy('m', 4).check('no-duplicates').observed).toBe(
      '0 duplicated of 1 arrived, 1 more excused by a missing reply',
    );
  });

  it('no-ghosts: what it is and where', () => {
    const tale = new Tale().created('m', 1).attempt('m', 1, 'rejected').copy('m', 2, { mailbox: SILVER });
    const { findings } = tale.copy('?', 3, { id: null, uid: 9 }).check('no-ghosts');
    expect(findings[0]?.evidence).toEqual(['at dot: 550 5.0.0 No', `UID 2 of ${SILVER}`]);
    expect(findings[1]).toEqual({
      summary: 'a message that no one sent',
      messages: [],
      atMs: 3,
      evidence: [`UID 9 of ${GOLD}, 1000 bytes`],
    });
    const canary = new Tale().accepted('c', 1, { kind: 'canary', to: 'nobody@libero.test' });
    expect(said(canary.copy('c', 2), 'no-ghosts')).toBe('fail');
  });

  it('no-reject: of mail to the outside, and where the log alone tells', () => {
    const tale = new Tale().fault(OUTAGE).created('o', 15_000, OUT).attempt('o', 15_000, 'rejected');
    tale
      .accepted('m', 15_000)
      .logged('m', 15_500, { reply: 'host store said: 550 5.3.0 No', status: 'deferred' });
    expect(tale.check('no-reject').findings).toEqual([
      {
        summary: `o from ${GOLD} to ${FRIEND} was refused with a 5xx reply`,
        messages: ['o'],
        atMs: 15_000,
        evidence: ['at dot: 550 5.0.0 No'],
      },
      {
        summary: `m from ${FRIEND} to ${GOLD} was refused by the next server with a 5xx reply while gold was broken`,
        messages: ['m'],
        atMs: 15_500,
        evidence: ['mta log: host store said: 550 5.3.0 No'],
      },
    ]);
  });

  it('outbound-flows: what it waited for, in the outage of any volume', () => {
    const both = () =>
      new Tale()
        .fault(OUTAGE)
        .fault({ injected: 40_000, felt: 41_000, healed: 50_000 }, { volume: 'silver' });
    const tale = both()
      .created('untried', 15_000, OUT)
      .accepted('m', 45_000, OUT)
      .logged('m', 46_000)
      .dsn('m', 47_000);
    const { findings, figures } = tale.ended(90_000).check('outbound-flows');
    expect(figures).toEqual({ tried: 1, left: 0, slowestMs: 0 });
    expect(findings).toEqual([
      {
        summary: `m from ${GOLD} to ${FRIEND} did not leave in the 45 s that were watched`,
        messages: ['m'],
        atMs: 45_000,
        evidence: ['later', `DSN to ${FRIEND}: Action: failed, Status: 5.3.0, for ${GOLD}: x`],
      },
    ]);
    const refused = both().created('m', 15_000, OUT).attempt('m', 15_000, 'rejected').ended(90_000);
    expect(refused.check('outbound-flows').findings[0]?.evidence).toEqual(['at dot: 550 5.0.0 No']);
    const slow = both()
      .accepted('m', 15_000, OUT)
      .outside('m', 18_000)
      .created('n', 16_000, OUT)
      .attempt('n', 16_000, 'deferred');
    expect(slow.outside('n', 80_000).check('outbound-flows').figures).toEqual({
      tried: 2,
      left: 2,
      slowestMs: 3_000,
    });
  });

  it('mailbox-intact: mailboxes that were seen on both sides', () => {
    const tale = new Tale()
      .listed(9, 'after', ['x'])
      .listed(1, 'before', ['y'], { mailbox: SILVER, volume: 'silver' });
    expect(tale.check('mailbox-intact').observed).toBe('0 differences in 0 mailboxes, 0 visits');
    tale.listed(9, 'after', ['y'], { mailbox: SILVER, volume: 'silver' }).visit(10);
    expect(tale.check('mailbox-intact').observed).toBe('0 differences in 1 mailbox, 1 visit');
  });

  it('queued-during-outage: of mail for that volume, and from when', () => {
    const tale = new Tale()
      .fault(OUTAGE)
      .accepted('o', 15_000, OUT)
      .created('d', 15_000)
      .attempt('d', 15_000, 'deferred');
    tale.accepted('m', 16_000).queued('m', 16_001, { enhanced: '5.2.2' });
    expect(said(tale, 'queued-during-outage')).toBe('pass');
    const { findings, figures } = tale
      .listed(90_000, 'after', [])
      .ended(91_000)
      .check('queued-during-outage');
    expect(figures).toMatchObject({ acceptedInOutage: 1, queued: 1, unexplained: 0 });
    expect(findings).toEqual([
      {
        summary: `m to ${GOLD} waited in the queue with a code of class 5, and did not arrive`,
        messages: ['m'],
        atMs: 16_001,
        evidence: ['host store said: 451 4.2.0 Internal error'],
      },
    ]);
  });
});
