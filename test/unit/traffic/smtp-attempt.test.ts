import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/stack/stack.js';
import { mailData } from '../../../src/traffic/mail-data.js';
import {
  attemptSmtp,
  enhancedCode,
  type Attempt,
  type AttemptResult,
} from '../../../src/traffic/smtp-attempt.js';
import { closedPort, refusal, startScripted, startSmtp, type Script, type Taken } from './smtp-servers.js';

const RAW = Buffer.from('Subject: x\r\n\r\n.dot\r\n..dots\r\nbody\r\n');
/** For servers that answer; and for those that never do. */
const PATIENT_MS = 20_000;
const IMPATIENT_MS = 250;

interface Changes extends Partial<Omit<Attempt, 'message'>> {
  readonly raw?: Buffer;
}

function send(server: Address, { raw = RAW, ...changes }: Changes = {}): Promise<AttemptResult> {
  const envelope = { from: 'c1@outside.test', to: 'u1@libero.test', message: mailData(raw) };
  return attemptSmtp({ server, client: 'test', ...envelope, timeoutMs: PATIENT_MS, ...changes });
}

async function against(script: Script, changes: Changes = {}): Promise<AttemptResult> {
  await using server = await startScripted(script);
  return await send(server.address, changes);
}

describe('an attempt at a server that takes mail', () => {
  it('is accepted, and every byte arrives as it was', async () => {
    const taken: Taken[] = [];
    await using server = await startSmtp({}, (message) => {
      taken.push(message);
      return undefined;
    });
    expect(await send(server.address)).toMatchObject({
      outcome: 'accepted',
      code: 250,
      enhanced: '2.0.0',
      reply: '250 2.0.0 taken',
      at: 'dot',
    });
    expect(taken).toEqual([{ from: 'c1@outside.test', to: ['u1@libero.test'], raw: RAW, user: undefined }]);
  });

  it('is accepted whatever its size', async () => {
    const raw = Buffer.from(`Subject: x\r\n\r\n${'0123456789abcde\r\n'.repeat(100_000)}`);
    const sizes: number[] = [];
    await using server = await startSmtp({}, (message) => {
      sizes.push(message.raw.length);
      return undefined;
    });
    expect((await send(server.address, { raw })).outcome).toBe('accepted');
    expect(sizes).toEqual([raw.length]);
  });

  it('logs in first where it has a password', async () => {
    await using server = await startSmtp({
      authOptional: false,
      onAuth({ username, password }, _, done) {
        if (username === 'u1' && password === 'right') done(null, { user: username });
        else done(refusal(535, '5.7.8 wrong'));
      },
    });
    const right = await send(server.address, { auth: { user: 'u1', pass: 'right' } });
    expect(right.outcome).toBe('accepted');
    const wrong = await send(server.address, { auth: { user: 'u1', pass: 'wrong' } });
    expect(wrong).toMatchObject({ outcome: 'rejected', code: 535, enhanced: '5.7.8', at: 'auth' });
  });

  it('is deferred where the passwords cannot be looked up now', async () => {
    await using server = await startSmtp({
      onAuth(_, __, done) {
        done(refusal(454, '4.7.0 try later'));
      },
    });
    const result = await send(server.address, { auth: { user: 'u1', pass: 'right' } });
    expect(result).toMatchObject({ outcome: 'deferred', code: 454, enhanced: '4.7.0', at: 'auth' });
  });

  it.each([
    [451, '4.3.0 disk', 'deferred'],
    [452, '4.2.2 full', 'deferred'],
    [550, '5.1.1 nobody', 'rejected'],
    [552, '5.2.2 full', 'rejected'],
  ] as const)('is what the server says when it refuses with %d', async (code, text, outcome) => {
    const enhanced = text.slice(0, 5);
    await using atMail = await startSmtp({
      onMailFrom(_, __, done) {
        done(refusal(code, text));
      },
    });
    await using atRcpt = await startSmtp({
      onRcptTo(_, __, done) {
        done(refusal(code, text));
      },
    });
    await using atDot = await startSmtp({}, () => refusal(code, text));
    expect(await send(atMail.address)).toMatchObject({ outcome, code, enhanced, at: 'mail' });
    expect(await send(atRcpt.address)).toMatchObject({ outcome, code, enhanced, at: 'rcpt' });
    expect(await send(atDot.address)).toMatchObject({ outcome, code, enhanced, at: 'dot' });
  });
});

