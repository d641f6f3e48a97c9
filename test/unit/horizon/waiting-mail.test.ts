import { describe, expect, it } from 'vitest';
import { Fates } from '../../../src/horizon/waiting-mail.js';
import { postfix } from '../../../src/mta/postfix.js';

/** A log of Postfix 3.10, as it was printed. */
function fatesOf(...lines: readonly string[]): Fates {
  const fates = new Fates();
  for (const line of lines) {
    const entry = postfix.parseLogLine(`Nov 30 11:17:57 mta postfix/${line}`);
    if (entry === null) throw new Error(`not understood: ${line}`);
    fates.see(entry);
  }
  return fates;
}

const DEFERRED =
  'lmtp[7]: AAA: to=<u1@libero.test>, relay=store[10.0.0.2]:24, delay=9, delays=9/0/0/0, dsn=4.2.0, status=deferred (host store[10.0.0.2] said: 451 4.2.0 Internal error)';
const EXPIRED = 'qmgr[8]: AAA: from=<c1@outside.test>, status=expired, returned to sender';
const NOTICE = 'bounce[9]: AAA: sender non-delivery notification: BBB';
const WARNING = 'bounce[9]: AAA: sender delay notification: CCC';
const REMOVED = 'qmgr[8]: AAA: removed';
const nothing = { warned: false, bounced: false, lost: false, delivered: false };

describe('the fates of waiting mail', () => {
  it('knows a message by its Message-ID', () => {
    expect(
      fatesOf('cleanup[6]: AAA: message-id=<run-i000000@nobounce.invalid>').queueIdOf(
        'run-i000000@nobounce.invalid',
      ),
    ).toBe('AAA');
  });

  it('waits while it is only deferred', () => {
    expect(fatesOf(DEFERRED).happened(['AAA'])).toEqual(nothing);
  });

  it('is told of a delay', () => {
    expect(fatesOf(DEFERRED, WARNING).happened(['AAA'])).toEqual({ ...nothing, warned: true });
  });

  it('bounces, and is not lost: its sender has a notice, which is a message of its own', () => {
    const fates = fatesOf(DEFERRED, EXPIRED, NOTICE, REMOVED);
    expect(fates.happened(['AAA'])).toEqual({ ...nothing, bounced: true });
    expect(fates.noticeOf('AAA')).toBe('BBB');
  });

  it('is lost when it expires and nobody is written to', () => {
    expect(fatesOf(DEFERRED, EXPIRED, REMOVED).happened(['AAA'])).toEqual({
      ...nothing,
      bounced: true,
      lost: true,
    });
  });

  it('counts a try only once it is asked anew, and only of what is still listed', () => {
    const fates = fatesOf(DEFERRED);
    fates.list([{ queueId: 'AAA', queue: 'deferred', sender: '', recipients: [] }]);
    expect(fates.areTried(['AAA'])).toBe(true);
    fates.forgetTries();
    expect(fates.areTried(['AAA'])).toBe(false);
    fates.list([]);
    expect(fates.areTried(['AAA'])).toBe(true);
    expect(fates.wereTried(['AAA'])).toBe(false);
  });
});
