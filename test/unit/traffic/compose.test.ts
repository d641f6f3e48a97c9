import { monitorEventLoopDelay } from 'node:perf_hooks';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import type { PlannedMessage } from '../../../src/scenario/schedule.js';
import { composeMessage, type ComposedMessage } from '../../../src/traffic/compose.js';
import { digestMessage } from '../../../src/traffic/digest.js';

const DATE_MS = Date.UTC(2026, 10, 23, 22, 57, 31);
const contentSeed = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const sizeBytes = fc.integer({ min: 512, max: 200_000 });

async function compose(
  planned: PlannedMessage,
  dateMs: number,
): Promise<ComposedMessage & { readonly raw: Buffer }> {
  const message = await composeMessage(planned, dateMs);
  return { ...message, raw: Buffer.concat([...message.pieces()]) };
}

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
  it('is the same for the same plan and date', async () => {
    await fc.assert(
      fc.asyncProperty(contentSeed, sizeBytes, async (seed, size) => {
        const planned = plannedOf({ contentSeed: seed, sizeBytes: size });
        const [one, two] = [await compose(planned, DATE_MS), await compose(planned, DATE_MS)];
        expect(one.raw.equals(two.raw)).toBe(true);
        // And for each attempt.
        expect(Buffer.concat([...one.pieces()]).equals(one.raw)).toBe(true);
        expect(one.bytes).toBe(one.raw.length);
      }),
    );
  });

  it('has the same body on another day', async () => {
    const { digest: one } = await compose(plannedOf(), DATE_MS);
    const { digest: two } = await compose(plannedOf(), DATE_MS + 86_400_000);
    expect(two.bodySha256).toBe(one.bodySha256);
    expect(two.headersSha256).not.toBe(one.headersSha256);
  });

  it('has another body with another seed', async () => {
    await fc.assert(
      fc.asyncProperty(contentSeed, contentSeed, async (one, two) => {
        fc.pre(one !== two);
        const a = await compose(plannedOf({ contentSeed: one }), DATE_MS);
        const b = await compose(plannedOf({ contentSeed: two }), DATE_MS);
        expect(a.digest.bodySha256).not.toBe(b.digest.bodySha256);
      }),
    );
  });

  it('is of about the size wanted, and never much more', async () => {
    await fc.assert(
      fc.asyncProperty(contentSeed, fc.integer({ min: 2_048, max: 200_000 }), async (seed, size) => {
        const { raw } = await compose(plannedOf({ contentSeed: seed, sizeBytes: size }), DATE_MS);
        expect(raw.length).toBeGreaterThan(size * 0.8);
        expect(raw.length).toBeLessThan(size * 1.25 + 500);
      }),
    );
  });

  it('is 7-bit, in lines that every server must take, with the line ends of the wire (RFC 5321 section 4.5.3.1.6)', async () => {
    await fc.assert(
      fc.asyncProperty(contentSeed, sizeBytes, async (seed, size) => {
        const { raw } = await compose(plannedOf({ contentSeed: seed, sizeBytes: size }), DATE_MS);
        const text = raw.toString('latin1');
        expect(text).toMatch(/^[\u0020-\u007e\r\n]*\r\n$/);
        const lines = text.split('\r\n');
        expect(lines.some((line) => /[\r\n]/.test(line))).toBe(false);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
      }),
    );
  });

  it('has what mail is often damaged by: a line that begins with a dot, and one with From', async () => {
    const text = (await compose(plannedOf(), DATE_MS)).raw.toString();
    expect(text).toMatch(/^\.a line/m);
    expect(text).toMatch(/^From here/m);
  });

  it('carries the digest that its copies must have', async () => {
    const { raw, digest } = await compose(plannedOf(), DATE_MS);
    expect(digestMessage(raw)).toEqual(digest);
    expect(digest.id).toBe('run1-i000012');
  });

  it('is mail to those who read mail', async () => {
    const { raw } = await compose(plannedOf(), DATE_MS);
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

  it('of 50 MB keeps nobody else from running, and takes no memory', async () => {
    const delays = monitorEventLoopDelay({ resolution: 1 });
    const before = process.memoryUsage().rss;
    let most = before;
    const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    delays.enable();
    try {
      const message = await composeMessage(plannedOf({ sizeBytes: 50_000_000 }), DATE_MS);
      expect(message.bytes).toBeGreaterThan(49_000_000);
    } finally {
      delays.disable();
      clearInterval(watching);
    }
    // A collection of garbage, or another process, may take longer now and then.
    expect(delays.percentile(90) / 1e6).toBeLessThan(50);
    expect((most - before) / 1e6).toBeLessThan(40);
  });
});
