import { describe, expect, it } from 'vitest';
import { Course } from '../../../src/history/course.js';
import type { HistoryEvent, NewEvent } from '../../../src/history/event.js';
import { Fold } from '../../../src/history/fold.js';
import { Logins } from '../../../src/history/logins.js';
import { Mailboxes } from '../../../src/history/mailboxes.js';
import { SimulatedTime } from '../../../src/history/simulated.js';
import { at } from '../../support/good-history.js';
import { GOLD, Tale } from '../../support/tale.js';

const depth: NewEvent = { type: 'queue.sampled', service: 'mta', depth: 0 };
const seen = (...events: readonly HistoryEvent[]): Course => {
  const course = new Course();
  for (const event of events) course.see(event);
  return course;
};

describe('the course of a run', () => {
  it('has its phases, each ended by its own step, also when one comes twice', () => {
    const phase = (t: number, type: 'phase.started' | 'phase.ended', name: 'steady' | 'hold', step: number) =>
      at(t, { type, phase: name, step });
    const { phases } = seen(
      phase(1, 'phase.started', 'steady', 0),
      phase(2, 'phase.started', 'hold', 1),
      phase(3, 'phase.ended', 'steady', 0),
      phase(4, 'phase.ended', 'steady', 7),
      phase(5, 'phase.started', 'hold', 1),
      phase(6, 'phase.ended', 'hold', 1),
      phase(7, 'phase.ended', 'hold', 1),
      phase(8, 'phase.ended', 'hold', 1),
    );
    expect(phases).toEqual([
      { phase: 'steady', step: 0, startedAt: 1, endedAt: 3 },
      { phase: 'hold', step: 1, startedAt: 2, endedAt: 7 },
      { phase: 'hold', step: 1, startedAt: 5, endedAt: 6 },
    ]);
  });

  it('knows when it begins with something else, and what comes after its end', () => {
    expect(seen(at(1, depth)).headless).toBe(true);
    expect(new Course().headless).toBe(false);
    const [started] = new Tale().events;
    if (started === undefined) throw new Error('no start');
    const course = seen(
      started,
      at(1, depth),
      at(2, { type: 'run.ended', reason: 'completed', detail: '' }),
      at(3, depth),
    );
    expect([course.headless, course.late, course.events, course.lastAt]).toEqual([false, 1, 4, 3]);
  });

  it('compares the clocks from event to event, not with the start', () => {
    const wall = (t: number, wallMs: number, sim = wallMs) => ({ ...at(t, depth), wall: wallMs, sim });
    // Two seconds of drift in all, one at a time.
    const drift = seen(wall(0, 0), wall(1_000, 2_000), wall(2_000, 4_000));
    expect(drift.jump).toEqual({ ms: 1_000, at: 1_000 });
    expect(seen(wall(0, 0), wall(100, 100), wall(200, -5_000)).jump).toEqual({ ms: -5_200, at: 200 });
    expect(seen(wall(0, 0), wall(0, 7_000), wall(0, 7_000 + 6_000)).jump).toEqual({ ms: 7_000, at: 0 });
    expect(drift.simDeviations.total).toBe(0);
  });

  it('allows the simulated clock a second, and what it was moved by', () => {
    const event = (t: number, sim: number) => ({ ...at(t, depth), wall: t, sim });
    expect(seen(event(0, 500), event(10, 1_510)).simDeviations.total).toBe(0);
    expect(seen(event(0, 500), event(10, 1_511)).simDeviations.items).toEqual([
      { at: 10, text: 'the simulated clock is 1 s off at queue.sampled' },
    ]);
    expect(seen(event(0, 5_000), event(10, 3_000)).simDeviations.items[0]?.text).toBe(
      'the simulated clock is -2 s off at queue.sampled',
    );
    const moved = { ...at(10, { type: 'clock.advanced', byMs: 60_000 }), wall: 10, sim: 60_010 };
    expect(seen(event(0, 0), moved, event(20, 60_020)).simDeviations.total).toBe(0);
    expect(seen(event(0, 0), moved, event(20, 20)).simDeviations.total).toBe(1);
    // It is told once; from there on the new offset is what counts.
    expect(seen(event(0, 0), event(10, 90_010), event(20, 90_020)).simDeviations.total).toBe(1);
  });

  it('keeps every event that is earlier than the one above it', () => {
    const course = seen(at(5, depth), at(5, depth), at(3, depth), at(4, depth));
    expect(course.backwards.items).toEqual([
      { at: 3, text: 'queue.sampled is 2 ms before the event above it' },
    ]);
    expect(course.lastAt).toBe(5);
  });
});

