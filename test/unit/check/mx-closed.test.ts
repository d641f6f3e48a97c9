import { describe, expect, it } from 'vitest';
import { GOLD, SILVER, Tale } from '../../support/tale.js';

const HOUR = 3_600_000;
const REASON = 'connect to mx[10.0.0.2]:25: Connection refused';

/** A tale of a closed MX: one message that waits in its sender's queue, one that a subscriber sends meanwhile. */
function closedMx(): Tale {
  return new Tale()
    .add(1, { type: 'mta.configured', service: 'mta', mailMs: HOUR, bouncesMs: HOUR, warningMs: 0 })
    .add(1, {
      type: 'mta.configured',
      service: 'outside-mta-1',
      mailMs: 48 * HOUR,
      bouncesMs: 48 * HOUR,
      warningMs: 0,
      outside: true,
    })
    .fault({ injected: 10, felt: 20, healed: 10_000, gone: 10_100 }, { name: 'mx-closed', volume: 'mx' })
    .accepted('inbound', 100)
    .accepted('internal', 200, { kind: 'internal', to: SILVER, from: GOLD })
    .copy('internal', 300, { mailbox: SILVER })
    .add(400, {
      type: 'queue.seen',
      service: 'outside-mta-1',
      id: 'inbound',
      queueId: 'Q1',
      queue: 'deferred',
      reason: REASON,
      enhanced: null,
    });
}

function advanced(tale: Tale, byMs: number): Tale {
  return tale.add(500, { type: 'clock.advanced', byMs });
}

describe('a closed MX', () => {
  it('is an outage of mail from outside, whatever volume it is for, and of no other mail', async () => {
    const tale = closedMx().copy('inbound', 12_000);
    expect(tale.check('queued-during-outage')).toMatchObject({
      verdict: 'pass',
      figures: { acceptedInOutage: 1, queued: 1 },
    });
    expect(tale.check('delivered-after-recovery')).toMatchObject({
      verdict: 'pass',
      figures: { due: 1, inTime: 1, slowestMs: 2_000 },
    });
    expect((await tale.judged()).mail).toMatchObject({ acceptedInOutage: 1, queuedInOutage: 1 });
  });

  it('is felt without any volume being broken, and leaves no volume to compare with', () => {
    const tale = closedMx();
    expect(tale.check('fault-felt')).toMatchObject({ figures: { injected: 1, felt: 1 } });
    expect(tale.check('fault-felt').reason ?? '').not.toContain('no mailbox lies');
    expect(tale.check('blast-radius')).toMatchObject({
      verdict: 'skipped',
      reason: 'the fault was on the link to the MX, which no volume is spared',
    });
  });

  it("is held against its senders' lifetimes, not against the stack's", () => {
    const short = advanced(closedMx(), 24 * HOUR).copy('inbound', 12_000);
    expect(short.check('lifetime-margin')).toMatchObject({ verdict: 'pass' });
    const long = advanced(closedMx(), 72 * HOUR).copy('inbound', 12_000);
    expect(long.check('lifetime-margin').findings.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^outside-mta-1 keeps mail for 2 d; mx was down/),
      expect.stringMatching(/^outside-mta-1 keeps bounces for 2 d; mx was down/),
    ]);
  });

  it("leaves the stack's own lifetimes to the outages of volumes", () => {
    const tale = new Tale()
      .add(1, {
        type: 'mta.configured',
        service: 'outside-mta-1',
        mailMs: HOUR,
        bouncesMs: HOUR,
        warningMs: 0,
        outside: true,
      })
      .fault({ injected: 10, felt: 20, healed: 10_000 });
    expect(advanced(tale, 24 * HOUR).check('lifetime-margin')).toMatchObject({
      verdict: 'skipped',
      reason: 'no queue whose lifetime is known had to keep mail',
    });
  });

  it('is named where mail is refused meanwhile', () => {
    const tale = closedMx().attempt('inbound', 600, 'rejected');
    expect(tale.check('no-reject').findings[0]?.summary).toContain('while mx was broken');
  });
});
