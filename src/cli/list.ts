import { Command } from '@commander-js/extra-typings';
import { STACKS_DIR } from '../drill/paths.js';
import { print, printJson } from './output.js';

const row = (name: string, title: string): string => `  ${name.padEnd(26)} ${title}`;

/** The title comes before anything is read, so that it is seen at once. */
async function printLists(): Promise<void> {
  print('Scenarios (nobounce run NAME)');
  const { lengthText } = await import('../scenario/length.js');
  for (const { name, title, tags, takes } of await scenarios()) {
    print(row(name, title));
    const told = tags.length === 0 ? [] : [`tags ${tags.join(', ')}`];
    print(row('', [lengthText(takes), ...told].join(' · ')));
  }
  print('\nStacks (--stack NAME)');
  for (const { name, title } of await stacks()) print(row(name, title));
}

async function scenarios() {
  const { scenarioFile, scenarioNames } = await import('../drill/find-scenario.js');
  const { readScenario } = await import('../scenario/load.js');
  const { lengthOf } = await import('../scenario/length.js');
  return scenarioNames().map((name) => {
    const { scenario } = readScenario(scenarioFile(name));
    const { title, tags, stack } = scenario;
    return { name, title, tags, stack, takes: lengthOf(scenario) };
  });
}

async function stacks() {
  const { listStacks, loadStack } = await import('../stack/definition.js');
  return listStacks(STACKS_DIR).map((name) => {
    const { title, driver } = loadStack(name, STACKS_DIR);
    return { name, title, driver };
  });
}

export const listCommand = new Command('list')
  .description('list the scenarios and stacks that come with nobounce')
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    '\nExamples:\n  nobounce list\n  nobounce list --json\n  nobounce run NAME --stack NAME',
  )
  .action(async ({ json }) => {
    if (json === true) printJson({ scenarios: await scenarios(), stacks: await stacks() });
    else await printLists();
  });
