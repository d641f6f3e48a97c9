import type { z } from 'zod';
import type { WatchListener } from '../stack.js';

/** Reads lines. One that is not what it should be breaks the watch: what else it hides is unknown. */
export function reading<T>(
  read: (line: string) => T,
  { next, broken }: WatchListener<T>,
): (line: string) => void {
  return (line) => {
    if (line.trim() === '') return;
    let value: T;
    try {
      value = read(line);
    } catch (cause) {
      broken(new Error(`unexpected line: ${line.slice(0, 200)}`, { cause }));
      return;
    }
    next(value);
  };
}

/** Reads JSON lines of one shape. */
export function parsed<T>(
  schema: z.ZodType<T>,
  broken: (error: Error) => void,
  next: (value: T) => void,
): (line: string) => void {
  return reading((line) => schema.parse(JSON.parse(line)), { next, broken });
}
