import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import type { ComparedRun } from '../report/compare.js';
import { writeWhole } from '../report/whole-file.js';
import { complain, printJson } from './output.js';

const EXAMPLES = `
Examples:
  nobounce compare reports/stall/2026-11-20T10-00-00-1abcde reports/stall/latest
  nobounce compare before after --tolerance 50 --html comparison.html

Both runs are judged again from their histories, by the same nobounce.
Exit codes: 0 not worse, 1 worse (a verdict, a check or a figure), 3 bad usage.`;

function percent(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('expected a whole percentage, such as 20.');
  return Number(text) / 100;
}

async function readRun(dir: string): Promise<ComparedRun> {
  complain(`reading ${dir}`);
  const { historyIn } = await import('../history/reader.js');
  const file = historyIn(dir);
  if (!existsSync(file)) {
    throw new NobounceError('usage', `there is no history at ${file}`, {
      advice: "name two runs' folders, such as reports/vendor-os-bug/latest",
    });
  }
  const { judgeFile } = await import('../check/judge.js');
  const { resultsOf } = await import('../check/results.js');
  return { dir, results: resultsOf(await judgeFile(file)) };
}

export const compareCommand = new Command('compare')
  .description('say what changed from one run to another, and whether it got worse')
  .argument('<before>', "the first run's folder")
  .argument('<after>', "the second run's folder")
  .option('--tolerance <percent>', 'by how much times and queues may grow', percent, 0.2)
  .option('--json', 'print the comparison as JSON')
  .option('--html <file>', 'write the comparison as a page, too')
  .addHelpText('after', EXAMPLES)
  .action(async (before, after, { tolerance, json, html }) => {
    const { compareRuns, comparisonText } = await import('../report/compare.js');
    const comparison = compareRuns(await readRun(before), await readRun(after), tolerance);
    if (html !== undefined) {
      const { renderComparePage } = await import('../report/html/compare-page.js');
      await writeWhole(html, renderComparePage(comparison));
    }
    if (json === true) printJson(comparison);
    else process.stdout.write(comparisonText(comparison));
    process.exitCode = comparison.isWorse ? EXIT_CODE.fail : EXIT_CODE.pass;
  });
