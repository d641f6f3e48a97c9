import { Command, Option } from '@commander-js/extra-typings';
import { REPORT_DIR } from '../drill/rerun.js';
import { durationOption, listenOption, wholeNumber } from './options.js';

const EXAMPLES = `
Examples:
  nobounce gameday
  nobounce gameday vendor-os-bug --stack postfix-dovecot
  nobounce gameday --driver embedded --listen 127.0.0.1:0
  nobounce gameday ctl inject vendor-os-bug gold errno=EIO operations=write,fsync --longest 5m
  nobounce gameday ctl abort

Without a scenario mail flows, and nothing happens until somebody does it. With one, its timeline
begins at the word of go. Ctrl-C once heals everything and goes on; twice kills.

Exit codes: as of \`nobounce run\`.`;

const CTL_EXAMPLES = `
Examples:
  nobounce gameday ctl go --reason "the disk check is known to be red"
  nobounce gameday ctl inject latency gold latency=2s --longest 10m
  nobounce gameday ctl heal gold
  nobounce gameday ctl note "pager rang after 40 s #surprise"
  nobounce gameday ctl more 5m
  nobounce gameday ctl end

Exit codes: 0 done, 1 refused, 3 no day is going on, 4 it does not answer.`;

const ctl = new Command('ctl')
  .description('does from another shell what the page does')
  .argument('<act>', 'go, no-go, inject, heal, abort, note, next, more, end, take-controls')
  .argument('[words...]', 'what the act needs')
  .option('--reason <text>', 'why, for go, no-go and abort')
  .option('--fault <name>', 'of `heal`: this fault alone')
  .option('--longest <duration>', 'of `inject`: it heals itself after that', durationOption)
  .option('--by <name>', 'who does it', 'ctl')
  .addHelpText('after', CTL_EXAMPLES)
  .action(async (act, words, options) => {
    const { control } = await import('./gameday-ctl.js');
    await control(act, words, options);
  });

export const gamedayCommand = new Command('gameday')
  .description('break storage together: a live page, a hand on abort, and a record that can be replayed')
  .argument('[scenario]', 'name or path of a scenario whose timeline is taken; without: a free day')
  .option('--stack <stack>', "the stack to test instead of the scenario's own")
  .addOption(
    new Option('--driver <driver>', 'as of `nobounce run`').choices(['docker', 'embedded', 'auto'] as const),
  )
  .option('--seed <number>', 'the same seed sends the same mail', wholeNumber)
  .option('--report-dir <dir>', "where the run's folder is made", REPORT_DIR)
  .option('--toxiproxy <image>', 'a Toxiproxy image, or `builtin`')
  .option('--listen <address>', 'where the page is served', listenOption, { host: '127.0.0.1', port: 8025 })
  .option('--tls-cert <file>', 'needed where others than this machine can reach the page')
  .option('--tls-key <file>', 'the key of that certificate')
  .option('--longest <duration>', 'after which a fault heals by itself', durationOption, 15 * 60_000)
  .option('--linger <duration>', 'how long the page is served after the end', durationOption, 0)
  .addHelpText('after', EXAMPLES)
  .action(async (scenario, options) => {
    const { gameday } = await import('./hold-gameday.js');
    await gameday(scenario, options);
  })
  .addCommand(ctl);
