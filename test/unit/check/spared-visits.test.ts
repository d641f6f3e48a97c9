import { describe, expect, it } from 'vitest';
import { SILVER, Tale } from '../../support/tale.js';

const BAD = [{ step: 'select', outcome: 'no', code: 'SERVERBUG', text: '', ms: 1 }] as const;
const silver = { mailbox: SILVER, volume: 'silver' };
const taking = (ms: number) => [{ step: 'login', outcome: 'ok', code: null, text: '', ms }] as const;

interface Told {
  readonly checks?: object;
  readonly heartbeats?: boolean;
}

/** Enough mail on the healthy volume, and no visit of readers. */
function unvisited({ checks = {}, heartbeats = true }: Told = {}): Tale {
  const limits = { samples: 2, visits: 2, factor: 2, slack: '1s', ...checks };
  const tale = new Tale({ checks: { 'blast-radius': limits }, heartbeats }).fault({
    injected: 10_000,
    felt: 11_000,
    healed: 20_000,
    gone: 21_000,
  });
  for (const t of [1_000, 2_000, 15_000, 15_001]) {
    const id = `m${String(t)}`;
    const in_ = { to: SILVER } as const;
    tale.accepted(id, t, in_).copy(id, t + 100, { mailbox: SILVER });
  }
  return tale;
}

const visited = (tale: Tale, times: readonly number[], steps?: readonly object[]): Tale => {
  for (const t of times) tale.visit(t, steps === undefined ? silver : { ...silver, steps: bad(steps) });
  return tale;
};
const bad = (steps: readonly object[]) => (steps.length === 0 ? [] : [...BAD]);
const slow = (tale: Tale, times: readonly number[], ms: number): Tale => {
  for (const t of times) tale.visit(t, { ...silver, steps: [...taking(ms)] });
  return tale;
};
function said(tale: Tale): string {
  const { verdict, reason, findings } = tale.check('blast-radius');
  return [verdict, ...findings.map(({ summary }) => summary), ...(reason === null ? [] : [reason])].join(
    '; ',
  );
}

describe('visits to healthy volumes', () => {
  it('must be enough, in steady state and in the outage', () => {
    const told = (before: number[], during: number[]) => said(visited(visited(unvisited(), before), during));
    expect(told([1, 2], [15_000, 15_001])).toBe('pass');
    expect(told([1], [15_000, 15_001])).toBe(
      'inconclusive; too few visits of readers to silver: 1 in steady state, 2 in the outage, 2 needed',
    );
    expect(told([1, 2], [15_000, 25_000])).toMatch(/1 in the outage, 2 needed$/);
    expect(told([], [])).toMatch(/0 in steady state, 0 in the outage/);
  });

  it('must go as well as in steady state', () => {
    const fell = "fail; readers' good visits to silver fell from 100.0 % to 33.3 %";
    const base = () => visited(visited(unvisited({ checks: { success: 0.5 } }), [1, 2]), [15_000]);
    expect(said(visited(base(), [15_001], BAD))).toBe('pass');
    const third = visited(visited(base(), [15_001], BAD), [15_002], BAD);
    expect(said(third)).toBe(fell);
    expect(third.check('blast-radius').findings[0]?.evidence).toEqual(['1 of 3 in the outage']);
    expect(third.check('blast-radius').findings[0]?.atMs).toBe(10_000);
    expect(third.check('blast-radius').figures).toMatchObject({
      visitsSteady: 2,
      visitsOutage: 3,
      visitsSteadyShare: 1,
      visitsOutageShare: 1 / 3,
    });
  });

  it('that fail are a doubt where there are fewer than a finding needs', () => {
    const few = visited(visited(unvisited({ checks: { samples: 3 } }), [1, 2]), [15_000, 15_001], BAD);
    for (const t of [3_000, 15_002]) {
      few.accepted(`n${String(t)}`, t, { to: SILVER }).copy(`n${String(t)}`, t + 100, { mailbox: SILVER });
    }
    expect(said(few)).toBe("inconclusive; readers' good visits to silver fell from 100.0 % to 0.0 %");
  });

  it('must have gone well in steady state', () => {
    const base = visited(visited(visited(unvisited(), [1]), [2], BAD), [15_000]);
    const ill = visited(base, [15_001], BAD);
    expect(said(ill)).toBe(
      'inconclusive; readers could not look at silver in steady state: 1 of 2 visits went well',
    );
  });

  it('must take no longer than factor × steady + slack', () => {
    const told = (ms: number) =>
      said(slow(slow(unvisited(), [1_000, 2_000], 300), [15_000, 15_001, 15_002], ms));
    expect(told(1_600)).toBe('pass');
    expect(told(1_601)).toBe(
      "fail; p50 time of readers' good visits to silver grew from 300 ms to 1.6 s; p99 time of readers' good visits to silver grew from 300 ms to 1.6 s",
    );
    const one = slow(slow(slow(unvisited(), [1_000, 2_000], 300), [15_000, 15_001], 300), [18_000], 1_700);
    expect(said(one)).toBe("fail; p99 time of readers' good visits to silver grew from 300 ms to 1.7 s");
    expect(one.check('blast-radius').figures).toMatchObject({
      visitsP50SteadyMs: 300,
      visitsP50OutageMs: 300,
      visitsP99SteadyMs: 300,
      visitsP99OutageMs: 1_700,
    });
  });

  it('are not those to the broken volume, nor those behind the heal', () => {
    const base = () => visited(unvisited(), [1, 2, 15_000, 15_001]);
    expect(
      said(
        base()
          .visit(15_000, { steps: [...BAD] })
          .visit(15_000, { steps: [...BAD] }),
      ),
    ).toBe('pass');
    expect(said(visited(base(), [25_000, 25_001], BAD))).toBe('pass');
  });

  it('are judged together and each by itself', () => {
    const bronze = { mailbox: 'c@libero.test', volume: 'bronze' };
    const two = () =>
      visited(unvisited({ checks: { success: 0.1 } }), [1, 2, 15_000, 15_001]).listed(
        1,
        'before',
        [],
        bronze,
      );
    expect(said(two())).toBe('inconclusive; no reader visited bronze both in steady state and in the outage');
    expect(said(two().visit(3, bronze))).toBe(
      'inconclusive; no reader visited bronze both in steady state and in the outage',
    );
    expect(said(two().visit(3, bronze).visit(15_000, bronze))).toBe('pass');
    const unread = two()
      .visit(3, bronze)
      .visit(15_000, { ...bronze, steps: [...BAD] });
    expect(said(unread)).toBe('inconclusive; none of 1 visit of readers to bronze was good in the outage');
    expect(said(unread.visit(15_003, { ...bronze, steps: [...BAD] }))).toBe(
      'fail; none of 2 visits of readers to bronze was good in the outage',
    );
  });
});

describe('visits in runs of 0.1', () => {
  const old = (golds: readonly number[]): string => {
    const tale = unvisited({ heartbeats: false });
    for (const t of golds) tale.visit(t);
    return said(visited(tale, [15_000]));
  };

  it('to mailboxes before the first one on a healthy volume stand for it, where it was next', () => {
    expect(old([8_600, 9_600])).not.toMatch(/too few/);
    expect(old([8_600])).toMatch(/too few visits of readers to silver: 0 in steady state/);
    expect(old([])).toMatch(/too few/);
  });

  it('may be a single one on either side', () => {
    const tale = visited(unvisited({ heartbeats: false }), [1, 15_000]);
    expect(said(tale)).not.toMatch(/too few/);
  });
});
