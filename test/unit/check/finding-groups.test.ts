import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Findings } from '../../../src/check/check.js';
import { groupSummary, sameMessagesAs, type FindingKind } from '../../../src/check/finding-groups.js';
import type { Finding } from '../../../src/check/result.js';
import { SILVER, Tale } from '../../support/tale.js';

const FOUND: Finding = { summary: 'one of them', messages: ['m'], atMs: 7, evidence: [] };

const kind: fc.Arbitrary<FindingKind> = fc.record({
  what: fc.stringMatching(/^[a-z]{1,2}$/),
  subject: fc.constantFrom('message', 'mailbox', 'login'),
  place: fc.constantFrom('gold', 'silver', null),
  when: fc.constantFrom('accepted', ''),
  atMs: fc.option(fc.nat(1e6)),
  message: fc.option(fc.stringMatching(/^i\d{1,3}$/)),
});

describe('the groups of a check', () => {
  it('add up to its findings, listed or not, and hold each listed one once', () => {
    const finding = fc.record({ kind: fc.option(kind, { nil: undefined }), unseen: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 200 }), (all) => {
        const findings = new Findings();
        for (const { kind: of, unseen } of all) {
          findings.add(() => FOUND, of);
          if (of !== undefined) findings.addUnseen(unseen, of);
        }
        const { groups, total, kept } = findings;
        expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(total);
        expect(groups.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(
          kept.map((_, index) => index),
        );
        for (const { firstAt, lastAt } of groups) expect((firstAt ?? 0) <= (lastAt ?? 0)).toBe(true);
        expect(groups.length).toBeLessThanOrEqual(25);
      }),
    );
  });

  it('say how many, where, from when to when, and what; one alone says what it says', () => {
    const tale = new Tale();
    for (let n = 0; n < 60; n += 1) tale.accepted(`m${n}`, 11_400 + n * 100).dsn(`m${n}`, 40_000);
    tale.accepted('other', 20_000, { to: SILVER }).dsn('other', 41_000);
    const check = tale.check('no-bounce');
    expect(check.groups.map((group) => groupSummary(group, check))).toEqual([
      '60 messages to gold, accepted 11.4–17.3 s: bounced; the senders got DSNs of failure',
      '1 message to silver, accepted at 20 s: bounced; the senders got DSNs of failure',
    ]);
    const simulated = groupSummary(check.groups[0] ?? expect.fail(), check, () => '2 d 3 h');
    expect(simulated).toContain('accepted 11.4–17.3 s (simulated 2 d 3 h): bounced');
    const one = new Tale().accepted('m', 1).dsn('m', 2).check('no-bounce');
    expect(one.groups.map((group) => groupSummary(group, one))).toEqual([one.findings[0]?.summary]);
    const two = new Tale().accepted('m', 900).dsn('m', 2_000).accepted('n', 70_000).dsn('n', 71_000);
    const spread = two.check('no-bounce');
    expect(groupSummary(spread.groups[0] ?? expect.fail(), spread)).toContain(
      'accepted 900 ms – 1 min 10 s: ',
    );
  });

  it('say that bounces which name no message are more than those that do', () => {
    const tale = new Tale().accepted('m', 1_000).dsn('m', 2_000);
    for (let n = 0; n < 6; n += 1) tale.dsn(null, 3_000 + n);
    const check = tale.check('no-bounce');
    expect(check.observed).toBe('1 bounced of 1 accepted; 6 more bounces name no message');
    expect(check.groups.map((group) => groupSummary(group, check))).toEqual([
      '6 bounces, at 3 s: none says which message it is about',
      check.findings[0]?.summary,
    ]);
  });

  it('are the same in two checks only if they name exactly the same messages', () => {
    const about = (id: string): FindingKind => ({
      what: 'gone',
      subject: 'message',
      place: 'gold',
      when: 'accepted',
      atMs: 1,
      message: id,
    });
    const check = (name: string, ids: readonly string[]) => {
      const findings = new Findings();
      for (const id of ids) findings.add(() => ({ ...FOUND, messages: [id] }), about(id));
      return { name, findings: findings.kept, groups: findings.groups };
    };
    const many = Array.from({ length: 120 }, (_, n) => `i${n}`);
    const first = check('first', many);
    const same = check('same', many.toReversed());
    const fewer = check('fewer', many.slice(1));
    const checks = [first, fewer, same];
    const says = (of: typeof first) => sameMessagesAs(of.groups[0] ?? expect.fail(), of, checks);
    expect([says(first), says(fewer), says(same)]).toEqual([null, null, 'first']);
    // Told as two kinds before, and as one here.
    const two = new Findings();
    for (const [index, id] of many.entries())
      two.add(() => ({ ...FOUND, messages: [id] }), { ...about(id), what: index < 7 ? 'gone' : 'bounced' });
    const parts = { name: 'parts', findings: two.kept, groups: two.groups };
    expect(sameMessagesAs(same.groups[0] ?? expect.fail(), same, [parts, same])).toBe('parts');
    expect(sameMessagesAs(fewer.groups[0] ?? expect.fail(), fewer, [parts, fewer])).toBeNull();
  });
});
