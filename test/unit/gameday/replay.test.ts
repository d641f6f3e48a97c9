import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULT_EXAMPLES } from '../../../src/fault/registry.js';
import { replayOf } from '../../../src/gameday/replay.js';
import type { HistoryEvent } from '../../../src/history/event.js';
import { planScenario } from '../../../src/scenario/plan.js';
import { scenarioSchema } from '../../../src/scenario/scenario.js';
import { goodHistory } from '../../support/good-history.js';
import { LED, ledHistory, type Happening } from '../../support/led-history.js';

const note = (text: string, by = 'scribe'): Happening => ({
  afterMs: 1_000,
  tell: { type: 'note.added', text, by },
});

/** The lines of a scenario's timeline, without its comments. */
const stepsOf = (source: string) =>
  source
    .slice(source.indexOf('\ntimeline:'))
    .split('\n')
    .filter((line) => line.startsWith('  - '))
    .map((line) => line.slice(4));

const DAY: readonly Happening[] = [
  note('we look at gold'),
  { afterMs: 19_200, act: { inject: { fault: 'latency', volume: 'gold', latency: '800ms' } }, tookMs: 2_000 },
  note('pager rang #surprise'),
  { afterMs: 60_000, act: { hold: '10s' }, tookMs: 4_000 },
  { afterMs: 1_300, act: { heal: { volume: 'gold' } }, tookMs: 700 },
  { afterMs: 30_000, act: { heal: 'all' } },
  { afterMs: 100, act: { advance: '12h' } },
  { afterMs: 700, act: { inject: { fault: 'mx-closed' } } },
  { afterMs: 700, act: { heal: 'all' } },
  { afterMs: 100, act: { settle: '10m' }, tookMs: 5_000 },
];

describe('the replay of a day', () => {
  it('has each act when it was done, and what was said as comments', async () => {
    const { source } = await replayOf(ledHistory(DAY));
    expect(stepsOf(source)).toEqual([
      'steady: 20s',
      'inject: { fault: latency, volume: gold, latency: 800ms, jitter: 0ms }',
      'hold: 65s',
      'heal: { volume: gold }',
      'steady: 30s',
      'advance: 12h',
      'steady: 500ms',
      'inject: { fault: mx-closed, answer: refuse }',
      'hold: 500ms',
      'heal: all',
      'settle: 10m',
    ]);
    expect(source).toMatch(/# T\+00:28 scribe: pager rang #surprise\n[\s\S]*- hold: 65s/);
    expect(source).toMatch(/# T\+02:04 ada was refused: heal all: /);
  });

  it('has everything else as it was recorded', async () => {
    const { scenario } = await replayOf(ledHistory(DAY));
    const { name, title } = scenario;
    const other = { name, title, timeline: [] };
    expect({ ...scenario, ...other }).toEqual({ ...scenarioSchema.parse(LED), ...other });
    expect([name, title]).toEqual(['our-day-replay', 'Replay of 2026-09-21: A day that is made up']);
  });

  it('ends what the day left broken', async () => {
    const stopped = ledHistory(DAY.slice(0, 3)).filter(({ type }) => type !== 'run.ended');
    const { source } = await replayOf(stopped);
    expect(stepsOf(source).slice(-2)).toEqual(['heal: all', 'settle: 1m']);
    expect(source).toContain('# the day did not come to its end');
  });

  it('leaves out what was asked for and never injected, and narrows what was injected in part', async () => {
    const all: Happening = { afterMs: 9_000, act: { inject: { fault: 'stall', volume: 'all' } } };
    const isOn = (volume: string) => (event: HistoryEvent) =>
      !('fault' in event && 'volume' in event && event.volume === volume);
    const partly = await replayOf(ledHistory([all]).filter(isOn('silver')));
    expect(stepsOf(partly.source)[1]).toBe('inject: { fault: stall, volume: [ gold, bronze ] }');
    const never = await replayOf(ledHistory([all]).filter(({ type }) => !type.startsWith('fault.')));
    expect(stepsOf(never.source)).toEqual(['steady: 9s', 'settle: 1m']);
    expect(never.source).toContain('it was asked for, and never injected');
  });

  it('keeps what people write from being anything but a comment', async () => {
    const hostile = [
      'x\n  - inject: { fault: stall, volume: gold }',
      'y\u2028- heal: all\u0085z\r- settle: 1s\u0000\u202e',
      '['.repeat(5_000),
      `${'[ '.repeat(200)}${' - '.repeat(300)}`,
      `${'long '.repeat(400)}- - - - - -`,
      '#: {"a": &a *a !!js/function',
    ];
    const { source } = await replayOf(ledHistory([...hostile.map((text) => note(text, text)), ...DAY]));
    expect(stepsOf(source)).toEqual(stepsOf((await replayOf(ledHistory(DAY))).source.replace('20s', '26s')));
  });

  it('is refused for a run that nobody led, and for a history without a beginning', async () => {
    await expect(replayOf(goodHistory())).rejects.toThrow(/nobody led the run/);
    await expect(replayOf(goodHistory().slice(1))).rejects.toThrow(/no beginning/);
    const odd = ledHistory(DAY).map((event) =>
      event.type === 'run.started' ? { ...event, scenario: 'none' } : event,
    );
    await expect(replayOf(odd)).rejects.toThrow(/cannot be read/);
  });

  it('plans the faults of its history, in their order, whatever was done', async () => {
    const act = fc.oneof(
      fc
        .tuple(
          fc.constantFrom(...FAULT_EXAMPLES),
          fc.constantFrom<unknown>('gold', 'silver', 'bronze', 'all', ['silver', 'gold']),
        )
        .map(([fault, volume]) => ({ inject: 'volume' in fault ? { ...fault, volume } : fault })),
      fc.constantFrom<Record<string, unknown>>(
        { heal: 'all' },
        { heal: { volume: 'gold' } },
        { hold: '3s' },
        { steady: '2s' },
        { advance: '1h' },
      ),
    );
    const happening = fc.record({ afterMs: fc.nat(700_000), act, tookMs: fc.nat(20_000) });
    const ended = [
      [],
      [
        { afterMs: 10, act: { heal: 'all' } },
        { afterMs: 10, act: { settle: '1m' } },
      ],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            happening,
            fc.string({ unit: 'binary' }).map((text) => note(text, text)),
          ),
        ),
        fc.constantFrom(...ended),
        async (happenings, end) => {
          const history = ledHistory([...happenings, ...end]);
          const { scenario } = await replayOf(history);
          const planning = planScenario(scenario);
          const planned = planning.ok ? planning.plan.steps : [];
          const faults = planned.flatMap((step) => (step.kind === 'inject' ? step.faults : []));
          const injected = history.flatMap((event) => (event.type === 'fault.injecting' ? [event] : []));
          expect(faults.map(({ key, fault }) => [key, fault])).toEqual(
            injected.map(({ fault, parameters }) => [fault, parameters]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
