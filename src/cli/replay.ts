import { writeFile } from 'node:fs/promises';
import { Command } from '@commander-js/extra-typings';
import { REPORT_DIR } from '../drill/rerun.js';
import { NobounceError } from '../errors/errors.js';
import { shellWord } from '../report/safe-text.js';
import { print } from './output.js';

const EXAMPLES = `
Examples:
  nobounce replay game-day
  nobounce replay reports/game-day/latest --out our-outage.yaml
  nobounce run our-outage.yaml`;

export const replayCommand = new Command('replay')
  .description('write what people did on a game day as a scenario with a fixed timeline')
  .argument('<run>', "a run's folder, or a scenario: its newest run")
  .option('--out <file>', 'where the scenario goes; standard output where it is not said')
  .option('--report-dir <dir>', 'where runs are looked for', REPORT_DIR)
  .addHelpText('after', EXAMPLES)
  .action(async (run, { out, reportDir }) => {
    const [{ findRun }, { historyIn, readHistory }, { replayOf }] = await Promise.all([
      import('../report/find-run.js'),
      import('../history/reader.js'),
      import('../gameday/replay.js'),
    ]);
    const { source } = await replayOf(readHistory(historyIn(findRun(run, reportDir))));
    if (out === undefined) {
      print(source.trimEnd());
      return;
    }
    try {
      await writeFile(out, source);
    } catch (cause) {
      throw new NobounceError('usage', `cannot write ${out}`, { cause });
    }
    print(`${out}: run it with \`nobounce run ${shellWord(out)}\``);
  });
