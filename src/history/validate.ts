import { z } from 'zod';
import { EVENT_SCHEMAS, eventSchema, type HistoryEvent } from './event.js';

type Guard = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Compiles a zod schema to a plain predicate. Histories hold millions of events, and zod copies every
 * object it accepts; the schemas stay the one source of truth, and what is not known here is left to zod.
 */
function compile(schema: z.core.$ZodType): Guard {
  if (schema instanceof z.ZodUnknown && (schema.def.checks ?? []).length === 0) return () => true;
  if (schema instanceof z.ZodLiteral) {
    const values = new Set<unknown>(schema.values);
    return (value) => values.has(value);
  }
  if (schema instanceof z.ZodEnum) {
    const values = new Set<unknown>(schema.options);
    return (value) => values.has(value);
  }
  if (schema instanceof z.ZodString && (schema.def.checks ?? []).length === 0) {
    return (value) => typeof value === 'string';
  }
  if (schema instanceof z.ZodNumber && schema.format === null) {
    // No check of a number but bounds is used in the vocabulary; one that is not finite has none.
    const [min, max] = [schema.minValue ?? -Number.MAX_VALUE, schema.maxValue ?? Number.MAX_VALUE];
    return (value) => typeof value === 'number' && value >= min && value <= max && Number.isFinite(value);
  }
  if (schema instanceof z.ZodNumber && schema.format === 'safeint' && schema.minValue === 0) {
    return (value) => Number.isSafeInteger(value) && Number(value) >= 0;
  }
  if (schema instanceof z.ZodNullable) {
    const inner = compile(schema.def.innerType);
    return (value) => value === null || inner(value);
  }
  if (schema instanceof z.ZodArray) {
    const element = compile(schema.def.element);
    return (value) => Array.isArray(value) && value.every(element);
  }
  if (schema instanceof z.ZodObject) {
    const shape: z.core.$ZodShape = schema.def.shape;
    const fields = Object.entries(shape).map(([key, field]) => ({ key, holds: compile(field) }));
    return (value) => {
      if (!isRecord(value)) return false;
      for (const field of fields) if (!field.holds(value[field.key])) return false;
      return true;
    };
  }
  return (value) => z.safeParse(schema, value).success;
}

const GUARDS: ReadonlyMap<unknown, Guard> = new Map(
  EVENT_SCHEMAS.map((schema) => [schema.shape.type.value, compile(schema)]),
);

/** Whether the value is an event of the vocabulary: what `eventSchema` accepts, some ten times faster. */
export function isEvent(value: unknown): value is HistoryEvent {
  return isRecord(value) && (GUARDS.get(value['type'])?.(value) ?? false);
}

/** Why a value is no event, in one line: `reader.visited: steps.0.outcome: Invalid option`. */
export function whyNoEvent(value: unknown): string {
  const result = eventSchema.safeParse(value);
  if (result.success) return 'it is an event';
  const type = isRecord(value) && typeof value['type'] === 'string' ? `${value['type']}: ` : '';
  const [issue] = result.error.issues;
  return `${type}${issue === undefined ? 'not an event' : `${issue.path.join('.')}: ${issue.message}`}`;
}
