import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import type { RunReport } from '../report/reporter.js';
import type { TrendRun } from '../report/trend.js';
import { writeWhole } from '../report/whole-file.js';
import { Reporters } from '../report/multiplexer.js';
import { STACKS_DIR } from '../drill/paths.js';
import { requireWritable } from '../drill/writable.js';
import { chooseReporters, reporterList } from '../report/registry.js';
import { complain, print } from './output.js';

const EXAMPLES = `
Examples:
  nobounce report reports/vendor-os-bug/latest
  nobounce report reports/stall/latest reports/refuse/latest --report-dir reports
  nobounce report reports/mount-lost/latest --reporter agent
  nobounce report reports/vendor-os-bug`;

/** The stack's deviations are not in the history; they are told where its definition still is. */
async function withDeviations(report: RunReport): Promise<RunReport> {
  const name = report.judgement.run?.stack.name;
  if (name === undefined) return report;
  const { loadStack } = await import('../stack/definition.js');
  try {
    return { ...report, deviations: loadStack(name, STACKS_DIR).deviations };
  } catch (error) {
    if (error instanceof NobounceError) return report;
    throw error;
  }
}

/** The figures of all runs of a scenario, oldest first: as lines, and as `trend.html` in its folder. */
async function writeTrend(scenarioDir: string, dirs: readonly string[]): Promise<void> {
  const { judgeFile } = await import('../check/judge.js');
  const { resultsOf } = await import('../check/results.js');
  const { historyIn } = await import('../history/reader.js');
  const { trendText } = await import('../report/trend.js');
  const { renderTrendPage } = await import('../report/html/trend-page.js');
  const runs: TrendRun[] = [];
  for (const dir of dirs) {
    complain(`reading ${dir}`);
    runs.push({ id: basename(dir), results: resultsOf(await judgeFile(historyIn(dir))) });
  }
  const scenario = runs[0]?.results.scenario ?? basename(scenarioDir);
  const file = join(scenarioDir, 'trend.html');
  const page = renderTrendPage(scenario, runs, ({ id }) =>
    existsSync(join(scenarioDir, id, 'report.html')) ? `${encodeURIComponent(id)}/report.html` : null,
  );
  await writeWhole(file, page);
  print(trendText(runs));
  print(file);
}

export const reportCommand = new Command('report')
  .description('write the reports of saved runs again; of several, an index as well')
  .argument('<rundir...>', "runs' folders; of a scenario's folder the trend of all its runs is told")
  .option('--reporter <names>', 'how to report, separated by commas', reporterList, [
    'html',
    'debrief',
    'junit',
  ])
  .option('--report-dir <dir>', 'where index.html and junit.xml of several runs go', 'reports')
  .addOption(
    new Option('--zero <zero>', 'what the charts of a page count from')
      .choices(['start', 'injection'] as const)
      .default('start' as const),
  )
  .option('--verbose', 'passes and skipped checks as well, in a terminal')
  .addHelpText('after', EXAMPLES)
  .action(async (asked, { reporter, reportDir, zero, verbose }) => {
    const { runsIn } = await import('../report/find-run.js');
    const scenarios = asked.filter((dir) => runsIn(dir).length > 0);
    for (const dir of asked) if (existsSync(dir)) requireWritable(dir);
    for (const dir of scenarios) await writeTrend(dir, runsIn(dir));
    const dirs = asked.filter((dir) => !scenarios.includes(dir));
    if (dirs.length === 0) return;
    if (dirs.length > 1) requireWritable(reportDir);
    const place = { reportsDir: reportDir, env: process.env, verbose: verbose === true, zero };
    const reporters = new Reporters(await chooseReporters(reporter, place));
    const { readSavedRun } = await import('../report/saved-run.js');
    const reports: RunReport[] = [];
    for (const dir of dirs) {
      complain(`reading ${dir}`);
      const report = await withDeviations(await readSavedRun(dir));
      await reporters.tell((each) => each.ended?.(report));
      if (reporter.includes('html')) print(join(dir, 'report.html'));
      reports.push(report);
    }
    await reporters.tell((each) => each.finished?.(reports));
    if (reports.length > 1 && reporter.includes('html')) print(join(reportDir, 'index.html'));
    if (reporters.haveFailed) process.exitCode = EXIT_CODE.harness;
  });
