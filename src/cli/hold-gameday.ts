import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseDrills, surroundings, type StackWish } from '../drill/choose-stack.js';
import { loadAny } from '../drill/run-drill.js';
import { requireWritable } from '../drill/writable.js';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import type { DayHands } from '../gameday/hold-day.js';
import type { Listen, PageServer } from '../gameday/server.js';
import type { LogLine } from '../gameday/snapshot.js';
import { chooseReporters } from '../report/registry.js';
import { complain, print } from './output.js';

interface Asked extends StackWish {
  readonly seed?: number | undefined;
  readonly reportDir: string;
  readonly toxiproxy?: string | undefined;
  readonly listen: Listen;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly longest: number;
  readonly linger: number;
}

/** A day without a scenario: two volumes, mail in every direction, and nothing that happens by itself. */
const FREE_DAY: Parameters<typeof loadAny>[0] = {
  name: 'game-day',
  title: 'A game day: what is broken is decided as it goes',
  domains: [
    { name: 'libero.test', mailboxes: 6, volumes: ['gold'] },
    { name: 'virgilio.test', mailboxes: 4, volumes: ['silver'] },
  ],
  traffic: {
    inbound: { rate: '5/s', size: '2 KiB..64 KiB' },
    outbound: { rate: '1/s' },
    internal: { rate: '1/s' },
    readers: { every: '500ms' },
  },
  timeline: [{ steady: '30s' }, { settle: '10m' }],
};

async function tlsOf({ tlsCert, tlsKey }: Asked): Promise<Listen['tls']> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new NobounceError('usage', '--tls-cert and --tls-key belong together');
  try {
    return { cert: await readFile(tlsCert, 'utf8'), key: await readFile(tlsKey, 'utf8') };
  } catch (cause) {
    throw new NobounceError('usage', 'the certificate or its key cannot be read', { cause });
  }
}

/** A terminal's own link (OSC 8), where it is one. */
const link = (url: string): string =>
  process.stdout.isTTY ? `\u001b]8;;${url}\u001b\\${url}\u001b]8;;\u001b\\` : url;

function opened({ links }: PageServer): void {
  process.stdout.write(`  operator  ${link(links.operator)}\n  observer  ${link(links.observer)}\n`);
  print('  Ctrl-C heals everything and goes on; `nobounce gameday ctl` acts from another shell');
}

function logged({ wallMs, by, text }: LogLine): void {
  const time = new Date(wallMs).toLocaleTimeString('en-GB');
  print(`${time}  ${by === null ? '' : `${by}: `}${text}`);
}

/** The first Ctrl-C aborts: heals everything, and mail is counted on. The second one kills. Other signals end the run. */
function hearSignals(controller: AbortController, hands: () => DayHands | null): () => void {
  let isAborted = false;
  const onInterrupt = (): void => {
    const there = hands();
    if (isAborted) {
      complain('\nkilled; `nobounce clean` removes what is left');
      process.exit(EXIT_CODE.interrupted);
    }
    isAborted = true;
    if (there === null) {
      controller.abort();
      return;
    }
    complain('\nabort: healing everything (once more to kill)');
    there.act({ do: 'abort' }, { name: 'the terminal', via: 'terminal' }).catch((error: unknown) => {
      complain(String(error));
    });
  };
  const onEnd = (): void => {
    controller.abort();
  };
  process.on('SIGINT', onInterrupt);
  for (const name of ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(name, onEnd);
  return () => {
    process.off('SIGINT', onInterrupt);
    for (const name of ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.off(name, onEnd);
  };
}

/** Holds a game day; the process's exit code is the run's. */
export async function gameday(scenario: string | undefined, asked: Asked): Promise<void> {
  const { stack, driver, listen, longest, linger, ...options } = asked;
  const loaded = loadAny(scenario ?? FREE_DAY);
  requireWritable(join(options.reportDir, loaded.scenario.name));
  const tls = await tlsOf(asked);
  const [drill] = await chooseDrills([loaded], { stack, driver }, surroundings());
  if (drill === undefined) throw new NobounceError('harness', 'no drill was chosen');
  const { holdDay } = await import('../gameday/hold-day.js');
  const place = { reportsDir: options.reportDir, env: process.env };
  const reporters = await chooseReporters(['html', 'debrief', 'junit'], place);
  const controller = new AbortController();
  let hands: DayHands | null = null;
  const dispose = hearSignals(controller, () => hands);
  try {
    const report = await holdDay(
      drill,
      {
        ...options,
        driver,
        listen: { ...listen, tls },
        longestMs: longest,
        lingerMs: linger,
        hasTimeline: scenario !== undefined,
      },
      reporters,
      {
        opened,
        progress: (line) => {
          print(`  ${line}`);
        },
        logged,
      },
      controller.signal,
      (there) => {
        hands = there;
      },
    );
    print(`\n${report.judgement.verdict.toUpperCase()}  report  ${join(report.dir, 'report.html')}`);
    process.exitCode = report.exitCode;
  } finally {
    dispose();
  }
}
