import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import type { ComparedRun, Comparison } from '../report/compare.js';
import { writeWhole } from '../report/whole-file.js';
import { complain, printJson } from './output.js';

const EXAMPLES = `
Examples:
  nobounce compare reports/stall/2026-11-20T10-00-00-1abcde reports/stall/latest
  nobounce compare before after --tolerance 50 --html comparison.html

Both runs are judged again from their histories, by the same nobounce.
Exit codes: 0 not worse, 1 worse (a verdict, a check or a figure), 2 not comparable (two scenarios, or a run that did
not come to its end), 3 bad usage.`;

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

/** The page of two runs, with links to theirs. */
async function comparePage(comparison: Comparison, file: string): Promise<string> {
  const { renderComparePage } = await import('../report/html/compare-page.js');
  const { observeCourse } = await import('../report/observation.js');
  const link = (dir: string): string | null => {
    const page = join(dir, 'report.html');
    return existsSync(page) ? relative(dirname(file), page).split(sep).join('/') : null;
  };
  const [before, after] = [comparison.before.dir, comparison.after.dir];
  return renderComparePage({
    comparison,
    links: { before: link(before), after: link(after) },
    courses: { before: await observeCourse(before), after: await observeCourse(after) },
  });
}

export const compareCommand = new Command('compare')
  .description('say what changed from one run to another, and whether it got worse')
  .argument('<before>', "the first run's folder")
  .argument('<after>', "the second run's folder")
  .addOption(
    new Option(
      '--tolerance <percent>',
      'by how many percent times and queues may grow before they count as worse',
    )
      .argParser(percent)
      .default(0.2, '20'),
  )
  .option('--json', 'print the comparison as JSON')
  .option('--html <file>', 'write the comparison as a page, too')
  .addHelpText('after', EXAMPLES)
  .action(async (before, after, { tolerance, json, html }) => {
    const { compareRuns, comparisonText } = await import('../report/compare.js');
    const comparison = compareRuns(await readRun(before), await readRun(after), tolerance);
    if (html !== undefined) {
      await writeWhole(html, await comparePage(comparison, html));
    }
    if (json === true) printJson(comparison);
    else process.stdout.write(comparisonText(comparison));
    const isWorse = comparison.isWorse ? EXIT_CODE.fail : EXIT_CODE.pass;
    process.exitCode = comparison.notComparable === null ? isWorse : EXIT_CODE.inconclusive;
  });
