import type { EventOf } from '../../../src/history/event.js';
import type { Base } from './base.js';
import { broken, wrong, type Change } from './changes.js';
import { change, copied, insert, some, type Edit } from './edit.js';
import { answered, before, dsn, inbound, logged, outbound } from './refusals.js';

/** The next log line of a kind about a message of the outage, with other fields. */
const relogged =
  (status: 'sent' | 'deferred', fields: object): Edit =>
  (base, history) => {
    const [line] = some(
      base
        .all('mta.logged')
        .filter((event) => event.status === status && event.t > base.feltAt && event.id !== null),
    );
    return change(
      'mta.logged',
      (event) => ({ ...event, ...fields }),
      (event) => event === line,
    )(base, history);
  };

const answers: readonly Change[] = [
  wrong('an acceptance with the code of a question', answered({ code: 354, reply: '354 Go ahead' })),
  wrong('an acceptance with a code and another one in its text', answered({ reply: '451 4.3.0 Later' })),
  wrong('an acceptance with only its status of a delay', answered({ enhanced: '4.3.0' })),
  wrong('an acceptance whose second line is a refusal', answered({ reply: '250-2.0.0 Ok\n550 5.3.0 No' })),
  wrong(
    'an acceptance with a status of refusal in its text',
    answered({ enhanced: null, reply: '250 5.3.0 Ok' }),
  ),
  wrong('an acceptance at the data', answered({ at: 'data' })),
  wrong('an acceptance at the greeting', answered({ at: 'greeting' })),
  wrong('an acceptance with a code and no text', answered({ reply: '' })),
  wrong('an acceptance with a code of no reply', answered({ code: 0, enhanced: null, reply: '' })),
  wrong(
    'an acceptance with words of a network error and no code',
    answered({ code: null, reply: 'read ECONNRESET' }),
  ),
  broken(
    'a refusal that is called an acceptance, code, status and text',
    answered({ code: 554, enhanced: '5.7.1', reply: '554 5.7.1 No' }),
    'no-reject',
  ),
  broken(
    'a refusal that is called a delay, in text alone',
    before({ outcome: 'deferred', code: null, enhanced: null, reply: '554 5.3.0 No' }),
    'no-reject',
  ),
  broken(
    'a refusal of several lines that is called unsent',
    before({
      outcome: 'unsent',
      code: null,
      enhanced: null,
      reply: '550-5.7.1 No\n550 5.7.1 Never',
      at: 'mail',
    }),
    'no-reject',
  ),
  broken(
    'a refusal of the login that is called a delay',
    before({ outcome: 'deferred', code: 535, enhanced: '5.7.8', reply: '535 5.7.8 No', at: 'auth' }),
    'no-reject',
  ),
  wrong('a refusal with a code of a delay', before({ outcome: 'rejected' })),
  wrong(
    'a refusal with a code of an acceptance',
    before({ outcome: 'rejected', code: 250, enhanced: '2.0.0', reply: '250 2.0.0 Ok', at: 'dot' }),
  ),
  wrong('a refusal without a reply', before({ outcome: 'rejected', code: null, enhanced: null, reply: '' })),
  wrong(
    'a delay with a code of an acceptance',
    before({ code: 250, enhanced: '2.0.0', reply: '250 2.0.0 Ok: queued as 1', at: 'dot' }),
  ),
  wrong('a delay with a code and no text', before({ reply: '' })),
  wrong('a delay with words of a network error', before({ reply: 'connect ECONNREFUSED' })),
  wrong('a delay with a status of refusal', before({ enhanced: '5.3.0' })),
  wrong('a delay that is called unsent', before({ outcome: 'unsent' })),
  wrong('a delay that is called ambiguous', before({ outcome: 'ambiguous', at: 'dot' })),
  wrong(
    'an acceptance that is called ambiguous',
    before({
      outcome: 'ambiguous',
      code: null,
      enhanced: null,
      reply: '250 2.0.0 Ok: queued as 1',
      at: 'dot',
    }),
  ),
  wrong(
    'no reply to the dot, before the data',
    before({ outcome: 'ambiguous', code: null, enhanced: null, reply: '', at: 'rcpt' }),
  ),
  wrong(
    'unsent behind the final dot',
    before({ outcome: 'unsent', code: null, enhanced: null, reply: 'read ECONNRESET', at: 'dot' }),
  ),
  wrong('an attempt that began twice', (base, history) => {
    const { id } = inbound(base);
    return history.flatMap((event) =>
      event.type === 'attempt.started' && event.id === id ? [event, event] : [event],
    );
  }),
  wrong('an attempt that ended twice', (base, history) => {
    const { id } = inbound(base);
    return history.flatMap((event) =>
      event.type === 'attempt.ended' && event.id === id ? [event, event] : [event],
    );
  }),
  wrong('an attempt that ended and never began', (base, history) => {
    const { id } = inbound(base);
    return history.filter((event) => event.type !== 'attempt.started' || event.id !== id);
  }),
  wrong('a message twice in its mailbox, excused by a second acceptance', (base, history) => {
    const victim = inbound(base);
    const [end] = some(base.all('attempt.ended').filter(({ id }) => id === victim.id));
    const twice = copied(victim)(base, history);
    return insert(() => [
      base.at(victim.acceptedAt + 30, { type: 'attempt.started', id: victim.id, attempt: 2 }),
      ...(end === undefined ? [] : [base.at(victim.acceptedAt + 35, { ...end, attempt: 2 })]),
    ])(base, twice);
  }),
  wrong('a message twice in its mailbox, excused by an attempt within another one', (base, history) => {
    const victim = inbound(base);
    const twice = copied(victim)(base, history);
    return twice.flatMap((event) =>
      event.type === 'attempt.started' && event.id === victim.id
        ? [event, { ...event, attempt: 2 }]
        : [event],
    );
  }),
];

