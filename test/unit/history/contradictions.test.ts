import { describe, expect, it } from 'vitest';
import { logContradiction, readAttempt, readDsn } from '../../../src/history/contradictions.js';
import type { EventOf, Outcome } from '../../../src/history/event.js';

const stamp = { t: 1, wall: 1, sim: 1 };
const OK = '250 2.0.0 Ok: queued as 4Q1';

type Ended = EventOf<'attempt.ended'>;
const ended = (outcome: Outcome, fields: Partial<Ended>): Ended => ({
  type: 'attempt.ended',
  ...stamp,
  id: 'm',
  attempt: 1,
  outcome,
  code: null,
  enhanced: null,
  reply: '',
  at: 'dot',
  ms: 1,
  ...fields,
});

describe('an attempt is what its reply lets it be', () => {
  it.each([
    ['accepted', { code: 250, enhanced: '2.0.0', reply: OK }],
    ['accepted', { code: 250, reply: '250 OK id=1 (Exim 4.96.2 here)', enhanced: '4.96.2' }],
    ['accepted', { code: 250, reply: '250-first line\r\n250 and second', enhanced: null }],
    ['deferred', { code: 451, enhanced: '4.3.0', reply: '451 4.3.0 Later', at: 'rcpt' }],
    ['deferred', { code: 421, reply: '421 closing', at: 'greeting' }],
    ['rejected', { code: 550, enhanced: '5.1.1', reply: '550 5.1.1 Unknown', at: 'rcpt' }],
    ['ambiguous', { reply: 'the server closed the connection' }],
    ['ambiguous', { reply: 'no answer within 30000 ms' }],
    ['unsent', { reply: 'connect ECONNREFUSED 127.0.0.1:25', at: 'connect' }],
    ['unsent', { reply: 'Greeting never received', at: 'connect' }],
    // An answer that fits nowhere ended it before the dot.
    ['unsent', { reply: '250 What?', at: 'data' }],
  ] as const)('%s: %j', (outcome, fields) => {
    const read = readAttempt(ended(outcome, fields));
    expect(read).toEqual({ outcome, refused: outcome === 'rejected', contradiction: null });
  });

  const refused = { code: 550, enhanced: '5.3.0', reply: '550 5.3.0 No' };
  it.each([
    ['deferred', { ...refused, at: 'rcpt' }, 'rejected', true, 'deferred against the code 550'],
    ['unsent', { ...refused, at: 'mail' }, 'rejected', true, 'unsent against the code 550'],
    ['ambiguous', refused, 'rejected', true, 'ambiguous against the code 550'],
    ['accepted', refused, 'ambiguous', true, 'accepted against the code 550'],
    ['accepted', {}, 'ambiguous', false, 'accepted against no reply'],
    ['accepted', { code: 250 }, 'ambiguous', false, 'accepted against no reply'],
    ['accepted', { reply: 'read ECONNRESET' }, 'ambiguous', false, 'accepted against "read ECONNRESET"'],
    ['accepted', { code: 250, reply: OK, at: 'rcpt' }, 'ambiguous', false, 'accepted against an end at rcpt'],
    [
      'accepted',
      { code: 250, enhanced: '4.3.0', reply: OK },
      'ambiguous',
      false,
      'accepted against the status 4.3.0',
    ],
    [
      'accepted',
      { code: 250, reply: '250-2.0.0 Ok\n550 5.3.0 No' },
      'ambiguous',
      false,
      'accepted against the reply "550 5.3.0 No"',
    ],
    [
      'deferred',
      { code: 451, reply: '550 No', at: 'rcpt' },
      'unsent',
      false,
      'deferred against the reply "550 No"',
    ],
    ['rejected', { code: 451, reply: '451 Later' }, 'unsent', false, 'rejected against the code 451'],
    ['rejected', {}, 'unsent', false, 'rejected against no reply'],
    ['ambiguous', { at: 'data' }, 'ambiguous', false, 'ambiguous against an end at data'],
    ['unsent', { at: 'dot' }, 'unsent', false, 'unsent against an end at dot'],
    ['ambiguous', { reply: OK }, 'ambiguous', false, `ambiguous against the reply "${OK}"`],
  ] as const)('%s: %j is no such thing', (outcome, fields, standing, isRefused, contradiction) => {
    expect(readAttempt(ended(outcome, fields))).toEqual({
      outcome: standing,
      refused: isRefused,
      contradiction,
    });
  });
});

