import { Command } from '@commander-js/extra-typings';
import { describeError, NobounceError } from '../errors/errors.js';
import { loadScenario } from '../scenario/load.js';
import { loadStack } from '../stack/definition.js';
import { scenarioFile } from './find-scenario.js';
import { STACKS_DIR } from './paths.js';

export const validateCommand = new Command('validate')
  .description('check scenario files without running them')
  .argument('<scenario...>', 'names or paths')
  .addHelpText(
    'after',
    '\nExamples:\n  nobounce validate scenarios/*.yaml\n\nExit codes: 0 all valid, 3 not.',
  )
  .action(async (names) => {
    for (const name of names) {
      try {
        const { scenario, file } = await loadScenario(await scenarioFile(name));
        await loadStack(scenario.stack, STACKS_DIR);
        process.stdout.write(`${file}: valid\n`);
      } catch (error) {
        if (!(error instanceof NobounceError)) throw error;
        process.stderr.write(`${describeError(error)}\n`);
        process.exitCode = error.exitCode;
      }
    }
  });
