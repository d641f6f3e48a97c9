import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionInWords, recipientsInWords, splitNotice } from '../../../src/history/bounce-text.js';
import { parseDsn } from '../../../src/history/dsn.js';

const ID = 'abc123-i000007';
const RETURNED = [
  'Return-Path: <c1@outside.test>',
  'Received: from c1 by mx; Mon, 23 Nov 2026 10:00:00 +0000',
  'From: <c1@outside.test>',
  'To: <u1@libero.test>',
  `Message-ID: <${ID}@nobounce.invalid>`,
  `X-Nobounce-Id: ${ID}`,
  'Subject: Lunch?',
  '',
  'Hello',
];

const message = (headers: readonly string[], body: readonly string[]) =>
  [...headers, '', ...body, ''].join('\r\n');

/** Bounces in the forms that their servers write, in words of our own where the words are free. */
const FORMS: Record<
  string,
  { raw: string; action: string; recipient: string | null; status: string | null }
> = {
  'qmail (QSBMF)': {
    raw: message(
      [
        'Return-Path: <>',
        'Date: 23 Nov 2026 10:00:00 -0000',
        'From: MAILER-DAEMON@mx.test',
        'To: c1@outside.test',
        'Subject: failure notice',
      ],
      [
        'Hi. This is the qmail-send program at mx.test.',
        "I'm afraid I wasn't able to deliver your message to the following addresses.",
        "This is a permanent error; I've given up. Sorry it didn't work out.",
        '',
        '<u1@libero.test>:',
        'Disk full. (#5.2.2)',
        '',
        '--- Below this line is a copy of the message.',
        '',
        ...RETURNED,
      ],
    ),
    action: 'failed',
    recipient: 'u1@libero.test',
    status: '5.2.2',
  },
  'qmail, without a machine as its sender': {
    raw: message(
      ['From: <somebody@mx.test>', 'Subject: hello'],
      ['Hi. This is the deliverer at mx.test.', '', '<u1@libero.test>:', 'No.', '', '-', '', ...RETURNED],
    ),
    action: 'unknown',
    recipient: 'u1@libero.test',
    status: null,
  },
  Exim: {
    raw: message(
      [
        'Return-path: <>',
        'X-Failed-Recipients: u1@libero.test',
        'Auto-Submitted: auto-replied',
        'From: Mail Delivery System <Mailer-Daemon@mx.test>',
        'To: c1@outside.test',
        'Subject: Mail delivery failed: returning message to sender',
      ],
      [
        'This message was created automatically by mail delivery software.',
        '',
        'A message that you sent could not be delivered to one or more of its',
        'recipients. This is a permanent error. The following address(es) failed:',
        '',
        '  u1@libero.test',
        '    LMTP error from remote mail server after end of data:',
        '    552 5.2.2 <u1@libero.test> Mailbox is full',
        '',
        '------ This is a copy of the message, including all the headers. ------',
        '',
        ...RETURNED,
      ],
    ),
    action: 'failed',
    recipient: 'u1@libero.test',
    status: '5.2.2',
  },
  'Exim, the headers alone': {
    raw: message(['X-Failed-Recipients: u1@libero.test', 'Subject: Mail delivery failed'], [...RETURNED]),
    action: 'failed',
    recipient: 'u1@libero.test',
    status: null,
  },
  "Exim's warning": {
    raw: message(
      [
        'Auto-Submitted: auto-replied',
        'From: Mail Delivery System <Mailer-Daemon@mx.test>',
        'Subject: Warning: message 1abc-0001-00 delayed 24 hours',
      ],
      [
        'A message that you sent has not yet been delivered to one or more of its',
        'recipients after more than 24 hours on the queue on mx.test.',
        '',
        `The message identifier is:     1abc-0001-00`,
        `X-Nobounce-Id: ${ID}`,
        '',
        'The address to which the message has not yet been delivered is:',
        '',
        '  u1@libero.test',
        '    Delay reason: mailbox is locked',
        '',
        'No action is required on your part. Delivery attempts will continue for',
        'some time, and the mail delivery software will give up at last.',
      ],
    ),
    action: 'delayed',
    recipient: null,
    status: null,
  },
  sendmail: {
    raw: message(
      [
        'From: Mail Delivery Subsystem <MAILER-DAEMON@mx.test>',
        'Subject: Returned mail: see transcript for details',
      ],
      [
        'The original message was received at Mon, 23 Nov 2026 10:00:00 GMT',
        'from localhost [127.0.0.1]',
        '',
        '   ----- The following addresses had permanent fatal errors -----',
        '<u1@libero.test>',
        '    (reason: 550 5.1.1 No such user)',
        '',
        '   ----- Transcript of session follows -----',
        '550 5.1.1 <u1@libero.test>... User unknown',
        '',
        '   ----- Original message follows -----',
        '',
        ...RETURNED,
      ],
    ),
    action: 'failed',
    recipient: 'u1@libero.test',
    status: '5.1.1',
  },
  "sendmail's warning": {
    raw: message(
      ['From: MAILER-DAEMON@mx.test', 'Subject: Warning: could not send message for past 4 hours'],
      [
        '    ** THIS IS A WARNING MESSAGE ONLY **',
        '    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **',
        '',
        '   ----- The following addresses had transient non-fatal errors -----',
        '<u1@libero.test>',
        '',
        '   ----- Transcript of session follows -----',
        'Deferred: 451 4.2.0 later',
        'Will keep trying until message is 5 days old',
        '',
        '   ----- Message header follows -----',
        '',
        ...RETURNED,
      ],
    ),
    action: 'delayed',
    recipient: 'u1@libero.test',
    status: '4.2.0',
  },
  'Postfix in words': {
    raw: message(
      ['From: MAILER-DAEMON@mx.test (Mail Delivery System)', 'Subject: Undelivered Mail Returned to Sender'],
      [
        'This is the mail system at host mx.test.',
        '',
        "I'm sorry to have to inform you that your message could not",
        'be delivered to one or more recipients.',
        '',
        '<u1@libero.test>: host store[10.0.0.2] said: 552 5.3.0 Input/output error',
        '',
        ...RETURNED,
      ],
    ),
    action: 'failed',
    recipient: 'u1@libero.test',
    status: '5.3.0',
  },
  'Courier in words': {
    raw: message(
      [
        'From: "Courier mail server at mx.test" <@mx.test>',
        'Return-Path: <>',
        'Subject: NOTICE: mail delivery status.',
      ],
      [
        'This is a delivery status notification from mx.test,',
        'running the Courier mail server.',
        '',
        '                           UNDELIVERABLE MAIL',
        '',
        'Your message to the following recipients cannot be delivered:',
        '',
        '<u1@libero.test>:',
        '    localhost [127.0.0.1]:',
        '    <<< 550 5.2.0 Mailbox broken',
        '',
        '---------------------------------------------------------------------------',
        '',
        ...RETURNED,
      ],
    ),
    action: 'failed',
    recipient: 'u1@libero.test',
    status: '5.2.0',
  },
  'Exchange in words': {
    raw: message(
      ['From: System Administrator <postmaster@mx.test>', 'Subject: Undeliverable: Lunch?'],
      [
        'Your message',
        '',
        '  Subject: Lunch?',
        '  Sent:    Mon, 23 Nov 2026 10:00:00 +0000',
        '',
        'did not reach the following recipient(s):',
        '',
        'u1@libero.test on Mon, 23 Nov 2026 10:00:01 +0000',
        '    The recipient name is not recognized',
        '    <mx.test #5.1.1>',
        '',
        'Original message headers:',
        '',
        ...RETURNED,
      ],
    ),
    action: 'failed',
    recipient: 'u1@libero.test',
    status: '5.1.1',
  },
  'somebody who says only that it came back': {
    raw: message(['Return-Path: <>', 'Subject: problem'], ['Your mail was refused.', '', ...RETURNED]),
    action: 'failed',
    recipient: null,
    status: null,
  },
};

