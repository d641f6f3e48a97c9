import { Command } from '@commander-js/extra-typings';
import { lengthOf, lengthText } from '../scenario/length.js';
import { readScenario } from '../scenario/load.js';
import { listStacks, loadStack } from '../stack/definition.js';
import { scenarioFile, scenarioNames } from '../drill/find-scenario.js';
import { STACKS_DIR } from '../drill/paths.js';
import { print, printJson } from './output.js';

export const listCommand = new Command('list')
  .description('list the scenarios and stacks that come with nobounce')
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    '\nExamples:\n  nobounce list\n  nobounce list --json\n  nobounce run NAME --stack NAME',
  )
  .action(({ json }) => {
    const scenarios = scenarioNames().map((name) => {
      const { scenario } = readScenario(scenarioFile(name));
      const { title, tags, stack } = scenario;
      return { name, title, tags, stack, takes: lengthOf(scenario) };
    });
    const stacks = listStacks(STACKS_DIR).map((name) => {
      const { title, driver } = loadStack(name, STACKS_DIR);
      return { name, title, driver };
    });
    if (json) {
      printJson({ scenarios, stacks });
      return;
    }
    const row = (name: string, title: string): string => `  ${name.padEnd(26)} ${title}`;
    print('Scenarios (nobounce run NAME)');
    for (const { name, title, tags, takes } of scenarios) {
      print(row(name, title));
      print(
        row('', [lengthText(takes), ...(tags.length === 0 ? [] : [`tags ${tags.join(', ')}`])].join(' · ')),
      );
    }
    print('\nStacks (--stack NAME)');
    for (const { name, title } of stacks) print(row(name, title));
  });
