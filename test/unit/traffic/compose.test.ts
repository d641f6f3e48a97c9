import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import type { PlannedMessage } from '../../../src/scenario/schedule.js';
import { composeMessage } from '../../../src/traffic/compose.js';
import { digestMessage } from '../../../src/traffic/digest.js';

const DATE_MS = Date.UTC(2026, 10, 23, 22, 57, 31);
const contentSeed = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const sizeBytes = fc.integer({ min: 512, max: 200_000 });

function plannedOf(changes: Partial<PlannedMessage> = {}): PlannedMessage {
  return {
    id: 'run1-i000012',
    kind: 'inbound',
    from: 'c3+run1-i000012@outside.test',
    to: 'u1@libero.test',
    sizeBytes: 4_096,
    contentSeed: 42,
    ...changes,
  };
}

describe('a composed message', () => {
  it('is the same for the same plan and date', () => {
    fc.assert(
      fc.property(contentSeed, sizeBytes, (seed, size) => {
        const planned = plannedOf({ contentSeed: seed, sizeBytes: size });
        expect(composeMessage(planned, DATE_MS).raw.equals(composeMessage(planned, DATE_MS).raw)).toBe(true);
      }),
    );
  });

  it('has the same body on another day', () => {
    const [one, two] = [DATE_MS, DATE_MS + 86_400_000].map((ms) => composeMessage(plannedOf(), ms).digest);
    expect(two?.bodySha256).toBe(one?.bodySha256);
    expect(two?.headersSha256).not.toBe(one?.headersSha256);
  });

  it('has another body with another seed', () => {
    fc.assert(
      fc.property(contentSeed, contentSeed, (one, two) => {
        fc.pre(one !== two);
        const [a, b] = [one, two].map((seed) => composeMessage(plannedOf({ contentSeed: seed }), DATE_MS));
        expect(a?.digest.bodySha256).not.toBe(b?.digest.bodySha256);
      }),
    );
  });

  it('is of about the size wanted, and never much more', () => {
    fc.assert(
      fc.property(contentSeed, fc.integer({ min: 2_048, max: 200_000 }), (seed, size) => {
        const { raw } = composeMessage(plannedOf({ contentSeed: seed, sizeBytes: size }), DATE_MS);
        expect(raw.length).toBeGreaterThan(size * 0.8);
        expect(raw.length).toBeLessThan(size * 1.25 + 500);
      }),
    );
  });

  it('is 7-bit, in lines that every server must take, with the line ends of the wire (RFC 5321 section 4.5.3.1.6)', () => {
    fc.assert(
      fc.property(contentSeed, sizeBytes, (seed, size) => {
        const { raw } = composeMessage(plannedOf({ contentSeed: seed, sizeBytes: size }), DATE_MS);
        const text = raw.toString('latin1');
        expect(text).toMatch(/^[\u0020-\u007e\r\n]*\r\n$/);
        const lines = text.split('\r\n');
        expect(lines.some((line) => /[\r\n]/.test(line))).toBe(false);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
      }),
    );
  });

  it('has what mail is often damaged by: a line that begins with a dot, and one with From', () => {
    const text = composeMessage(plannedOf(), DATE_MS).raw.toString();
    expect(text).toMatch(/^\.a line/m);
    expect(text).toMatch(/^From here/m);
  });

  it('carries the digest that its copies must have', () => {
    const { raw, digest } = composeMessage(plannedOf(), DATE_MS);
    expect(digestMessage(raw)).toEqual(digest);
    expect(digest.id).toBe('run1-i000012');
  });

  it('is mail to those who read mail', async () => {
    const { raw } = composeMessage(plannedOf(), DATE_MS);
    const mail = await PostalMime.parse(raw);
    expect(mail).toMatchObject({
      from: { address: 'c3+run1-i000012@outside.test' },
      to: [{ address: 'u1@libero.test' }],
      messageId: '<run1-i000012@nobounce.invalid>',
      date: '2026-11-23T22:57:31.000Z',
    });
    expect(mail.text).toContain('run1-i000012');
    expect(mail.attachments).toHaveLength(1);
  });
});