const notices: readonly Change[] = [
  wrong(
    'a bounce with a status of a success',
    dsn(inbound, () => ({ status: '2.0.0' })),
  ),
  wrong(
    'a delay with a status of a success',
    dsn(inbound, () => ({ action: 'delayed', status: '2.0.0' })),
  ),
  wrong(
    'a delay whose diagnostic is a refusal',
    dsn(inbound, () => ({ action: 'delayed', status: '4.2.0', diagnostic: 'smtp; 550 5.3.0 No' })),
  ),
  wrong(
    'a delivery whose diagnostic is a refusal',
    dsn(inbound, () => ({
      action: 'delivered',
      status: '2.0.0',
      diagnostic: 'smtp; 552 5.2.2 Mailbox full',
    })),
  ),
  wrong(
    'a delivery with a status of a delay',
    dsn(inbound, () => ({ action: 'delivered', status: '4.2.0' })),
  ),
  wrong(
    'an expansion with a status of a bounce',
    dsn(inbound, () => ({ action: 'expanded', status: '5.0.0' })),
  ),
  wrong(
    'a relayed message with a status of a delay',
    dsn(outbound, () => ({ action: 'relayed', status: '4.4.1' })),
  ),
  wrong(
    'an action that nobody knows with a status of a delay',
    dsn(inbound, () => ({ action: 'unknown', status: '4.2.0' })),
  ),
  wrong(
    'an action that nobody knows with a status of a success',
    dsn(inbound, () => ({ action: 'unknown', status: '2.0.0' })),
  ),
  wrong(
    'a delay of outbound mail with a status of a bounce',
    dsn(outbound, () => ({ action: 'delayed', status: '5.4.7' })),
  ),
  wrong(
    'a delivery with a status of a bounce and without an id',
    dsn(inbound, () => ({ id: null, action: 'delivered', status: '5.0.0' })),
  ),
];

const lines: readonly Change[] = [
  wrong('a delivery in the log with only its status of a bounce', relogged('sent', { enhanced: '5.3.0' })),
  wrong(
    'a delivery in the log that quotes a delay',
    relogged('sent', { reply: 'host store said: 451 4.3.0 Later' }),
  ),
  wrong(
    'a delivery in the log that quotes a bare refusal',
    relogged('sent', { enhanced: null, reply: '550 5.3.0 No' }),
  ),
  wrong(
    'a delivery in the log without a reply to its dot',
    relogged('sent', { nextHop: { refused: false, unanswered: true } }),
  ),
  wrong('a delay in the log with a status of a success', relogged('deferred', { enhanced: '2.0.0' })),
  wrong('a delay in the log with only its status of a bounce', relogged('deferred', { enhanced: '5.3.0' })),
  wrong(
    'a delay in the log that quotes an acceptance',
    relogged('deferred', { reply: 'host store said: 250 2.0.0 Saved' }),
  ),
  wrong(
    'a delay in the log that quotes a bare acceptance',
    relogged('deferred', { enhanced: null, reply: '250 2.0.0 Saved' }),
  ),
  broken(
    'a bounce in the log with a status of a success',
    logged(() => ({ enhanced: '2.0.0' })),
    'no-bounce',
  ),
  wrong('mail that waits in a queue with a status of a success', (base, history) => {
    const [seen] = some(base.all('queue.seen').filter(({ enhanced }) => enhanced !== null));
    return change(
      'queue.seen',
      (event) => ({ ...event, enhanced: '2.0.0' }),
      (event) => event === seen,
    )(base, history);
  }),
];

