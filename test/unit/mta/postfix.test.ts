import { describe, expect, it } from 'vitest';
import { postfix } from '../../../src/mta/postfix.js';

const { parseLogLine: parsePostfixLine } = postfix;

/** Lines of real runs (Postfix 3.10). */
const at = (text: string): string => `Nov 23 22:47:49 mta postfix/${text}`;

const SAID =
  'host store[192.168.64.7] said: 451 4.2.0 <u6@libero.test> Internal error occurred. Refer to server log for more information. [2026-11-23 22:57:39] (in reply to end of DATA command)';
const FULL =
  'host store[172.30.0.7] said: 552 5.2.2 <u2@libero.test> Not enough disk quota (in reply to end of DATA command)';
const DEAD =
  'maildir delivery failed: create maildir file /srv/mail/gold/libero.test/u1/Maildir/tmp/1795474067.P134.b1d98b2a7f63: Transport endpoint is not connected';

describe('a delivery in the log', () => {
  it.each([
    [
      'delivered',
      at(
        'lmtp[71]: 4jYM9R1H5QzLCJr: to=<u1@libero.test>, relay=store[192.168.208.7]:24, delay=0.26, delays=0.12/0.01/0.02/0.12, dsn=2.0.0, status=sent (250 2.0.0 <u1@libero.test> sBhrEtvHBGtUAAAA1f36Fw Saved)',
      ),
      {
        queueId: '4jYM9R1H5QzLCJr',
        recipient: 'u1@libero.test',
        status: 'sent',
        enhanced: '2.0.0',
        reply: '250 2.0.0 <u1@libero.test> sBhrEtvHBGtUAAAA1f36Fw Saved',
      },
    ],
    [
      'relayed to the outside',
      at(
        'smtp[137]: 4jYM9W3X6tzLCNk: to=<friend+1q7cmb-o000000@outside.test>, relay=outside[192.168.208.6]:25, delay=0.14, delays=0.01/0.01/0.12/0, dsn=2.0.0, status=sent (250 taken)',
      ),
      {
        recipient: 'friend+1q7cmb-o000000@outside.test',
        status: 'sent',
        enhanced: '2.0.0',
        reply: '250 taken',
      },
    ],
    [
      'deferred by the store',
      at(
        `lmtp[64]: 4jYLtq3BZMzJmyH: to=<u6@libero.test>, relay=store[192.168.64.7]:24, delay=0.07, delays=0.02/0/0.03/0.02, dsn=4.2.0, status=deferred (${SAID})`,
      ),
      { recipient: 'u6@libero.test', status: 'deferred', enhanced: '4.2.0', reply: SAID },
    ],
    [
      'deferred for a dead mount',
      at(
        `virtual[134]: 4jYLgR3hmzzHnbw: to=<u1@libero.test>, relay=virtual, delay=0.02, delays=0.01/0/0/0.01, dsn=4.2.0, status=deferred (${DEAD})`,
      ),
      { status: 'deferred', enhanced: '4.2.0', reply: DEAD },
    ],
    [
      'bounced for an error of the disk',
      at(
        'virtual[111]: 4jYLgT55p3zHnbd: to=<u2@libero.test>, relay=virtual, delay=0.02, delays=0/0/0/0.02, dsn=5.3.0, status=bounced (maildir delivery failed: error writing message: Input/output error)',
      ),
      {
        queueId: '4jYLgT55p3zHnbd',
        recipient: 'u2@libero.test',
        status: 'bounced',
        enhanced: '5.3.0',
        reply: 'maildir delivery failed: error writing message: Input/output error',
      },
    ],
    [
      'bounced for a full quota',
      at(
        `lmtp[81]: 4jYLd84SmLzHY7l: to=<u2@libero.test>, relay=store[172.30.0.7]:24, delay=0.08, delays=0/0/0.02/0.06, dsn=5.2.2, status=bounced (${FULL})`,
      ),
      { status: 'bounced', enhanced: '5.2.2', reply: FULL },
    ],
    [
      'expired after days in the queue, for all its recipients',
      at(
        'qmgr[19]: 4jZHFq1T7szM1Zy: from=<c1+18xsh7-i000063@outside.test>, status=expired, returned to sender',
      ),
      {
        queueId: '4jZHFq1T7szM1Zy',
        recipient: '',
        status: 'expired',
        enhanced: null,
        reply: 'returned to sender',
      },
    ],
    [
      'to an alias, with the original recipient',
      at(
        'lmtp[71]: 4jYM9R1H5QzLCJr: to=<u1@libero.test>, orig_to=<postmaster>, relay=store[10.0.0.7]:24, delay=0.26, delays=0.12/0.01/0.02/0.12, dsn=2.0.0, status=sent (250 2.0.0 Saved)',
      ),
      { recipient: 'u1@libero.test', status: 'sent' },
    ],
  ])('is %s', (_, line, expected) => {
    expect(parsePostfixLine(line)).toMatchObject({ kind: 'delivery', ...expected });
  });
});

