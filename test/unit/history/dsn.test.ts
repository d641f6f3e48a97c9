import { describe, expect, it } from 'vitest';
import { parseDsn } from '../../../src/history/dsn.js';

/** A report in the shape in which Postfix bounce(8) writes it. */
function report(
  status: string,
  original: string,
  type = 'message/rfc822',
  statusType = 'message/delivery-status',
): string {
  return [
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.libero.test (Mail Delivery System)',
    'To: friend@outside.test',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="4Q.1/mx"',
    '',
    '--4Q.1/mx',
    'Content-Description: Notification',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This is the mail system at host mx.libero.test. Action: delayed is not said here.',
    '',
    '--4Q.1/mx',
    'Content-Description: Delivery report',
    `Content-Type: ${statusType}`,
    '',
    status,
    '',
    '--4Q.1/mx',
    'Content-Description: Undelivered Message',
    `Content-Type: ${type}`,
    '',
    original,
    '',
    '--4Q.1/mx--',
    '',
  ].join('\r\n');
}

const ABOUT_MESSAGE =
  'Reporting-MTA: dns; mx.libero.test\r\nX-Postfix-Queue-ID: 4Q1\r\nArrival-Date: Mon, 23 Nov 2026';
const FAILED = [
  'Final-Recipient: rfc822; u1@libero.test',
  'Original-Recipient: rfc822;u1@libero.test',
  'Action: failed',
  'Status: 5.3.0',
  'Diagnostic-Code: x-unix; error writing message:',
  '    Input/output error',
].join('\r\n');
const ORIGINAL =
  'From: friend@outside.test\r\nX-Nobounce-Id: run-i000007\r\nMessage-ID: <other@nobounce.invalid>\r\n\r\nHello';

