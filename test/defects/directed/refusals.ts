import type { EventOf, HistoryEvent } from '../../../src/history/event.js';
import type { CheckName } from '../../../src/scenario/limits.js';
import { NotHere, type Base, type Delivered } from './base.js';
import { broken, wrong, type Change } from './changes.js';
import { change, drop, insert, type Edit } from './edit.js';

type Dsn = EventOf<'dsn.received'>;

export const dsn =
  (
    pick: (base: Base) => Delivered,
    fields: (victim: Delivered) => Partial<Omit<Dsn, 'type' | 't' | 'wall' | 'sim'>>,
  ): Edit =>
  (base, history) => {
    const victim = pick(base);
    const { created, acceptedAt, id } = victim;
    return insert(() => [
      base.at(acceptedAt + 300, {
        type: 'dsn.received',
        id,
        action: 'failed',
        status: '5.3.0',
        recipient: created.to,
        diagnostic: 'x-unix; input/output error',
        place: base.volumeOf(created.from) === null ? 'outside' : created.from,
        to: created.from,
        ...fields(victim),
      }),
    ])(base, history);
  };

export const inbound = (base: Base) => base.victim({ kind: 'inbound', during: 'outage' });
export const outbound = (base: Base) => base.victim({ kind: 'outbound' });
const internal = (base: Base) => base.victim({ kind: 'internal' });

const bounces: readonly Change[] = [
  broken(
    'a bounce',
    dsn(inbound, () => ({})),
    'no-bounce',
  ),
  broken(
    'a bounce of outbound mail',
    dsn(outbound, () => ({})),
    'no-bounce',
  ),
  broken(
    'a bounce of internal mail',
    dsn(internal, () => ({})),
    'no-bounce',
  ),
  broken(
    'a bounce with an action that nobody knows and a failing status',
    dsn(inbound, () => ({ action: 'unknown' })),
    'no-bounce',
  ),
  wrong(
    'a bounce with an action that nobody knows and no status',
    dsn(inbound, () => ({ action: 'unknown', status: null })),
  ),
  broken(
    'a bounce without the id of its message',
    dsn(inbound, () => ({ id: null })),
    'no-bounce',
  ),
  broken(
    'a bounce of outbound mail without its id',
    dsn(outbound, () => ({ id: null })),
    'no-bounce',
  ),
  broken(
    'a bounce of an outside recipient without id or recipient',
    dsn(outbound, () => ({ id: null, recipient: null })),
  ),
  wrong(
    'a bounce with a status of a delay',
    dsn(inbound, () => ({ status: '4.4.7' })),
    'no-bounce',
  ),
  wrong(
    'a bounce without a status',
    dsn(inbound, () => ({ status: null })),
    'no-bounce',
  ),
  wrong(
    'a delay with a status of a bounce',
    dsn(inbound, () => ({ action: 'delayed', status: '5.4.7' })),
  ),
  wrong(
    'a relayed message with a status of a bounce',
    dsn(inbound, () => ({ action: 'relayed', status: '5.0.0' })),
  ),
  wrong(
    'a delivery with a status of a bounce',
    dsn(inbound, () => ({ action: 'delivered', status: '5.0.0' })),
  ),
  broken(
    'a bounce without an id, in other letters',
    dsn(inbound, ({ created }) => ({ id: null, recipient: created.to.toUpperCase() })),
    'no-bounce',
  ),
  broken(
    'a bounce to the null sender',
    dsn(inbound, () => ({ to: '' })),
    'no-bounce',
    'no-backscatter',
  ),
  wrong(
    'a bounce of mail that nobody sent',
    dsn(inbound, () => ({ id: 'zzzz-i000001' })),
  ),
  wrong(
    'a bounce of a mailbox of the run, to someone else',
    dsn(inbound, () => ({ to: 'someone@elsewhere.test' })),
  ),
];

export const logged =
  (
    fields: (victim: Delivered) => Partial<Omit<EventOf<'mta.logged'>, 'type' | 't' | 'wall' | 'sim'>>,
  ): Edit =>
  (base, history) => {
    const victim = inbound(base);
    return insert(() => [
      base.at(victim.acceptedAt + 200, {
        type: 'mta.logged',
        service: base.all('mta.logged')[0]?.service ?? 'mta',
        id: victim.id,
        queueId: 'BOUNCE1',
        recipient: victim.created.to,
        status: 'bounced',
        enhanced: '5.3.0',
        reply: 'input/output error',
        ...fields(victim),
      }),
    ])(base, history);
  };

const logs: readonly Change[] = [
  broken(
    'a bounce in the log',
    logged(() => ({})),
    'no-bounce',
  ),
  broken(
    'a bounce in the log without an id',
    logged(() => ({ id: null })),
    'no-bounce',
  ),
  broken(
    'mail that expired',
    logged(() => ({ status: 'expired' })),
    'no-bounce',
  ),
  broken(
    'mail that is undeliverable',
    logged(() => ({ status: 'undeliverable' })),
    'no-bounce',
  ),
  wrong(
    'a delay in the log with a final code',
    logged(() => ({
      status: 'deferred',
      enhanced: '5.2.2',
      reply: 'host store said: 552 5.2.2 Mailbox full',
    })),
  ),
  wrong(
    'a delivery in the log with a final code',
    logged(() => ({ status: 'sent', enhanced: '5.2.2', reply: '552 5.2.2 Mailbox full' })),
  ),
];

