import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScenario, scenarioWarnings } from '../../../src/scenario/load.js';
import { formatProblem } from '../../../src/scenario/problem.js';

const good = readFileSync('scenarios/vendor-os-bug.yaml', 'utf8');

function warnings(source: string, messageBytes: number | null = null): readonly string[] {
  return scenarioWarnings(parseScenario(source, 'x.yaml'), { messageBytes }).map(formatProblem);
}

function changed(
  changes: readonly (readonly [string, string])[],
  messageBytes: number | null = null,
): readonly string[] {
  return warnings(
    changes.reduce((source, [from, to]) => {
      if (!source.includes(from)) throw new Error(`the scenario has no ${from}`);
      return source.replace(from, to);
    }, good),
    messageBytes,
  );
}

describe('what comes with nobounce', () => {
  it.each(readdirSync('scenarios'))('%s gives no warning', (file) => {
    expect(warnings(readFileSync(`scenarios/${file}`, 'utf8'), 20_971_520)).toEqual([]);
  });
});

describe('a warning', () => {
  it('of too little mail for blast-radius says where, how much there will be, and what would do', () => {
    // 6 messages a second to ten mailboxes, four of them on the volume without a fault: 2.4 a second.
    expect(changed([['steady: 8s', 'steady: 4s']])).toEqual([
      'x.yaml:18:5: blast-radius compares at least 5 messages to the volumes without a fault, and about 4 are sent in steady state (the mailboxes are filled in the first half): make it 4.2 s, or raise the rate',
    ]);
    expect(changed([['hold: 15s', 'hold: 2s']])).toEqual([
      'x.yaml:20:5: blast-radius compares at least 5 messages to the volumes without a fault, and about 4 are sent in the outage: make it 2.1 s, or raise the rate',
    ]);
    const skipped = ['checks:', "checks:\n  blast-radius: { skip: 'this is about something else' }"] as const;
    expect(changed([['steady: 8s', 'steady: 4s'], skipped])).toEqual([]);
    const fewer = ['checks:', 'checks:\n  blast-radius: { samples: 4 }'] as const;
    expect(changed([['steady: 8s', 'steady: 4s'], fewer])).toEqual([]);
  });

  it('of an outage that no message meets', () => {
    const slow = changed([
      ['rate: 5/s', 'rate: 1/m'],
      ['  internal: { rate: 1/s }\n', ''],
    ]);
    expect(slow).toContainEqual(
      expect.stringMatching(
        /the outage is too short for one message to the broken volume: make it 1 min 40 s or longer/,
      ),
    );
    expect(
      changed([
        ['  inbound: { rate: 5/s, size: 2 KiB..64 KiB }\n', ''],
        ['  internal: { rate: 1/s }\n', ''],
      ]),
    ).toEqual([expect.stringContaining('nobody writes to the mailboxes')]);
  });

  it('of no steady state, no hold, and a settle that is shorter than a limit', () => {
    expect(changed([['  - steady: 8s\n', '']])).toEqual([
      expect.stringContaining('there is no steady state before the fault'),
    ]);
    expect(changed([['  - hold: 15s\n', '']])).toEqual([
      expect.stringContaining('healed as soon as it is felt'),
    ]);
    expect(changed([['settle: 180s', 'settle: 20s']])).toEqual([
      'x.yaml:22:5: the run ends 20 s after the heal, and delivered-after-recovery allows 30 s: what is missing then proves nothing',
    ]);
  });

  it('of volumes without mailboxes', () => {
    const told = changed([
      ['mailboxes: 4, volumes: [silver]', 'mailboxes: 1, volumes: [silver, bronze]'],
      ['volume: gold', 'volume: [gold, bronze]'],
    ]);
    expect(told).toContainEqual(
      expect.stringContaining('there are fewer mailboxes than volumes: none lies on bronze'),
    );
    expect(told).toContainEqual(
      expect.stringContaining('no mailbox lies on the volume bronze: a fault there meets no mail'),
    );
  });

  it("of mail that is larger than the stack's MTA takes", () => {
    expect(changed([['2 KiB..64 KiB', '2 KiB..30 MB']], 20_971_520)).toEqual([
      expect.stringMatching(
        /^x\.yaml:13:31: messages may be larger than the 20 MiB that this stack takes: its MTA refuses them \(552\)/,
      ),
    ]);
    expect(changed([['2 KiB..64 KiB', '25 MB']], 20_971_520)).toEqual([
      expect.stringContaining('every message is larger than'),
    ]);
    expect(changed([['2 KiB..64 KiB', '25 MB']])).toEqual([]);
  });
});