type Visit = EventOf<'reader.visited'>;

/** One good visit to the volumes that were spared, during the outage, otherwise. */
const visited =
  (edit: (event: Visit, base: Base) => Partial<Visit>): Edit =>
  (base, history) => {
    const [one] = some(
      base
        .all('reader.visited')
        .filter(({ volume, t, known }) => known === 'intact' && t > base.feltAt && base.spared.has(volume)),
    );
    return change(
      'reader.visited',
      (event) => ({ ...event, ...edit(event, base) }),
      (event) => event === one,
    )(base, history);
  };

const refusedAt =
  (name: Visit['steps'][number]['step']) =>
  ({ steps }: Visit): Partial<Visit> => ({
    steps: steps.map((step) => (step.step === name ? { ...step, outcome: 'no', code: 'SERVERBUG' } : step)),
  });

const brokenOf = ({ broken: volumes }: Base): string => some([...volumes])[0] ?? '';

/** The first login with wrong credentials at a service, otherwise. */
const triedWrong =
  (service: 'imap' | 'submission', fields: Partial<EventOf<'login.tried'>>): Edit =>
  (base, history) => {
    const [one] = some(base.all('login.tried').filter((event) => event.service === service));
    return change(
      'login.tried',
      (event) => ({ ...event, ...fields }),
      (event) => event === one,
    )(base, history);
  };

/** The first sample that was ok, otherwise. */
const sampledOnce =
  (fields: Partial<EventOf<'probe.sampled'>>): Edit =>
  (base, history) => {
    const [one] = some(base.all('probe.sampled').filter(({ outcome }) => outcome === 'ok'));
    return change(
      'probe.sampled',
      (event) => ({ ...event, ...fields }),
      (event) => event === one,
    )(base, history);
  };

const watches: readonly Change[] = [
  wrong(
    'a visit to a broken volume that is called one to another',
    visited((_, base) => ({ volume: brokenOf(base) })),
  ),
  wrong(
    'a visit to a mailbox that there is not',
    visited(() => ({ mailbox: 'nobody-at-all@libero.test' })),
  ),
  wrong('a login that was refused, and a mailbox all the same', visited(refusedAt('login'))),
  wrong('a select that was refused, and a message all the same', visited(refusedAt('select'))),
  wrong('a fetch that was refused, and a message all the same', visited(refusedAt('fetch'))),
  wrong(
    'a visit without a step that shows a message',
    visited(() => ({ steps: [] })),
  ),
  wrong(
    'a good visit to an empty mailbox',
    visited(() => ({ exists: 0 })),
  ),
  wrong(
    'a login that was ok with a code of a refusal',
    visited(({ steps }) => ({
      steps: steps.map((step) => (step.step === 'login' ? { ...step, code: 'AUTHENTICATIONFAILED' } : step)),
    })),
  ),
  wrong(
    'wrong credentials that were let in and are called refused',
    triedWrong('imap', { code: null, text: 'logged in' }),
  ),
  wrong(
    'wrong credentials with a code of success',
    triedWrong('submission', { code: '235', text: '235 2.7.0 Ok' }),
  ),
  wrong(
    'wrong credentials that were let in with the code of a refusal',
    triedWrong('submission', { outcome: 'ok' }),
  ),
  wrong('a login without an answer that was answered', triedWrong('imap', { outcome: 'timeout' })),
  wrong('a sample that was ok with an errno', sampledOnce({ errno: 'EIO' })),
  wrong('a sample that failed without an errno', sampledOnce({ outcome: 'error' })),
  wrong('a listing of a mailbox on another volume', (base, history) => {
    const [last] = base.all('mailbox.listed').slice(-1);
    const other = base.all('mailbox.listed').find(({ volume }) => volume !== last?.volume)?.volume;
    return change(
      'mailbox.listed',
      (event) => ({ ...event, volume: other ?? 'elsewhere' }),
      (event) => event === last,
    )(base, history);
  }),
  wrong('another seed than the mail has', (_, history) =>
    history.map((event) => (event.type === 'run.started' ? { ...event, seed: event.seed + 1 } : event)),
  ),
];

/** Entries of which two parts cannot both be true. */
export const CONTRADICTIONS: readonly Change[] = [...answers, ...notices, ...lines, ...watches];
