import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { REPORT_DIR } from '../drill/rerun.js';
import { VERSION } from '../drill/version.js';
import type { Horizon } from '../horizon/horizon.js';
import { safeJson } from '../report/safe-text.js';
import { writeWhole } from '../report/whole-file.js';
import { NobounceError } from '../errors/errors.js';
import { parseDurationMs } from '../units/duration.js';
import { interruptible } from './interruptible.js';
import { requireWritable } from '../drill/writable.js';
import { STACKS_DIR } from '../drill/paths.js';
import { complain, print, printJson } from './output.js';

const HELP = `
Three kinds of mail wait while days pass on the stack's own clocks:
  inbound   to mailboxes on the broken volume
  outbound  from subscribers to a destination that is down as well
  bounces   to subscribers on the broken volume

Examples:
  nobounce horizon --stack postfix-dovecot --fault vendor-os-bug
  nobounce horizon --stack ./my-stack --fault refuse --step 1h --max 3d --json`;

function duration(text: string, option: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= 60_000) return ms;
  throw new NobounceError(
    'usage',
    `${option} ${text}: expected a duration of a minute or more, such as 6h or 10d`,
  );
}

/** Leaves the result as a page and as JSON in a folder of its own; gives the page's path. */
async function writeHorizon(horizon: Horizon, reportDir: string): Promise<string> {
  const { renderHorizonPage } = await import('../horizon/page.js');
  const now = new Date();
  const when = now.toISOString().slice(0, 19).replaceAll(':', '-');
  const dir = join(reportDir, 'horizon', `${horizon.stack}-${horizon.fault}-${when}`);
  await mkdir(dir, { recursive: true });
  const json = safeJson({ schemaVersion: 1, ...horizon });
  await writeWhole(join(dir, 'horizon.json'), `${json}\n`);
  const page = join(dir, 'report.html');
  await writeWhole(page, renderHorizonPage(horizon, VERSION, now.getTime()));
  return page;
}

export const horizonCommand = new Command('horizon')
  .description(
    'how long an outage may last before mail bounces, senders are told, or mail is lost, by experiment',
  )
  .option('--stack <stack>', 'the stack to test: a name of stacks/, or a folder', 'postfix-dovecot')
  .option(
    '--fault <fault>',
    'what breaks the storage: a fault whose parameters have defaults',
    'vendor-os-bug',
  )
  .option('--step <duration>', 'how finely to look', '6h')
  .option('--max <duration>', 'how far to look', '10d')
  .option('--json', 'print the result as JSON')
  .option('--report-dir <dir>', 'where its page and its JSON go, below horizon/', REPORT_DIR)
  .option(
    '--toxiproxy <image>',
    'a Toxiproxy image, or `builtin` (default: the official image, else built-in)',
  )
  .addHelpText('after', HELP)
  .action(async ({ stack, fault, step, max, json, reportDir, toxiproxy }) => {
    requireWritable(reportDir);
    const [stepMs, maxMs] = [duration(step, '--step'), duration(max, '--max')];
    if (stepMs > maxMs) throw new NobounceError('usage', `--step ${step} is longer than --max ${max}`);
    complain(`  ${stack}, broken by ${fault}: looked at every ${step}, for up to ${max}`);
    const { driverFor } = await import('../drill/driver-for.js');
    const { loadStack } = await import('../stack/definition.js');
    const { measureHorizon } = await import('../horizon/horizon.js');
    const { horizonText } = await import('../horizon/text.js');
    const { signal, dispose } = interruptible();
    try {
      const horizon = await measureHorizon({
        driver: await driverFor(loadStack(stack, STACKS_DIR)),
        fault,
        stepMs,
        maxMs,
        seed: 1,
        toxiproxy,
        signal,
        progress: (line) => {
          complain(`  ${line}`);
        },
      });
      complain(`  report    ${await writeHorizon(horizon, reportDir)}`);
      if (json === true) printJson({ schemaVersion: 1, ...horizon });
      else print(horizonText(horizon));
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new NobounceError('interrupted', 'interrupted before anything was known', { cause: error });
    } finally {
      dispose();
    }
  });
