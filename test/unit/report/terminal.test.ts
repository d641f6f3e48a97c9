import { beforeAll, describe, expect, it } from 'vitest';
import { readSavedRun } from '../../../src/report/saved-run.js';
import type { RunReport } from '../../../src/report/reporter.js';
import { lookOf, wantsColour } from '../../../src/report/terminal-look.js';
import { Terminal, type TerminalOptions } from '../../../src/report/terminal.js';
import type { HistoryEvent, NewEvent } from '../../../src/history/event.js';
import { at, goodHistory } from '../../support/good-history.js';
import { brokenHistory, lossyHistory, savedRun } from '../../support/saved-run.js';

const PLAIN: TerminalOptions = { colour: false, links: false };
const TIMES = /\s[\d.]+ (?:ms|s)\s/;

/** What is written while `act` is told of a run. */
function shown(
  act: (terminal: Terminal) => void,
  options: TerminalOptions = PLAIN,
  columns = 80,
  isTTY = false,
): readonly string[] {
  let output = '';
  const out = { write: (text: string) => (output += text), isTTY, columns };
  act(new Terminal(out, options));
  return output.replaceAll('\r\u001b[2K', '').trimEnd().split('\n');
}

const ended = (report: RunReport, options?: TerminalOptions, columns?: number): readonly string[] =>
  shown(
    (terminal) => {
      terminal.ended(report);
    },
    options,
    columns,
  );

let good: RunReport;
let lossy: RunReport;
let broken: RunReport;
let mountLost: RunReport;
beforeAll(async () => {
  good = await savedRun(goodHistory());
  lossy = await savedRun(lossyHistory());
  broken = await savedRun(brokenHistory());
  mountLost = await readSavedRun('reports/sample/mount-lost');
});

describe('the end of a run in a terminal', () => {
  it('is the verdict, the sentence, the broken promises, what mends them, and the report', () => {
    const lines = ended(mountLost, { ...PLAIN, hasPages: true });
    const end = lines.slice(lines.findIndex((line) => line.startsWith('  FAIL  mount-lost')));
    expect(end.join(' ').replace(/ +/g, ' ')).toContain('of 199 messages, 57 were lost.');
    expect(end).toContain('  199 accepted: 142 delivered, 0 bounced, 57 lost');
    expect(end.find((line) => line.startsWith('  broken'))).toContain('no-loss');
    expect(end.find((line) => line.startsWith('  mend'))).toContain('0555');
    expect(lines.at(-1)).toBe('  report    reports/sample/mount-lost/report.html');
    expect(ended(mountLost).at(-1)).toBe('  report    reports/sample/mount-lost');
  });

  it('folds what was kept, and unfolds it where that is asked for', () => {
    const passes = (lines: readonly string[]) => lines.filter((line) => line.startsWith('  pass'));
    expect(passes(ended(good))).toHaveLength(1);
    expect(passes(ended(good))[0]).toContain('promises kept');
    const kept = good.judgement.checks.filter(({ verdict }) => verdict === 'pass');
    expect(passes(ended(good, { ...PLAIN, verbose: true }))).toHaveLength(kept.length);
  });

  it('tells 57 lost messages once, and that another check names the same', () => {
    const lines = ended(mountLost).join('\n').replace(/\n +/g, ' ');
    expect(lines.match(/57 messages to gold/g)).toHaveLength(2);
    expect(lines.match(/the same messages as no-loss/g)).toHaveLength(1);
    expect(ended(mountLost).length).toBeLessThan(60);
  });

  it('says of a run that proves nothing the one reason first', async () => {
    const cut = await savedRun(goodHistory().slice(0, 600));
    expect(cut.judgement.verdict).toBe('inconclusive');
    const lines = ended(cut).filter((line) => line !== '');
    expect(lines[0]).toMatch(/^ {2}unsure sound-history +\S/);
    expect(lines.filter((line) => line.startsWith('  unsure'))).toHaveLength(2);
    expect(lines[0]).toMatch(/cut off|more doubts?\)/);
    expect(lines.join(' ')).toContain('proves nothing');
    const whole = ended(cut, { ...PLAIN, verbose: true })
      .join(' ')
      .replace(/ +/g, ' ');
    const reason = cut.judgement.checks.find(({ name }) => name === 'sound-history')?.reason ?? '';
    expect(whole).toContain(reason);
    const never = ended(broken).filter((line) => line !== '');
    expect(never[0]).toMatch(/^ {2}INCONCLUSIVE/);
    expect(never.join(' ')).toContain('an image will not build');
  });

  it.each([40, 60, 80, 120])('cuts no line of %d columns', (columns) => {
    const long = { ...lossy, rerun: `npx nobounce run ${'a-long-folder/'.repeat(12)}scenario.yaml --seed 7` };
    const lines = ended(long, { ...PLAIN, verbose: true }, columns);
    expect(lines.join('\n')).not.toContain('…');
    expect(lines).toContain(`  again     ${long.rerun}`);
    expect(lines.some((line) => line.endsWith(long.dir))).toBe(true);
  });

  it('links the report only where the terminal can', () => {
    const env = { TERM_PROGRAM: 'WezTerm', TERM: 'xterm-256color' };
    const linked = ended(mountLost, lookOf(true, env)).at(-1) ?? '';
    expect(linked).toMatch(
      /\u001b\]8;;file:\/\/\S+\/reports\/sample\/mount-lost\u0007reports\/sample\/mount-lost\u001b\]8;;\u0007$/,
    );
    for (const look of [
      lookOf(false, env),
      lookOf(true, { ...env, TMUX: '1' }),
      lookOf(true, { ...env, CI: 'true' }),
      lookOf(true, { TERM: 'linux' }),
    ])
      expect(ended(mountLost, look).join('\n')).not.toContain('\u001b]8');
  });

  it('of several runs is a table of them and the path of their index', () => {
    const options = { ...PLAIN, index: 'reports/index.html' };
    const lines = shown((terminal) => {
      terminal.finished([good, mountLost, broken]);
    }, options);
    expect(lines.find((line) => line.includes('mount-lost'))).toMatch(
      /^ {2}FAIL +mount-lost +postfix-dovecot \(docker\) +199 +142 +0 +57 +no-loss, /,
    );
    expect(lines.find((line) => line.startsWith('  INCONCLUSIVE'))).toContain('sound-history');
    expect(lines.slice(-2)).toEqual(['  1 of 3 runs pass', '  index     reports/index.html']);
    const one = shown((terminal) => {
      terminal.finished([good]);
    }, options);
    expect(one).toEqual(['']);
  });
});