const reply = (text: string): { readonly reply: string } => ({ reply: `${text}\r\n` });

describe('an attempt at a server that refuses', () => {
  it.each<[string, Script, Partial<AttemptResult>]>([
    [
      '421 as its greeting',
      { greeting: reply('421 4.3.2 busy') },
      { outcome: 'deferred', code: 421, at: 'greeting' },
    ],
    [
      '554 as its greeting',
      { greeting: reply('554 no mail here') },
      { outcome: 'rejected', code: 554, at: 'greeting' },
    ],
    [
      '421 as its greeting and closes',
      { greeting: { reply: '421 4.3.2 busy\r\n', thenClose: true } },
      { outcome: 'deferred', code: 421, enhanced: '4.3.2', at: 'greeting' },
    ],
    ['421 to EHLO', { EHLO: reply('421 4.3.2 going down') }, { outcome: 'deferred', code: 421, at: 'hello' }],
    [
      'EHLO and HELO',
      { EHLO: reply('502 no'), HELO: reply('550 no') },
      { outcome: 'rejected', code: 550, at: 'hello' },
    ],
    ['MAIL for now', { MAIL: reply('451 4.3.0 no') }, { outcome: 'deferred', code: 451, at: 'mail' }],
    ['RCPT for now', { RCPT: reply('450 4.2.1 no') }, { outcome: 'deferred', code: 450, at: 'rcpt' }],
    ['DATA for now', { DATA: reply('451 4.3.0 no') }, { outcome: 'deferred', code: 451, at: 'data' }],
    ['DATA for good', { DATA: reply('554 5.5.1 no') }, { outcome: 'rejected', code: 554, at: 'data' }],
    ['the message for now', { dot: reply('451 4.2.0 no') }, { outcome: 'deferred', code: 451, at: 'dot' }],
    [
      'the message for now and closes',
      { dot: { reply: '421 4.3.2 going down\r\n', thenClose: true } },
      { outcome: 'deferred', code: 421, at: 'dot' },
    ],
    [
      'in several lines',
      { RCPT: reply('550-5.1.1 nobody\r\n550 5.1.1 of that name') },
      { outcome: 'rejected', code: 550, enhanced: '5.1.1', at: 'rcpt' },
    ],
  ])('%s', async (_, script, expected) => {
    expect(await against(script)).toMatchObject(expected);
  });

  it('does not mind a server without EHLO', async () => {
    expect(await against({ EHLO: reply('502 no') })).toMatchObject({ outcome: 'accepted' });
  });
});

