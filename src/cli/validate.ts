import { Command } from '@commander-js/extra-typings';
import { describeError, NobounceError } from '../errors/errors.js';
import { readScenario, scenarioWarnings } from '../scenario/load.js';
import { formatProblem } from '../scenario/problem.js';
import { scenarioFile } from '../drill/find-scenario.js';
import { scenarioStack } from '../drill/scenario-stack.js';
import { stackLimits } from '../stack/definition.js';
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
  .action((names) => {
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