describe('bounces in words', () => {
  it.each(Object.entries(FORMS))('%s', async (_, { raw, action, recipient, status }) => {
    const dsn = await parseDsn(raw);
    expect(dsn?.form).toBe('words');
    const [first, ...more] = dsn?.recipients ?? [];
    expect(more).toEqual([]);
    expect(first).toMatchObject({ id: ID, action, status });
    if (recipient !== null) expect(first?.recipient).toBe(recipient);
  });

  it('reads an Exchange report that is MIME without a machine-readable part', async () => {
    const raw = message(
      [
        'From: postmaster@mx.test',
        'Subject: Undeliverable: Lunch?',
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=b',
      ],
      [
        '--b',
        'Content-Type: text/html',
        '',
        '<p>Delivery has failed to these recipients or groups:</p><p>u1@libero.test</p><p>550 5.2.2 mailbox full</p>',
        '--b',
        'Content-Type: message/rfc822',
        '',
        ...RETURNED,
        '--b--',
      ],
    );
    expect((await parseDsn(raw))?.recipients).toMatchObject([{ id: ID, action: 'failed', status: '5.2.2' }]);
  });

  it('reads several recipients of several fates in one notice', async () => {
    const raw = message(
      ['From: MAILER-DAEMON@mx.test', 'Subject: Returned mail'],
      [
        '   ----- The following addresses had permanent fatal errors -----',
        '<u1@libero.test>',
        '',
        '   ----- The following addresses had transient non-fatal errors -----',
        '<u2@libero.test>',
        '',
        '   ----- Original message follows -----',
        ...RETURNED,
      ],
    );
    const dsn = await parseDsn(raw);
    expect(dsn?.recipients.map(({ recipient, action }) => [recipient, action])).toEqual([
      ['u1@libero.test', 'failed'],
      ['u2@libero.test', 'delayed'],
    ]);
  });

  it('ties a notice that brings nothing back by the address that it went to', async () => {
    const raw = message(
      ['From: MAILER-DAEMON@mx.test', `To: c1+${ID}@outside.test`, 'Subject: failure notice'],
      ['Hi. This is the qmail-send program.', '', '<u1@libero.test>:', 'Disk full. (#5.2.2)', ''],
    );
    expect((await parseDsn(raw))?.recipients).toMatchObject([{ id: ID, recipient: 'u1@libero.test' }]);
  });

  it.each([
    [
      'an answer of somebody on holiday',
      ['Auto-Submitted: auto-replied', 'Subject: away'],
      ['I am back on Monday.'],
    ],
    [
      'ordinary mail that quotes a bounce',
      ['From: a@b.test', 'Subject: look'],
      ['> 550 5.1.1 User unknown', ...RETURNED],
    ],
    ['an empty message', [], []],
  ])('takes %s for no bounce', async (_, headers, body) => {
    await expect(parseDsn(message(headers, body))).resolves.toBeNull();
  });

  it('never throws, and never takes long, whatever the words are', () => {
    const words = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '@',
        ':',
        '-----',
        '\n',
        ' ',
        'a@b.test',
        'copy of the message',
        '5.1.1',
        'failed',
        '(',
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join('');
        const { report, returned } = splitNotice(text);
        expect(text.startsWith(report) && text.endsWith(returned)).toBe(true);
        for (const { recipient } of recipientsInWords(report, '')) expect(text).toContain(recipient);
      }),
    );
    const startMs = performance.now();
    recipientsInWords('<'.repeat(60_000), '');
    recipientsInWords(' '.repeat(60_000) + '@', '');
    recipientsInWords(`${'a'.repeat(60_000)}@`, '');
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it.each([
    ['will be retried until it is 5 day(s) old, could not be delivered for 4 hours', 'delayed'],
    ["This is a permanent error; I've given up", 'failed'],
    ['said: 550 no', 'failed'],
    ['host 192.0.2.55 said hello', 'unknown'],
    ['Successful delivery', 'delivered'],
  ])('%s: %s', (words, action) => {
    expect(actionInWords(words)).toBe(action);
  });
});