describe('a fold', () => {
  it('takes a listing before the first fault for no proof of delivery', () => {
    const fold = new Fold();
    for (const event of new Tale().accepted('m', 1).listed(2, 'before', ['m']).events) fold.see(event);
    fold.close();
    expect(fold.ledger.find('m')).toMatchObject({ copies: 0, fate: 'unaccounted' });
  });

  it('lets a reader visit a mailbox that nobody knows', () => {
    const fold = new Fold();
    for (const event of new Tale().visit(1, { mailbox: 'x@libero.test', exists: 0 }).events) fold.see(event);
    expect(fold.logins.correct).toBe(1);
    expect(fold.mailboxes.find('x@libero.test')).toBeUndefined();
  });
});

describe('logins', () => {
  it('count those in the outage, and say what was answered', () => {
    const logins = new Logins();
    const [tried] = new Tale({ heartbeats: false })
      .login(5, 'correct', { outcome: 'refused', text: 'No ' })
      .events.slice(1);
    if (tried?.type !== 'login.tried') throw new Error('no login');
    logins.tried(tried, true);
    logins.tried({ ...tried, code: 'X', ms: 9 }, false);
    expect([logins.inOutage, logins.correct]).toEqual([1, 2]);
    expect(logins.slowest.map(({ text, ms }) => `${ms} ${text}`)).toEqual([
      `9 imap login of ${GOLD} with correct credentials: refused X No`,
      `5 imap login of ${GOLD} with correct credentials: refused  No`,
    ]);
  });

  it('of a reader say what it was told', () => {
    const logins = new Logins();
    const step = { step: 'login', outcome: 'no', code: null, text: 'Later', ms: 7 } as const;
    const [visited] = new Tale({ heartbeats: false }).visit(5, { steps: [step] }).events.slice(1);
    if (visited?.type !== 'reader.visited') throw new Error('no visit');
    logins.visited(visited, false);
    expect(logins.slowest).toEqual([{ at: 5, ms: 7, text: `IMAP login of ${GOLD}: no  Later` }]);
  });

  it('keep no more than the slowest five hundred, whatever the order', () => {
    const logins = new Logins();
    const [tried] = new Tale({ heartbeats: false }).login(5, 'wrong').events.slice(1);
    if (tried?.type !== 'login.tried') throw new Error('no login');
    for (let n = 0; n < 2_500; n += 1) logins.tried({ ...tried, ms: (n * 7_919) % 2_500 }, false);
    expect(logins.slowest).toHaveLength(500);
    expect(logins.slowest.map(({ ms }) => ms)).toEqual(Array.from({ length: 500 }, (_, n) => 2_499 - n));
    expect(logins.operations).toBe(2_500);
  });
});

describe('simulated time', () => {
  it('is ahead by every jump up to that moment, and by all of them in the end', () => {
    const time = new SimulatedTime();
    expect([time.totalMs, time.at(5), time.dayOf(5)]).toEqual([0, 5, 1]);
    for (const t of [10, 20]) {
      const event = at(t, { type: 'clock.advanced', byMs: 86_400_000 });
      if (event.type === 'clock.advanced') time.advanced(event);
    }
    const ahead = [9, 10, 19, 20].map((t) => (time.at(t) - t) / 86_400_000);
    expect(ahead).toEqual([0, 1, 1, 2]);
    expect([time.totalMs, time.between(9, 20), time.dayOf(15), time.dayOf(20)]).toEqual([
      172_800_000, 172_800_011, 2, 3,
    ]);
  });
});

describe('mailboxes', () => {
  it('are found by address whatever its case, and added once', () => {
    const mailboxes = new Mailboxes();
    const added = mailboxes.add('U1@Libero.test', 'gold');
    expect(mailboxes.add('u1@libero.test', 'silver')).toBe(added);
    expect([mailboxes.find('u1@LIBERO.test'), mailboxes.find('u1@libero.test')]).toEqual([added, added]);
    expect(mailboxes.find('u2@libero.test')).toBeUndefined();
    expect([...mailboxes.volumes]).toEqual(['gold']);
  });

  it('held what was listed before, one message among others', () => {
    const fold = new Fold();
    for (const event of new Tale().listed(1, 'before', ['x', 'y']).events) fold.see(event);
    const [copy] = new Tale({ heartbeats: false }).copy('y', 1, { uid: 9, uidValidity: '2' }).events.slice(1);
    if (copy?.type !== 'copy.found') throw new Error('no copy');
    expect(fold.mailboxes.find(GOLD)?.held(copy)).toBe(true);
    expect(fold.mailboxes.find(GOLD)?.held({ ...copy, bodySha256: 'z' })).toBe(false);
    // By its UID also where its content is damaged now, which is for mailbox-intact to say.
    expect(fold.mailboxes.find(GOLD)?.held({ ...copy, uid: 2, uidValidity: '1', bodySha256: 'z' })).toBe(
      true,
    );
  });
});