/** Tells a terminal of a run that has begun. */
function course(events: readonly HistoryEvent[]): readonly string[] {
  return shown((terminal) => {
    terminal.started(good);
    for (const event of events) terminal.event(event);
    terminal.ended(good);
  });
}

const ref = (volume: string) => ({ fault: `f@${volume}`, name: 'vendor-os-bug', volume });
const moved = (t: number, event: NewEvent, aheadMs: number): HistoryEvent => {
  const plain = at(t, event);
  return { ...plain, sim: plain.sim + aheadMs };
};
const HOUR_MS = 3_600_000;

describe('the course of a run in a terminal', () => {
  it('tells of an advance the simulated day and every fault', () => {
    const lines = course([
      at(1, { type: 'fault.injected', ...ref('gold') }),
      at(2, { type: 'fault.injected', ...ref('silver') }),
      at(3, { type: 'phase.started', phase: 'advance', step: 1 }),
      moved(4, { type: 'phase.ended', phase: 'advance', step: 1 }, 60 * HOUR_MS),
    ]);
    const advance = lines.find((line) => line.includes('✓ advance')) ?? '';
    expect(advance.replace(TIMES, ' ')).toContain('day 3 (2 d 12 h) · vendor-os-bug on gold, silver');
  });

  it('gives no check mark to what failed, was refused, was interrupted, or was never felt', () => {
    const marks = (events: readonly HistoryEvent[]) =>
      course(events).filter((line) => /^ {2}[✓✗] (?!stack)/.test(line));
    const phase = (name: 'inject' | 'hold' | 'heal', inside: readonly HistoryEvent[]): HistoryEvent[] => [
      at(10, { type: 'phase.started', phase: name, step: 1 }),
      ...inside,
      at(90, { type: 'phase.ended', phase: name, step: 1 }),
    ];
    const injected = [
      at(20, { type: 'fault.injecting', ...ref('gold'), parameters: {} }),
      at(21, { type: 'fault.injected', ...ref('gold') }),
    ] as const;
    const ready = at(1, { type: 'stack.ready', tookMs: 1, toxiproxy: 'built-in', services: [] });
    expect(marks([ready, ...phase('hold', [])])[0]).toMatch(/^ {2}✓ hold/);
    expect(
      marks([
        ready,
        ...phase('inject', [...injected, at(22, { type: 'fault.felt', ...ref('gold'), evidence: 'EIO' })]),
      ])[0],
    ).toMatch(/^ {2}✓ inject .*felt by EIO/);
    expect(marks([ready, ...phase('inject', injected)])[0]).toMatch(/^ {2}✗ inject .*not felt/);
    expect(marks([ready, ...phase('heal', [at(20, { type: 'fault.healing', ...ref('gold') })])])[0]).toMatch(
      /^ {2}✗ heal .*not seen to be gone/,
    );
    const failure = at(20, { type: 'harness.failed', what: 'a sender', error: 'gone' });
    expect(marks([ready, ...phase('hold', [failure])])[0]).toMatch(/^ {2}✗ hold .*failed/);
    expect(marks([ready, ...phase('hold', []).slice(0, 1)])[0]).toMatch(/^ {2}✗ hold .*ended here/);
    const refused = at(5, { type: 'act.refused', act: {}, by: 'cli', reasons: ['no such volume'] });
    expect(marks([ready, refused])[0]).toMatch(/^ {2}✗ refused .*no such volume/);
  });

  it('cuts the live line, and only that, to the width', async () => {
    let output = '';
    const out = { write: (text: string) => (output += text), isTTY: true, columns: 40 };
    const terminal = new Terminal(out, PLAIN);
    terminal.started(good);
    terminal.progress('building an image whose name is much longer than this terminal is wide');
    await expect.poll(() => output).toContain('…');
    terminal.ended(good);
    const live = output.split('\n').flatMap((line) => line.split('\r\u001b[2K').slice(1, -1));
    expect(live.length).toBeGreaterThan(0);
    for (const line of live) expect(line.length).toBeLessThan(40);
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ] as const)('are wanted: on a terminal %s, with %o: %s', (isTTY, env, wanted) => {
    expect(wantsColour(isTTY, env)).toBe(wanted);
  });
});