const notice = (action: EventOf<'dsn.received'>['action'], status: string | null, diagnostic = 'x') =>
  readDsn({
    type: 'dsn.received',
    ...stamp,
    id: 'm',
    action,
    status,
    recipient: 'a@libero.test',
    diagnostic,
    place: 'outside',
    to: 'friend@outside.test',
  });

describe('a notice is what its fields let it be', () => {
  it.each([
    ['failed', '5.3.0', 'smtp; 550 5.3.0 No', 'failed'],
    // Mail that expired.
    ['failed', '4.4.7', 'smtp; 451 4.3.0 Later', 'failed'],
    ['failed', null, '', 'failed'],
    ['unknown', '5.1.1', '', 'failed'],
    ['delayed', '4.2.0', 'smtp; 451 4.2.0 Later', 'delayed'],
    ['delayed', null, 'x-unix; input/output error', 'delayed'],
    ['delivered', '2.0.0', 'smtp; 250 Ok', 'other'],
  ] as const)('%s %s %s', (action, status, diagnostic, says) => {
    expect(notice(action, status, diagnostic)).toEqual({ says, contradiction: null });
  });

  it.each([
    ['failed', '2.0.0', 'x', 'failed', 'Action: failed against the status 2.0.0'],
    ['delayed', '5.4.7', 'x', 'other', 'Action: delayed against the status 5.4.7'],
    ['delayed', '4.2.0', 'smtp; 550 No', 'other', 'Action: delayed against the reply "550 No"'],
    ['relayed', '5.0.0', 'x', 'other', 'Action: relayed against the status 5.0.0'],
    ['expanded', '4.0.0', 'x', 'other', 'Action: expanded against the status 4.0.0'],
    ['unknown', null, 'x', 'other', 'an action that is none of those that there are'],
    ['unknown', '4.2.0', 'x', 'other', 'an action that is none of those that there are'],
  ] as const)('%s %s %s is no such thing', (action, status, diagnostic, says, contradiction) => {
    expect(notice(action, status, diagnostic)).toEqual({ says, contradiction });
  });
});

describe('a line of the log', () => {
  const line = (
    status: EventOf<'mta.logged'>['status'],
    enhanced: string | null,
    reply: string,
    unanswered = false,
  ) =>
    logContradiction({
      type: 'mta.logged',
      ...stamp,
      service: 'mta',
      id: 'm',
      queueId: 'Q',
      recipient: 'a@libero.test',
      status,
      enhanced,
      reply,
      nextHop: { refused: false, unanswered },
    });

  it.each([
    ['sent', '2.0.0', 'delivered to maildir'],
    ['sent', '2.0.0', OK],
    ['sent', null, '<u1@libero.test> stored'],
    // Haraka keeps the status of the delay before.
    ['sent', '4.2.0', '<u1@libero.test> stored'],
    ['deferred', '4.2.0', 'host store[10.0.0.2] said: 451 4.2.0 Internal error'],
    ['deferred', '4.4.2', 'lost connection while sending end of data'],
    // Soft bounces: it waits for a next hop that refused.
    ['deferred', '5.2.2', 'host store[10.0.0.2] said: 552 5.2.2 Mailbox full'],
    ['bounced', '5.3.0', 'input/output error'],
    ['expired', '4.4.7', 'returned to sender'],
  ] as const)('may say %s %s %s', (status, enhanced, reply) => {
    expect(line(status, enhanced, reply)).toBeNull();
  });

  it.each([
    ['sent', '5.2.2', 'delivered to maildir', 'sent against the status 5.2.2'],
    ['sent', null, 'host store said: 451 Later', 'sent against the reply "451 Later"'],
    ['deferred', '2.0.0', 'later', 'deferred against the status 2.0.0'],
    ['deferred', '5.3.0', 'input/output error', 'deferred against the status 5.3.0'],
    ['deferred', null, OK, `deferred against the reply "${OK}"`],
    ['bounced', '2.0.0', 'input/output error', 'bounced against the status 2.0.0'],
  ] as const)('may not say %s %s %s', (status, enhanced, reply, contradiction) => {
    expect(line(status, enhanced, reply)).toBe(contradiction);
  });

  it('may not call a delivery without a reply to its dot sent', () => {
    expect(line('sent', '2.0.0', 'x', true)).toBe('sent against no reply to the final dot');
  });
});
