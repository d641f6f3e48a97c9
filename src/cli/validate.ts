import { Command } from '@commander-js/extra-typings';
import { describeError, NobounceError } from '../errors/errors.js';
import { complain, print } from './output.js';

const EXAMPLES = `
A warning says what can be known before the run and will surprise: a check that cannot have enough to look at, mail
that the stack will refuse.

Examples:
  nobounce validate ./my-outage.yaml
  nobounce validate scenarios/*.yaml

Exit codes: 0 all valid (also with warnings), 3 not.`;

export const validateCommand = new Command('validate')
  .description('check scenario files, and the stacks that they name, without running them')
  .argument('<scenario...>', 'names or paths')
  .addHelpText('after', EXAMPLES)
  .action(async (names) => {
    const { readScenario, scenarioWarnings } = await import('../scenario/load.js');
    const { formatProblem } = await import('../scenario/problem.js');
    const { scenarioFile } = await import('../drill/find-scenario.js');
    const { scenarioStack } = await import('../drill/scenario-stack.js');
    const { stackLimits } = await import('../stack/definition.js');
    for (const name of names) {
      try {
        const loaded = readScenario(scenarioFile(name));
        const warnings = scenarioWarnings(loaded, stackLimits(scenarioStack(loaded)));
        for (const warning of warnings) complain(`warning: ${formatProblem(warning)}`);
        print(`${loaded.file}: valid`);
      } catch (error) {
        if (!(error instanceof NobounceError)) throw error;
        complain(describeError(error));
        process.exitCode = error.exitCode;
      }
    }
  });