describe('a message in the log', () => {
  it('is tied to its queue id by cleanup(8)', () => {
    const line = at('cleanup[53]: 4jYLtg3h87zJmgY: message-id=<1ssu4a-i000001@nobounce.invalid>');
    expect(parsePostfixLine(line)).toEqual({
      kind: 'message',
      queueId: '4jYLtg3h87zJmgY',
      messageId: '<1ssu4a-i000001@nobounce.invalid>',
    });
  });

  it('may have no Message-ID at all', () => {
    expect(parsePostfixLine(at('cleanup[53]: 4jYLtg3h87zJmgY: message-id='))).toMatchObject({
      messageId: '',
    });
  });

  it('leaves the queue', () => {
    expect(parsePostfixLine(at('qmgr[51]: 4jYLgF5W1JzHnVd: removed'))).toEqual({
      kind: 'removed',
      queueId: '4jYLgF5W1JzHnVd',
    });
  });
});

describe('every other line', () => {
  it.each([
    '',
    'nobounce: ready',
    'Nov 23 22:57:29 mta postfix/master[1]: daemon started -- version 3.10.13, configuration /etc/postfix',
    at('smtpd[40]: connect from unknown[172.17.0.1]'),
    at('smtpd[40]: 4jYLtg3mSBzJmgZ: client=unknown[172.17.0.1]'),
    at('smtpd[47]: disconnect from unknown[172.17.0.1] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5'),
    at(
      'qmgr[20]: 4jYLtg3h87zJmgY: from=<c16+1ssu4a-i000001@outside.test>, size=28406, nrcpt=1 (queue active)',
    ),
    at(
      'smtpd[54]: NOQUEUE: reject: RCPT from unknown[172.17.0.1]: 550 5.1.1 <nobody-0@libero.test>: Recipient address rejected: User unknown in virtual mailbox table; from=<c1+1vhvvw-c000000@outside.test> to=<nobody-0@libero.test> proto=ESMTP helo=<correspondent.outside.test>',
    ),
    at(
      'submission/smtpd[115]: warning: unknown[172.17.0.1]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=u1@libero.test',
    ),
    at('anvil[57]: statistics: max connection rate 41/60s for (smtp:172.17.0.1) at Nov 23 23:04:54'),
    at('scache[81]: statistics: start interval Nov 23 23:04:47'),
  ])('%j tells of no delivery', (line) => {
    expect(parsePostfixLine(line)).toBeNull();
  });

  it('a bounce that was written is no delivery', () => {
    const line = at('bounce[243]: 4jYLgT55p3zHnbd: sender non-delivery notification: 4jYLgT5H33zHnc6');
    expect(parsePostfixLine(line)?.kind).not.toBe('delivery');
  });
});

describe('a listing of the queue', () => {
  it('is read with each recipient and its reason', () => {
    const line = JSON.stringify({
      entries: [
        {
          queue_name: 'deferred',
          queue_id: '4jYM9R1H5QzLCJr',
          arrival_time: 1,
          message_size: 5,
          sender: '',
          recipients: [{ address: 'u1@libero.test', delay_reason: SAID }, { address: 'u2@libero.test' }],
        },
      ],
    });
    expect(postfix.parseListing(line)).toEqual([
      {
        queueId: '4jYM9R1H5QzLCJr',
        queue: 'deferred',
        sender: '',
        recipients: [
          { address: 'u1@libero.test', reason: SAID },
          { address: 'u2@libero.test', reason: '' },
        ],
      },
    ]);
  });

  it('that is none is an error', () => {
    expect(() => postfix.parseListing('mail system is down')).toThrow();
    expect(() => postfix.parseListing('{"entries":[{}]}')).toThrow();
  });
});

it('lifetimes are read in milliseconds', () => {
  expect(postfix.parseLifetimes('{"mail":432000,"bounces":86400,"warning":0}')).toEqual({
    mailMs: 432_000_000,
    bouncesMs: 86_400_000,
    warningMs: 0,
  });
});

describe('what a reply says of the next hop', () => {
  it.each([
    [FULL, { refused: true, unanswered: false }],
    ['550 5.1.1 no such user', { refused: true, unanswered: false }],
    [SAID, { refused: false, unanswered: false }],
    [
      'conversation with store[10.0.0.7] timed out while sending end of data -- message may be sent more than once',
      { refused: false, unanswered: true },
    ],
    ['250 2.0.0 saved', { refused: false, unanswered: false }],
    ['host store said it had 552 messages', { refused: false, unanswered: false }],
  ])('%s', (reply, expected) => {
    expect(postfix.readNextHop(reply)).toEqual(expected);
  });
});
