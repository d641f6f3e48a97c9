import { Command } from '@commander-js/extra-typings';
import { NobounceError } from '../errors/errors.js';
import { parseDurationMs } from '../units/duration.js';
import { interruptible } from './interruptible.js';
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
  .option(
    '--toxiproxy <image>',
    'a Toxiproxy image, or `builtin` (default: the official image, else built-in)',
  )
  .addHelpText('after', HELP)
  .action(async ({ stack, fault, step, max, json, toxiproxy }) => {
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
      if (json === true) printJson({ schemaVersion: 1, ...horizon });
      else print(horizonText(horizon));
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new NobounceError('interrupted', 'interrupted before anything was known', { cause: error });
    } finally {
      dispose();
    }
  });