/** Changes the last attempt of a message. */
export const answered =
  (fields: Partial<Omit<EventOf<'attempt.ended'>, 'type' | 'id' | 't' | 'wall' | 'sim'>>): Edit =>
  (base, history) => {
    const { id } = inbound(base);
    return change(
      'attempt.ended',
      (event) => ({ ...event, ...fields }),
      (event) => event.id === id,
    )(base, history);
  };

/** An attempt more, before the one that was accepted. */
export const before =
  (fields: Partial<Omit<EventOf<'attempt.ended'>, 'type' | 'id' | 't' | 'wall' | 'sim'>>): Edit =>
  (base, history) => {
    const { id, created } = inbound(base);
    const made: EventOf<'attempt.ended'> = {
      type: 'attempt.ended',
      id,
      attempt: 0,
      outcome: 'deferred',
      code: 451,
      enhanced: '4.3.0',
      reply: '451 4.3.0 Later',
      at: 'rcpt',
      ms: 0,
      t: created.t,
      wall: created.wall,
      sim: created.sim,
      ...fields,
    };
    return history.flatMap((event): readonly HistoryEvent[] =>
      event === created
        ? [
            event,
            { type: 'attempt.started', id, attempt: 0, t: created.t, wall: created.wall, sim: created.sim },
            made,
          ]
        : [event],
    );
  };

const reply550 = { code: 550, enhanced: '5.3.0', reply: '550 5.3.0 Internal error' } as const;

const attempts: readonly Change[] = [
  wrong('an acceptance with a code of refusal', answered({ ...reply550 })),
  wrong('an acceptance without a reply', answered({ code: null, enhanced: null, reply: '' })),
  wrong('an acceptance at the recipient', answered({ at: 'rcpt' })),
  wrong(
    'an acceptance with a code of a delay',
    answered({ code: 451, enhanced: '4.3.0', reply: '451 4.3.0 Later' }),
  ),
  wrong(
    'an acceptance with an enhanced code of refusal',
    answered({ code: 250, enhanced: '5.3.0', reply: '250 5.3.0 Ok' }),
  ),
  wrong('an acceptance whose text is a refusal', answered({ reply: '550 5.3.0 Internal error' })),
  broken('a refusal before the acceptance', before({ outcome: 'rejected', ...reply550 }), 'no-reject'),
  broken('a refusal that is called a delay', before({ outcome: 'deferred', ...reply550 }), 'no-reject'),
  broken('a refusal that is called unsent', before({ outcome: 'unsent', ...reply550 }), 'no-reject'),
  broken(
    'a refusal that is called ambiguous',
    before({ outcome: 'ambiguous', at: 'dot', ...reply550 }),
    'no-reject',
  ),
  wrong(
    'a delay whose text is a refusal',
    before({ outcome: 'deferred', code: 451, enhanced: '4.3.0', reply: '550 5.3.0 No such user' }),
  ),
  wrong('a delay without a reply', before({ outcome: 'deferred', code: null, enhanced: null, reply: '' })),
  wrong(
    'a mailbox refused as unknown',
    (base, history) => {
      const { id, created } = inbound(base);
      return before({
        outcome: 'rejected',
        code: 550,
        enhanced: '5.1.1',
        reply: `550 5.1.1 <${created.to}>: Recipient address rejected: User unknown`,
        at: 'rcpt',
      })(base, history).filter(
        (event) => !(event.type === 'attempt.ended' && event.id === id && event.attempt > 0),
      );
    },
    'no-reject',
  ),
  wrong(
    'an attempt of a message that nobody wrote',
    insert((base) => [
      base.at(base.feltAt + 10, { type: 'attempt.started', id: 'zzzz-i000009', attempt: 1 }),
    ]),
  ),
];

type Visit = EventOf<'reader.visited'>;
type Step = Visit['steps'][number];

const visits = (edit: (visit: Visit) => HistoryEvent, only: (visit: Visit, base: Base) => boolean): Edit =>
  change('reader.visited', edit, only);

const failing =
  (text: string, code: string | null, at: Step['step'] = 'select') =>
  (visit: Visit): HistoryEvent => {
    const index = visit.steps.findIndex(({ step }) => step === at);
    const steps = visit.steps
      .slice(0, index + 1)
      .map((step): Step => (step.step === at ? { ...step, outcome: 'no', code, text } : step));
    return { ...visit, steps, exists: null, uidValidity: null, known: null };
  };

const SPARED = ({ volume }: Visit, base: Base) => base.spared.has(volume);
const IN_OUTAGE = (visit: Visit, base: Base) =>
  SPARED(visit, base) && visit.t > base.injectAt && visit.t < base.allHealedAt;
