import { z } from 'zod';

/** What a schema wraps, with no regard to defaults and transformations. */
function unwrapped(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return unwrapped(schema.def.innerType);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrapped(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return unwrapped(schema.def.in);
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap(unwrapped);
  return [schema];
}

function below(schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return unwrapped(schema.def.element);
  if (schema instanceof z.ZodRecord) return unwrapped(schema.def.valueType);
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: z.core.$ZodShape = schema.def.shape;
  const field = shape[String(key)];
  return field === undefined ? [] : unwrapped(field);
}

/** The schemas of all that may stand at a path, each alternative of a union by itself. */
export function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly z.core.$ZodType[] {
  return path.reduce<readonly z.core.$ZodType[]>(
    (schemas, key) => schemas.flatMap((one) => below(one, key)),
    unwrapped(schema),
  );
}

/** The keys that an object may have there; none where nothing else than an object can stand. */
export function keysOf(schemas: readonly z.core.$ZodType[]): readonly string[] {
  return [
    ...new Set(schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []))),
  ];
}

/** The words that may stand there. */
export function wordsOf(schemas: readonly z.core.$ZodType[]): readonly string[] {
  return schemas.flatMap((schema) => {
    if (schema instanceof z.ZodEnum) return schema.options.map(String);
    return schema instanceof z.ZodLiteral ? [...schema.values].map(String) : [];
  });
}
