import { Command } from '@commander-js/extra-typings';
import { scenarioJsonSchema } from '../scenario/json-schema.js';

export const schemaCommand = new Command('schema')
  .description('print the JSON Schema of scenario files, for editors')
  .addHelpText('after', '\nExample:\n  nobounce schema > scenario.schema.json')
  .action(() => {
    process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  });
