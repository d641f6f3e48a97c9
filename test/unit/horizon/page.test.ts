import { describe, expect, it } from 'vitest';
import type { Horizon } from '../../../src/horizon/horizon.js';
import { renderHorizonPage } from '../../../src/horizon/page.js';
import { horizonText } from '../../../src/horizon/text.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NEVER = { firstWarning: null, firstBounce: null, firstLoss: null };
const BOUNCE = { survivedMs: 5 * DAY_MS, byMs: 5 * DAY_MS + 6 * HOUR_MS };

const horizon: Horizon = {
  stack: 'postfix-dovecot',
  title: 'Postfix <and> Dovecot',
  fault: 'vendor-os-bug',
  stepMs: 6 * HOUR_MS,
  reachedMs: 6 * DAY_MS,
  configured: { service: 'mta', mailMs: 5 * DAY_MS, bouncesMs: 5 * DAY_MS, warningMs: 0 },
  streams: { inbound: { ...NEVER, firstBounce: BOUNCE }, outbound: NEVER, bounces: NEVER },
};

describe('the page of a horizon', () => {
  it('says when the first message bounces, and draws it for each kind of mail', () => {
    const page = renderHorizonPage(horizon, '0.3.0', Date.UTC(2026, 0, 1));
    expect(page).toContain('The first message bounces in an outage of 5\u00a0d to 5\u00a0d 6\u00a0h.');
    expect(page).toContain('Postfix &lt;and&gt; Dovecot');
    expect(page).toContain('2026-01-01 00:00 UTC');
    expect(page.match(/class="c-rejected"/g)).toHaveLength(3);
    expect(page.match(/class="c-deferred"/g)).toHaveLength(9);
    expect(page).toContain('The MTA tells senders of a delay never.');
  });

  it('says so where nothing bounced', () => {
    const page = renderHorizonPage(
      { ...horizon, streams: { ...horizon.streams, inbound: NEVER } },
      '0.3.0',
      0,
    );
    expect(page).toContain('Nothing bounced in an outage of 6\u00a0d.');
    expect(page).not.toContain('class="c-rejected"');
  });

  it('tells the same as the lines of text', () => {
    expect(horizonText(horizon)).toMatch(/inbound +5 d +not by 6 d +5 d \.\. 5 d 6 h +not by 6 d/);
  });
});
