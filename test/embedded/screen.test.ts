import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const SIZES = [
  [80, 24],
  [120, 40],
] as const;
const ENDED = 'the command has ended';

const SCENARIO = `name: shown
title: A short run that somebody looks at
stack: embedded
baseline: true
domains:
  - { name: libero.test, mailboxes: 2, volumes: [gold] }
traffic:
  inbound: { rate: 5/s, size: 1 KiB..2 KiB }
timeline:
  - steady: 3s
  - settle: 20s
`;

/** A person's screen. */
interface Screen {
  /** What is on it; of what was scrolled away nothing. */
  readonly shown: () => Promise<string>;
  /** All that was printed, in lines as they were written. */
  readonly printed: () => Promise<string>;
  readonly interrupt: () => Promise<unknown>;
}

/** Runs a nobounce command on a screen of so many columns and lines. */
async function onScreen(
  [columns, rows]: readonly [number, number],
  args: readonly string[],
  look: (screen: Screen, home: string) => Promise<void>,
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'nobounce-screen-'));
  const tmux = (...words: readonly string[]) => run('tmux', ['-S', join(home, 'tmux'), ...words]);
  const capture = async (...words: readonly string[]): Promise<string> =>
    (await tmux('capture-pane', '-p', '-t', 'screen', ...words)).stdout.trimEnd();
  try {
    await writeFile(join(home, 'shown.yaml'), SCENARIO);
    const words = args.map((word) => word.replace('HOME', home)).join(' ');
    const command = `trap : INT; node dist/cli/main.js ${words}; echo ${ENDED}; sleep 600`;
    const size = ['-x', String(columns), '-y', String(rows)];
    await tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-s', 'screen', command);
    await look(
      {
        shown: () => capture('-J'),
        printed: () => capture('-J', '-S', '-'),
        interrupt: () => tmux('send-keys', '-t', 'screen', 'C-c'),
      },
      home,
    );
  } finally {
    await tmux('kill-server').catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}

const until = async (screen: Screen, text: string | RegExp): Promise<void> => {
  await expect.poll(screen.printed, { timeout: 120_000, interval: 300 }).toMatch(text);
};

/** The lines that somebody copies, whole. */
const copied = (printed: string): readonly string[] =>
  printed.split('\n').filter((line) => /^ {2}(?:again|report|index) {2}/.test(line));

describe.skipIf(!hasTmux).each(SIZES)('a screen of %d columns and %d lines', (columns, rows) => {
  const size = [columns, rows] as const;

  it('shows at the end of a run that fails why it does, what mends it and where the report is', async () => {
    await onScreen(size, ['check', 'reports/sample/mount-lost'], async (screen) => {
      await until(screen, ENDED);
      const shown = await screen.shown();
      for (const part of ['FAIL  mount-lost', '57 were lost', 'broken ', 'mend '])
        expect(shown.replace(/\s*\n\s*/g, ' ')).toContain(part);
      expect(shown).toContain('  report    reports/sample/mount-lost/report.html');
      expect(await screen.printed()).not.toContain('…');
    });
  });

  it('shows several runs as a table with the path of their index, and cuts nothing that is copied', async () => {
    const args = ['run', 'HOME/shown.yaml', '--repeat', '3', '--seed', '1', '--report-dir', 'HOME/reports'];
    await onScreen(size, args, async (screen, home) => {
      await until(screen, ENDED);
      const shown = await screen.shown();
      expect(shown.match(/^ {2}PASS +shown +embedded \(embedded\) +\d/gm)).toHaveLength(3);
      expect(shown).toContain('3 of 3 runs pass');
      const lines = copied(await screen.printed());
      expect(lines.filter((line) => line.startsWith('  again'))).toHaveLength(3);
      for (const line of lines.filter((one) => one.startsWith('  again')))
        expect(line).toMatch(/shown\.yaml --seed 1 --report-dir \S+reports$/);
      for (const line of lines.filter((one) => one.startsWith('  report')))
        expect(line).toMatch(/\/report\.html$/);
      expect(lines.at(-1)).toContain(join(home, 'reports', 'index.html'));
    });
  });
});

describe.skipIf(!hasTmux)('Ctrl-C', () => {
  it('leaves a screen that says that the run was interrupted, without a check mark for its phase', async () => {
    const args = ['run', 'HOME/shown.yaml', '--seed', '1', '--report-dir', 'HOME/reports'];
    await onScreen([80, 24], args, async (screen) => {
      await until(screen, /steady +[\d.]+\/3 s/);
      await screen.interrupt();
      await until(screen, ENDED);
      const shown = await screen.shown();
      expect(shown).toMatch(/✗ steady .*ended here/);
      expect(shown).not.toMatch(/✓ steady/);
      expect(shown).toContain('INCONCLUSIVE  shown');
      expect(shown).toContain('was interrupted');
      expect(copied(await screen.printed()).at(-1)).toMatch(/^ {2}report {4}\S+report\.html$/);
    });
  });
});
