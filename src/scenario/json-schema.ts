import { z } from 'zod';
import { scenarioSchema } from './scenario.js';

/** The JSON Schema of a scenario file, generated from the schema that validates it. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      const pattern = jsonSchema['jsonPattern'];
      if (typeof pattern !== 'string') return;
      delete jsonSchema['jsonPattern'];
      delete jsonSchema.anyOf;
      jsonSchema.type = 'string';
      jsonSchema.pattern = pattern;
    },
  });
  return { ...schema, title: 'nobounce scenario' };
}