const first = (only: (visit: Visit, base: Base) => boolean) => (visit: Visit, base: Base) => {
  const found = base.all('reader.visited').find((other) => only(other, base));
  if (found === undefined) throw new NotHere('no such visit');
  return visit === found;
};
const slow = (visit: Visit): HistoryEvent => ({
  ...visit,
  steps: visit.steps.map((step) => ({ ...step, ms: step.ms + 20_000 })),
});
const tried = (fields: Partial<Omit<EventOf<'login.tried'>, 'type' | 't' | 'wall' | 'sim'>>): Edit =>
  insert((base) => [
    base.at(base.feltAt + 700, {
      type: 'login.tried',
      service: 'imap',
      mailbox: base.started.mailboxes[0]?.address ?? '',
      credentials: 'correct',
      outcome: 'refused',
      code: 'AUTHENTICATIONFAILED',
      text: 'Authentication failed.',
      ms: 9,
      ...fields,
    }),
  ]);

const LOGIN: CheckName = 'honest-login';

const readers: readonly Change[] = [
  wrong('every visit to a spared volume failing', visits(failing('Internal error', 'SERVERBUG'), SPARED)),
  wrong(
    'every visit to a spared volume failing in the outage',
    visits(failing('Internal error', 'SERVERBUG'), IN_OUTAGE),
  ),
  wrong(
    'every visit to a spared volume failing at its login',
    visits(failing('Temporary failure', 'UNAVAILABLE', 'login'), SPARED),
  ),
  wrong(
    'no visit to a spared volume',
    drop((event, base) => event.type === 'reader.visited' && SPARED(event, base)),
    'blast-radius',
  ),
  wrong(
    'no visit to a spared volume in the outage',
    drop((event, base) => event.type === 'reader.visited' && IN_OUTAGE(event, base)),
    'blast-radius',
  ),
  wrong(
    'no visit to a spared volume before the fault',
    drop((event, base) => event.type === 'reader.visited' && SPARED(event, base) && event.t < base.injectAt),
    'blast-radius',
  ),
  wrong('every visit to a spared volume slow in the outage', visits(slow, IN_OUTAGE)),
  wrong(
    'every visit failing behind the heal',
    visits(failing('Internal error', 'SERVERBUG'), ({ t }, base) => t > base.goneAt),
  ),
  wrong(
    'a mailbox shown empty',
    visits(
      (visit) => ({ ...visit, exists: 0, known: 'missing' }),
      first(({ exists }) => exists !== null),
    ),
    'mailbox-intact',
  ),
  wrong(
    'a message shown changed',
    visits(
      (visit) => ({ ...visit, known: 'changed' }),
      first(({ known }) => known !== null),
    ),
    'mailbox-intact',
  ),
  wrong(
    'a mailbox shown under another UIDVALIDITY',
    visits(
      (visit) => ({ ...visit, uidValidity: '7' }),
      first(({ uidValidity }) => uidValidity !== null),
    ),
    'mailbox-intact',
  ),
  wrong(
    'a reader with the right password refused',
    visits(
      failing('Authentication failed.', 'AUTHENTICATIONFAILED', 'login'),
      first(() => true),
    ),
    LOGIN,
  ),
  wrong(
    'a reader refused without a code, with words of a wrong password',
    visits(
      failing('Authentication failed.', null, 'login'),
      first(() => true),
    ),
    LOGIN,
  ),
  wrong(
    'a reader refused without a code, with words of unknown users',
    visits(
      failing('[ALERT] Invalid login or password', null, 'login'),
      first(() => true),
    ),
    LOGIN,
  ),
  wrong('the right password refused', tried({}), LOGIN),
  wrong(
    'the right password refused without a code',
    tried({ code: null, text: 'Login failed: invalid credentials' }),
    LOGIN,
  ),
  wrong(
    'the right password called unavailable, with words of a wrong one',
    tried({ outcome: 'unavailable', code: null, text: 'authentication failed' }),
    LOGIN,
  ),
  wrong(
    'the right password refused at submission',
    tried({ service: 'submission', code: '535', text: '535 5.7.8 Error: authentication failed' }),
    LOGIN,
  ),
  wrong(
    'the wrong password taken',
    tried({ credentials: 'wrong', outcome: 'ok', code: null, text: 'Logged in' }),
    LOGIN,
  ),
  wrong(
    'a login that hung for an hour',
    tried({ outcome: 'ok', code: null, text: 'Logged in', ms: 3_600_000 }),
    LOGIN,
  ),
  wrong(
    'no login with a wrong password',
    drop(({ type }) => type === 'login.tried'),
    LOGIN,
  ),
  wrong(
    'a subscriber refused at submission',
    (base, history) => {
      const { id } = outbound(base);
      return change(
        'attempt.ended',
        (event) => ({
          ...event,
          outcome: 'rejected',
          code: 535,
          enhanced: '5.7.8',
          reply: '535 5.7.8 Error: authentication failed',
          at: 'auth',
        }),
        (event) => event.id === id,
      )(base, history);
    },
    LOGIN,
    'no-reject',
  ),
];

export const REFUSAL_CHANGES: readonly Change[] = [...bounces, ...logs, ...attempts, ...readers];
