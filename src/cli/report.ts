import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import type { RunReport } from '../report/reporter.js';
import { Reporters } from '../report/multiplexer.js';
import { STACKS_DIR } from '../drill/paths.js';
import { requireWritable } from '../drill/writable.js';
import { chooseReporters, reporterList } from '../report/registry.js';
import { complain, print } from './output.js';

const EXAMPLES = `
Examples:
  nobounce report reports/vendor-os-bug/latest
  nobounce report reports/stall/latest reports/refuse/latest --report-dir reports
  nobounce report reports/mount-lost/latest --reporter agent`;

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

export const reportCommand = new Command('report')
  .description('write the reports of saved runs again; of several, an index as well')
  .argument('<rundir...>', "runs' folders")
  .option('--reporter <names>', 'how to report, separated by commas', reporterList, ['html', 'junit'])
  .option('--report-dir <dir>', 'where index.html and junit.xml of several runs go', 'reports')
  .addOption(
    new Option('--zero <zero>', 'what the charts of a page count from')
      .choices(['start', 'injection'] as const)
      .default('start' as const),
  )
  .option('--verbose', 'passes and skipped checks as well, in a terminal')
  .addHelpText('after', EXAMPLES)
  .action(async (dirs, { reporter, reportDir, zero, verbose }) => {
    for (const dir of dirs) if (existsSync(dir)) requireWritable(dir);
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
