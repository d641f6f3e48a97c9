import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { PlannedMessage } from '../scenario/schedule.js';
import { digestMessage, type Digest } from './digest.js';

/** A message ready to be sent, with the digest that every copy of it must have. */
export interface ComposedMessage {
  readonly planned: PlannedMessage;
  readonly raw: Buffer;
  readonly digest: Digest;
}

const SUBJECTS = [
  'Invoice',
  'Holiday pictures',
  'Minutes',
  'Re: contract',
  'Your ticket',
  'Lunch?',
  'Backup report',
];

function randomBytes(seed: number, bytes: number): Buffer {
  const random = xoroshiro128plus(seed);
  const words = new Int32Array(Math.ceil(bytes / 4));
  for (let index = 0; index < words.length; index += 1)
    words[index] = uniformInt(random, -0x80000000, 0x7fffffff);
  return Buffer.from(words.buffer, 0, bytes);
}

function base64Lines(data: Buffer): string {
  return (data.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
}

/**
 * Writes a message of about `sizeBytes`: a text part and a random attachment, all in ASCII, so that no hop has a
 * reason to re-encode it. The same plan gives the same bytes but for the date.
 */
export function composeMessage(planned: PlannedMessage, dateMs: number): ComposedMessage {
  const boundary = `=_${planned.id}`;
  const subject = SUBJECTS[Math.abs(planned.contentSeed) % SUBJECTS.length] ?? 'Hello';
  const text = [
    `This is message ${planned.id}, from ${planned.from} to ${planned.to}.`,
    '.a line that begins with a dot',
    'From here on, nothing may be changed.',
  ];
  const attachment = randomBytes(
    planned.contentSeed,
    Math.max(64, Math.floor((planned.sizeBytes - 700) * 0.73)),
  );
  const lines = [
    `From: <${planned.from}>`,
    `To: <${planned.to}>`,
    `Subject: ${subject} [${planned.id}]`,
    `Date: ${new Date(dateMs).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${planned.id}@nobounce.invalid>`,
    `X-Nobounce-Id: ${planned.id}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    ...text,
    '',
    `--${boundary}`,
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="data.bin"',
    '',
    base64Lines(attachment),
    `--${boundary}--`,
    '',
  ];
  const raw = Buffer.from(lines.join('\r\n'), 'latin1');
  return { planned, raw, digest: digestMessage(raw) };
}
