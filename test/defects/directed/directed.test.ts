import { describe, expect, it } from 'vitest';
import { judgeFold } from '../../../src/check/judge.js';
import type { Judgement } from '../../../src/check/judgement.js';
import { Fold } from '../../../src/history/fold.js';
import { ACCOUNT_CHANGES } from './accounts.js';
import { baseOf, NotHere, withHeartbeats, type Base, type History } from './base.js';
import type { Change } from './changes.js';
import { CONTRADICTIONS } from './contradictions.js';
import { FRAME_CHANGES } from './frame.js';
import { ABSENT, KNOWN_OPEN } from './known-open.js';
import { REFUSAL_CHANGES } from './refusals.js';
import { HEARTBEAT_CHANGES, SOURCE_CHANGES } from './sources.js';

const container = await baseOf('container', 'vendor-os-bug-postfix-dovecot.jsonl.gz');
const embedded = await baseOf('embedded', 'vendor-os-bug-embedded.jsonl.gz');
const replay = await baseOf('replay of 2023', 'libero-virgilio-2023.jsonl.gz');
/** One of them is enough to notice that the judge was changed: vitest.mutation.config.ts. */
const ONLY = process.env['NOBOUNCE_DIRECTED_BASE'];
const BASES = [container, embedded, replay].filter(({ name }) => ONLY === undefined || name === ONLY);
const BEATING = BASES.map(withHeartbeats);

const COMMON = [
  ...SOURCE_CHANGES,
  ...ACCOUNT_CHANGES,
  ...REFUSAL_CHANGES,
  ...CONTRADICTIONS,
  ...FRAME_CHANGES,
];

/** Every change on the bases that it is meant for. */
const CASES: readonly { readonly title: string; readonly base: Base; readonly change: Change }[] = [
  ...BASES.flatMap((base) => COMMON.map((change) => ({ base, change }))),
  ...BEATING.flatMap((base) => HEARTBEAT_CHANGES.map((change) => ({ base, change }))),
].map(({ base, change }) => ({ title: `${change.name} (${base.name})`, base, change }));

function judged(history: History): Judgement {
  const fold = new Fold();
  for (const event of history) fold.see(event);
  return judgeFold(fold, []);
}

const said = ({ checks }: Judgement): readonly string[] =>
  checks.flatMap(({ name, verdict }) => (verdict === 'fail' || verdict === 'inconclusive' ? [name] : []));

describe('a good run', () => {
  it.each([...BASES, ...BEATING].map((base) => ({ base, name: base.name })))('passes: $name', ({ base }) => {
    const { checks, verdict } = judged(base.history);
    expect(checks.filter(({ verdict: each }) => each === 'fail' || each === 'inconclusive')).toEqual([]);
    expect(verdict).toBe('pass');
  });
});

const isIn = (list: Readonly<Record<string, readonly string[]>>, { name }: Change, base: Base): boolean =>
  list[name]?.includes(base.name) === true;

/** The changed history; null where the base has nothing to change. */
function changed({ edit }: Change, base: Base): History | null {
  try {
    const history = edit(base, base.history);
    const isSame =
      history.length === base.history.length &&
      history.every((event, index) => event === base.history[index]);
    return isSame ? null : history;
  } catch (error) {
    if (error instanceof NotHere) return null;
    throw error;
  }
}

describe('a good run that was changed does not pass', () => {
  for (const { title, base, change } of CASES) {
    it(title, () => {
      const history = changed(change, base);
      expect(history === null).toBe(isIn(ABSENT, change, base));
      if (history === null) return;
      const judgement = judged(history);
      const by = said(judgement);
      const isCaught =
        judgement.verdict === 'fail' || (judgement.verdict === 'inconclusive' && !change.fails);
      const isNamed = change.checks.length === 0 || change.checks.some((check) => by.includes(check));
      expect({ closed: isCaught && isNamed, by }).toMatchObject({
        closed: !isIn(KNOWN_OPEN, change, base),
      });
    });
  }

  it('has at least 120 of them, each of one name', () => {
    expect(new Set(CASES.map(({ title }) => title)).size).toBe(CASES.length);
    const names = new Set(CASES.map(({ change }) => change.name));
    const listed = [...Object.keys(KNOWN_OPEN), ...Object.keys(ABSENT)];
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
    const left = [...Object.values(KNOWN_OPEN), ...Object.values(ABSENT)].flat().length;
    expect(CASES.length - left).toBeGreaterThanOrEqual(120);
  });
});
