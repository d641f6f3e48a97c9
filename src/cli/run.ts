import { Command, Option } from '@commander-js/extra-typings';
import { REPORT_DIR } from '../drill/rerun.js';
import { REPORTER_NAMES, reporterList } from '../report/registry.js';
import { countOfAtLeastOne, wholeNumber } from './options.js';
import { parseShard } from './selection.js';

const EXAMPLES = `
Examples:
  nobounce run vendor-os-bug
  nobounce run vendor-os-bug --stack postfix-virtual
  nobounce run vendor-os-bug --driver embedded
  nobounce run ./my-outage.yaml --seed 7 --report-dir out
  nobounce run scenarios/*.yaml --tag ci --bail
  nobounce run --tag storage --shard 1/3 --reporter terminal,html,junit,github

Reporters: ${REPORTER_NAMES.join(', ')}, or a module of your own (docs/reports.md).
Default: terminal,html,junit, and github in GitHub Actions.
  results.json is always written. Several runs also give index.html and one junit.xml.

Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 bad usage or scenario, 4 environment,
  5 the harness failed, 130 interrupted. Of several runs the worst counts.`;

export const runCommand = new Command('run')
  .description('run scenarios: start the stack, break its storage, heal it, account for every message')
  .argument('[scenario...]', 'names of scenarios (see `nobounce list`) or paths of scenario files')
  .option(
    '--stack <stack>',
    "the stack to test instead of the scenario's own: a name of stacks/, or a folder",
  )
  .addOption(
    new Option(
      '--driver <driver>',
      'containers; the embedded stack, in processes of this machine; or `auto`: the embedded stack where no engine answers',
    ).choices(['docker', 'embedded', 'auto'] as const),
  )
  .option('--seed <number>', 'the same seed sends the same mail', wholeNumber)
  .option('--report-dir <dir>', "where the run's folder is made", REPORT_DIR)
  .option('--keep', 'leave the containers running (`nobounce clean` removes them)')
  .option(
    '--toxiproxy <image>',
    'a Toxiproxy image, or `builtin` (default: the official image, else built-in)',
  )
  .option('--reporter <names>', 'how to report, separated by commas', reporterList)
  .option('--verbose', 'passes and skipped checks as well')
  .option('--tag <tag>', 'only scenarios with this tag; without a scenario, of all that come with nobounce')
  .option('--bail', 'stop after the first run that does not pass')
  .option('--repeat <times>', 'run each scenario so many times', countOfAtLeastOne, 1)
  .option('--shard <i/n>', 'the i-th of n equal parts of the runs, for parallel jobs', parseShard)
  .addHelpText('after', EXAMPLES)
  .action(async (names, options) => {
    const { runDrills } = await import('./run-drills.js');
    await runDrills(names, options);
  });