describe('an attempt with a message that is too large', () => {
  const raw = Buffer.from(`Subject: x\r\n\r\n${'0123456789abcde\r\n'.repeat(200)}`);

  it('is refused with 552 and the limit in words where the server announces it (RFC 1870)', async () => {
    const taken: Taken[] = [];
    await using server = await startSmtp({ size: 2_048 }, (message) => {
      taken.push(message);
      return undefined;
    });
    const result = await send(server.address, { raw });
    expect(result).toMatchObject({ outcome: 'rejected', code: 552, enhanced: '5.3.4', at: 'mail' });
    expect(result.reply).toContain('no message larger than 2048 bytes (2 KiB)');
    expect(result.reply).toContain(`this one has ${String(raw.length)}`);
    expect(taken).toEqual([]);
    expect((await send(server.address, { raw: raw.subarray(0, 2_048) })).outcome).toBe('accepted');
  });

  it.each([
    ['with a limit of 0, which is none', '250-test\r\n250 SIZE 0'],
    ['without saying how large', '250-test\r\n250 SIZE'],
    ['not at all', '250 test'],
  ])('is sent where the server announces a limit %s', async (_, hello) => {
    expect(await against({ EHLO: reply(hello) }, { raw })).toMatchObject({ outcome: 'accepted' });
  });

  it('is refused where the server says so itself', async () => {
    const tooLarge = reply('552 5.3.4 Message size exceeds fixed limit');
    const expected = { outcome: 'rejected', code: 552, enhanced: '5.3.4' };
    expect(await against({ MAIL: tooLarge }, { raw })).toMatchObject({ ...expected, at: 'mail' });
    expect(await against({ dot: tooLarge }, { raw })).toMatchObject({ ...expected, at: 'dot' });
  });

  it('is refused where the server says so in the middle of it, and closes', async () => {
    const large = Buffer.from(`Subject: x\r\n\r\n${'0123456789abcde\r\n'.repeat(2_000_000)}`);
    const act = { reply: '552 5.3.4 too big\r\n', thenClose: true } as const;
    const result = await against({ message: act }, { raw: large });
    expect(result).toMatchObject({ outcome: 'rejected', code: 552 });
  });
});

describe('an attempt that breaks off', () => {
  it('is unsent where nobody listens', async () => {
    const result = await send(await closedPort());
    expect(result).toMatchObject({ outcome: 'unsent', code: null, enhanced: null, at: 'connect' });
    expect(result.reply).toContain('ECONNREFUSED');
  });

  it.each(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const)(
    'is unsent where the server closes or says nothing at %s',
    async (point) => {
      const nothing = { outcome: 'unsent', code: null };
      expect(await against({ [point]: 'close' })).toMatchObject(nothing);
      expect(await against({ [point]: 'hang' }, { timeoutMs: IMPATIENT_MS })).toMatchObject(nothing);
    },
  );

  it('is unsent where the server closes long before the final dot could be sent', async () => {
    // More than the buffers of two sockets hold.
    const raw = Buffer.from(`Subject: x\r\n\r\n${'0123456789abcde\r\n'.repeat(2_000_000)}`);
    const result = await against({ message: 'close' }, { raw });
    expect(result).toMatchObject({ outcome: 'unsent', code: null, at: 'data' });
  });

  it.each<[string, Script]>([
    ['closes', { dot: 'close' }],
    ['closes in the middle of its reply', { dot: { reply: '250 2.0.0 Ok: que', thenClose: true } }],
    ['closes after half a reply code', { dot: { reply: '25', thenClose: true } }],
  ])('is ambiguous where the server %s after the final dot (RFC 1047)', async (_, script) => {
    expect(await against(script)).toMatchObject({ outcome: 'ambiguous', code: null, at: 'dot' });
  });

  it('is ambiguous where the server says nothing after the final dot', async () => {
    const result = await against({ dot: 'hang' }, { timeoutMs: IMPATIENT_MS });
    expect(result).toMatchObject({ outcome: 'ambiguous', code: null, at: 'dot' });
  });
});

describe('an enhanced status code (RFC 3463)', () => {
  it.each([
    ['250 2.0.0 Ok: queued', '2.0.0'],
    ['451 4.2.0 <u1@libero.test> Internal error', '4.2.0'],
    ['550-5.1.1 nobody', null],
    ['host store[10.0.0.2] said: 451 4.3.0 no', '4.3.0'],
    ['250 Ok', null],
    ['220 version 3.10.13', null],
    ['connect to 10.0.0.2:24: refused', null],
    ['5.1.1', '5.1.1'],
  ])('of %j is %j', (text, code) => {
    expect(enhancedCode(text)).toBe(code);
  });
});