describe('parseDsn', () => {
  it('reads a failure and ties it to the message by its id', async () => {
    await expect(parseDsn(report(`${ABOUT_MESSAGE}\r\n\r\n${FAILED}`, ORIGINAL))).resolves.toEqual({
      form: 'rfc3464',
      recipients: [
        {
          id: 'run-i000007',
          action: 'failed',
          status: '5.3.0',
          recipient: 'u1@libero.test',
          diagnostic: 'x-unix; error writing message: Input/output error',
        },
      ],
    });
  });

  it('takes bytes as well as text', async () => {
    const raw = Buffer.from(report(`${ABOUT_MESSAGE}\r\n\r\n${FAILED}`, ORIGINAL));
    expect((await parseDsn(raw))?.recipients[0]?.id).toBe('run-i000007');
  });

  it('ties by Message-ID when only headers come back, with or without the run behind the id', async () => {
    const headers = (local: string) => `Message-ID: <${local}@nobounce.invalid>\r\nSubject: drill\r\n`;
    const status = `${ABOUT_MESSAGE}\r\n\r\n${FAILED}`;
    for (const type of [
      'text/rfc822-headers',
      'message/rfc822',
      'message/global',
      'message/global-headers',
    ]) {
      const short = await parseDsn(report(status, headers('run-i000007'), type));
      expect(short?.recipients[0]?.id, type).toBe('run-i000007');
      const long = await parseDsn(report(status, headers('run-i000007.20261123'), type));
      expect(long?.recipients[0]?.id, type).toBe('run-i000007');
    }
  });

  it('has no id where nothing came back, or a message of someone else', async () => {
    const status = `${ABOUT_MESSAGE}\r\n\r\n${FAILED}`;
    expect((await parseDsn(report(status, 'nothing', 'text/plain')))?.recipients[0]?.id).toBeNull();
    const foreign = 'Message-ID: <run-i000007@elsewhere.test>\r\n';
    expect((await parseDsn(report(status, foreign)))?.recipients[0]?.id).toBeNull();
  });

  it('reads each recipient by itself, with every action there is', async () => {
    const groups = ['failed', 'Delayed', 'DELIVERED', 'relayed', 'expanded', 'considered'].map(
      (action, index) =>
        `Final-Recipient: RFC822; <u${index}@libero.test>\r\nAction: ${action}\r\nStatus: 4.4.1 (x)`,
    );
    const dsn = await parseDsn(report([ABOUT_MESSAGE, ...groups].join('\r\n\r\n'), ORIGINAL));
    expect(dsn?.recipients.map(({ action, recipient, status }) => [action, recipient, status])).toEqual([
      ['failed', 'u0@libero.test', '4.4.1'],
      ['delayed', 'u1@libero.test', '4.4.1'],
      ['delivered', 'u2@libero.test', '4.4.1'],
      ['relayed', 'u3@libero.test', '4.4.1'],
      ['expanded', 'u4@libero.test', '4.4.1'],
      ['unknown', 'u5@libero.test', '4.4.1'],
    ]);
  });

  it('prefers the recipient as the sender wrote it', async () => {
    const group =
      'Final-Recipient: rfc822; store@inner.test\r\nOriginal-Recipient: rfc822; u1@libero.test\r\nAction: failed';
    const dsn = await parseDsn(report(`${ABOUT_MESSAGE}\r\n\r\n${group}`, ORIGINAL));
    expect(dsn?.recipients).toEqual([
      { id: 'run-i000007', action: 'failed', status: null, recipient: 'u1@libero.test', diagnostic: '' },
    ]);
  });

  it('reads a report whose empty line before the recipient is missing', async () => {
    const dsn = await parseDsn(report(`${ABOUT_MESSAGE}\r\n${FAILED}`, ORIGINAL));
    expect(dsn?.recipients).toHaveLength(1);
    expect(dsn?.recipients[0]?.status).toBe('5.3.0');
  });

  it('takes lines with bare LF, and a recipient without a type', async () => {
    const group = 'Final-Recipient: u1@libero.test\nAction: failed\nStatus: 5.1.1';
    const raw = report(`${ABOUT_MESSAGE}\n\n${group}`, ORIGINAL).replaceAll('\r\n', '\n');
    expect((await parseDsn(raw))?.recipients[0]).toMatchObject({
      recipient: 'u1@libero.test',
      status: '5.1.1',
    });
  });

  it('reads what a report of internationalised mail brings back', async () => {
    const raw = report(
      `${ABOUT_MESSAGE}\r\n\r\n${FAILED}`,
      ORIGINAL,
      'message/rfc822',
      'message/global-delivery-status',
    );
    expect((await parseDsn(raw))?.recipients[0]?.id).toBe('run-i000007');
  });

  it('reads a report that was encoded, with its line ends', async () => {
    const encoded = Buffer.from(`${ABOUT_MESSAGE}\r\n\r\n${FAILED}\r\n\r\n\r\n`).toString('base64');
    const type = 'message/delivery-status\r\nContent-Transfer-Encoding: base64';
    const dsn = await parseDsn(report(encoded, ORIGINAL, 'message/rfc822', type));
    expect(dsn?.recipients).toMatchObject([{ action: 'failed', status: '5.3.0' }]);
  });

  it.each<[string, string, object]>([
    ['only a status', 'Status: 4.12.345', { action: 'unknown', status: '4.12.345', recipient: null }],
    [
      'blanks before the colon, none behind it',
      'Action :failed\r\nStatus:5.0.0',
      { action: 'failed', status: '5.0.0' },
    ],
    ['a status of no class', 'Action: failed\r\nStatus: 3.0.0', { status: null }],
    ['a line that is no field', 'Action: failed\r\nActions\r\n: x', { action: 'failed' }],
    ['an address in brackets', 'Action: failed\r\nFinal-Recipient: x; <a@b.test>', { recipient: 'a@b.test' }],
    [
      'brackets inside an address',
      'Action: failed\r\nFinal-Recipient: x; a<b@c.test>',
      { recipient: 'a<b@c.test>' },
    ],
    [
      'brackets before an address',
      'Action: failed\r\nFinal-Recipient: x; <a>b@c.test',
      { recipient: '<a>b@c.test' },
    ],
  ])('reads a recipient that has %s', async (_, group, expected) => {
    const dsn = await parseDsn(report(`${ABOUT_MESSAGE}\r\n \t\r\n\r\n${group}`, ORIGINAL));
    expect(dsn?.recipients).toMatchObject([expected]);
  });

  it.each([
    ['<run-i000007@nobounce.invalid> (a comment)', 'run-i000007'],
    ['<run-i000007@elsewhere.test>', null],
    ['<run-i000007@nobounce.invalid>   ', 'run-i000007'],
    [null, null],
  ])('takes no Message-ID but its own: %s', async (messageId, id) => {
    const original = `${messageId === null ? '' : `Message-ID: ${messageId}\r\n`}Subject: drill\r\n\r\nHello`;
    expect((await parseDsn(report(`${ABOUT_MESSAGE}\r\n\r\n${FAILED}`, original)))?.recipients[0]?.id).toBe(
      id,
    );
  });

  it('says null of an ordinary message', async () => {
    await expect(parseDsn('Subject: Action: failed\r\n\r\nStatus: 5.0.0\r\n')).resolves.toBeNull();
  });

  it('reads a report that names no recipient by its words, and what came back', async () => {
    const dsn = await parseDsn(report(ABOUT_MESSAGE, ORIGINAL));
    expect(dsn).toMatchObject({
      form: 'words',
      recipients: [{ id: 'run-i000007', action: 'failed', recipient: null }],
    });
  });

  it.each([
    'failed (too many tries)',
    'Failed',
    '(given up) failed',
    'failed (a (nested) one) (and another)',
    'failed (an \\) escaped bracket)',
    'failed\r\n (folded)',
    'fAILED; really',
  ])('reads an action with comments, folds and any case: %s', async (action) => {
    const group = `Final-Recipient: rfc822 (type); (who) <u1@libero.test>\r\nAction: ${action}\r\nStatus: (why) 5.2.2 (full)`;
    const dsn = await parseDsn(report(`${ABOUT_MESSAGE}\r\n\r\n${group}`, ORIGINAL));
    expect(dsn?.recipients).toMatchObject([
      { action: 'failed', status: '5.2.2', recipient: 'u1@libero.test', id: 'run-i000007' },
    ]);
  });

  it('ties each recipient to a message of its own', async () => {
    const groups = [
      'friend+run-o000001@outside.test',
      'friend+run-o000002@outside.test',
      'u1@libero.test',
    ].map((recipient) => `Final-Recipient: rfc822; ${recipient}\r\nAction: failed\r\nStatus: 5.1.1`);
    const dsn = await parseDsn(report([ABOUT_MESSAGE, ...groups].join('\r\n\r\n'), ORIGINAL));
    expect(dsn?.recipients.map(({ id }) => id)).toEqual(['run-o000001', 'run-o000002', 'run-i000007']);
  });

  it('ties each recipient to the returned message that was for it', async () => {
    const group = (to: string) => `Final-Recipient: rfc822; ${to}\r\nAction: failed`;
    const back = (id: string, to: string) => `To: <${to}>\r\nX-Nobounce-Id: ${id}\r\n\r\nHello`;
    const second = `${back('run-i000001', 'a@libero.test')}\r\n--4Q.1/mx\r\nContent-Type: message/rfc822\r\n\r\n${back('run-i000002', 'b@libero.test')}`;
    const raw = report(
      `${ABOUT_MESSAGE}\r\n\r\n${group('b@libero.test')}\r\n\r\n${group('a@libero.test')}`,
      second,
    );
    expect((await parseDsn(raw))?.recipients.map(({ id }) => id)).toEqual(['run-i000002', 'run-i000001']);
  });

  it('takes no mail of the harness for a notice, whatever it looks like', async () => {
    const raw = `X-Nobounce-Id: run-i000001\r\n${report(`${ABOUT_MESSAGE}\r\n\r\n${FAILED}`, ORIGINAL)}`;
    await expect(parseDsn(raw)).resolves.toBeNull();
  });

  it('reads MIME that nests without end as text', async () => {
    const nested = Array.from({ length: 400 }, (_, depth) =>
      [`Content-Type: multipart/mixed; boundary="b${depth}"`, '', `--b${depth}`].join('\r\n'),
    ).join('\r\n');
    await expect(parseDsn(`From: <x@y.test>\r\n${nested}`)).resolves.toBeNull();
  });
});
