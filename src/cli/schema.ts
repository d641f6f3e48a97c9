import { Command } from '@commander-js/extra-typings';

export const schemaCommand = new Command('schema')
  .description('print the JSON Schema of scenario files, for editors')
  .addHelpText('after', '\nExample:\n  nobounce schema > scenario.schema.json')
  .action(async () => {
    const { scenarioJsonSchema } = await import('../scenario/json-schema.js');
    process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  });
