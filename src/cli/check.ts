import { Command } from '@commander-js/extra-typings';

const EXAMPLES = `
Examples:
  nobounce check reports/vendor-os-bug/latest
  nobounce check reports/mount-lost/latest --json
  nobounce check reports/mount-lost/latest --explain 1n0634-i000060

Exit codes as of the run itself: 0 pass, 1 fail, 2 inconclusive, 5 the harness had failed, 130 interrupted.`;

export const checkCommand = new Command('check')
  .description('judge a saved run again, offline')
  .argument('<rundir>', 'the folder of a run, or its history.jsonl (or .jsonl.gz)')
  .option('--json', 'print results.json instead of the checks')
  .option('--explain <id>', 'tell the whole story of one message')
  .addHelpText('after', EXAMPLES)
  .option('--verbose', 'passes and skipped checks as well')
  .action(async (runDir, options) => {
    const { judgeSaved } = await import('./judge-saved.js');
    await judgeSaved(runDir, options);
  });
