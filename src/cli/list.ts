import { Command } from '@commander-js/extra-typings';
import { readScenario } from '../scenario/load.js';
import { listStacks, loadStack } from '../stack/definition.js';
import { scenarioFile, scenarioNames } from '../drill/find-scenario.js';
import { STACKS_DIR } from '../drill/paths.js';

export const listCommand = new Command('list')
  .description('list the scenarios and stacks that come with nobounce')
  .option('--json', 'as JSON')
  .action(({ json }) => {
    const scenarios = scenarioNames().map((name) => {
      const { scenario } = readScenario(scenarioFile(name));
      const { title, tags, stack } = scenario;
      return { name, title, tags, stack };
    });
    const stacks = listStacks(STACKS_DIR).map((name) => {
      const { title, driver } = loadStack(name, STACKS_DIR);
      return { name, title, driver };
    });
    if (json) {
      process.stdout.write(`${JSON.stringify({ scenarios, stacks }, null, 2)}\n`);
      return;
    }
    const row = (name: string, title: string): string => `  ${name.padEnd(26)} ${title}\n`;
    process.stdout.write('Scenarios (nobounce run NAME)\n');
    for (const { name, title } of scenarios) process.stdout.write(row(name, title));
    process.stdout.write('\nStacks (--stack NAME)\n');
    for (const { name, title } of stacks) process.stdout.write(row(name, title));
  });
