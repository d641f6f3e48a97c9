import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { historyIn } from '../../../src/history/reader.js';
import { judgeFile } from '../../../src/check/judge.js';
import type { Judgement } from '../../../src/check/judgement.js';
import { CAUSES, likelyCauses } from '../../../src/report/causes.js';
import { Tale } from '../../support/tale.js';

let mountLost: Judgement;
beforeAll(async () => {
  mountLost = await judgeFile(historyIn('reports/sample/mount-lost'));
});

/** A stack's versions, as `stack.ready` tells them. */
function of(judgement: Judgement, ...packages: readonly string[]): Judgement {
  const versions = Object.fromEntries(packages.map((name) => [name, '1']));
  return { ...judgement, versions: [{ name: 'mta', image: 'i', versions }] };
}

const OUTAGE = { injected: 5_000, felt: 5_500, healed: 20_000 };

describe('the likely cause of a broken promise', () => {
  it('is a mount point that can be written to where lost mail lies under it', () => {
    const causes = likelyCauses(mountLost);
    expect(causes.map(({ checks }) => checks)).toEqual([['no-loss']]);
    expect(causes[0]?.mend).toContain('0555');
  });

  it('is what the evidence and the software say, and nothing where the table does not know', async () => {
    const bounced = (diagnostic: string, status: string) =>
      new Tale().fault(OUTAGE).accepted('m', 6_000).dsn('m', 7_000, { diagnostic, status }).judged();
    const full = await bounced('smtp; 552 5.2.2 <a@libero.test> Quota exceeded', '5.2.2');
    const own = await bounced('x-unix; input/output error', '5.3.0');
    const other = await bounced('smtp; 550 5.3.0 Input/output error', '5.3.0');
    const mends = (judgement: Judgement) => likelyCauses(judgement).map(({ mend }) => mend);
    expect(mends(of(full, 'dovecot-core', 'postfix'))).toEqual(['quota_full_tempfail = yes (Dovecot)']);
    expect(mends(of(own, 'postfix'))).toEqual([expect.stringContaining('virtual_transport = lmtp')]);
    expect(mends(of(own, 'exim4'))).toEqual([]);
    expect(mends(of(other, 'postfix'))).toEqual([]);
  });

  it('is known by what a log of Postfix says, as well as by a notice', async () => {
    const logged = (enhanced: string, reply: string) =>
      new Tale()
        .fault(OUTAGE)
        .accepted('m', 6_000)
        .logged('m', 7_000, { status: 'bounced', enhanced, reply })
        .judged();
    const mends = (judgement: Judgement) => likelyCauses(judgement).map(({ mend }) => mend);
    const own = await logged('5.3.0', 'maildir delivery failed: error writing message: Input/output error');
    const full = await logged(
      '5.2.2',
      'host store[10.0.0.7] said: 552 5.2.2 <u2@libero.test> Quota exceeded',
    );
    const stack = ['postfix', 'dovecot-core'] as const;
    expect(mends(of(own, ...stack))).toEqual([expect.stringContaining('virtual_transport = lmtp')]);
    expect(mends(of(full, ...stack))).toEqual(['quota_full_tempfail = yes (Dovecot)']);
  });

  it('stands in the docs as it stands in the code', () => {
    const docs = readFileSync('docs/checks.md', 'utf8');
    for (const { checks, cause, mend } of CAUSES) {
      const row = docs.split('\n').find((line) => line.startsWith('|') && line.includes(cause));
      expect(row, cause).toContain(`| ${mend} |`);
      for (const check of checks) expect(row).toContain(`\`${check}\``);
    }
  });
});
