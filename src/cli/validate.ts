import { Command } from '@commander-js/extra-typings';
import { describeError, NobounceError } from '../errors/errors.js';
import { readScenario } from '../scenario/load.js';
import { scenarioFile } from '../drill/find-scenario.js';
import { scenarioStack } from '../drill/scenario-stack.js';

export const validateCommand = new Command('validate')
  .description('check scenario files without running them')
  .argument('<scenario...>', 'names or paths')
  .addHelpText(
    'after',
    '\nExamples:\n  nobounce validate scenarios/*.yaml\n\nExit codes: 0 all valid, 3 not.',
  )
  .action((names) => {
    for (const name of names) {
      try {
        const loaded = readScenario(scenarioFile(name));
        scenarioStack(loaded);
        process.stdout.write(`${loaded.file}: valid\n`);
      } catch (error) {
        if (!(error instanceof NobounceError)) throw error;
        process.stderr.write(`${describeError(error)}\n`);
        process.exitCode = error.exitCode;
      }
    }
  });
