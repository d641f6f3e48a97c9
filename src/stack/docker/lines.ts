import type { z } from 'zod';
import type { Watch, WatchListener } from '../stack.js';
import type { DockerService } from './service.js';

/**
 * What a service prints now and then so that it is heard of end to end, from its standard output through the engine to
 * here: a log in which nothing happens is as silent as one whose stream is dead. It stands in no saved log.
 */
export const MARK = 'nobounce: mark';

/** Lines printed before the first listener came are given to it first, so that nothing is missed. */
export function watchLines(
  service: DockerService,
  { next, alive, broken }: WatchListener<string>,
): Promise<Watch> {
  const onLine = (line: string): void => {
    alive?.();
    if (line !== MARK) next(line);
  };
  for (const line of service.recent.splice(0)) onLine(line);
  service.lines.add(onLine);
  service.ends.add(broken);
  return Promise.resolve({
    stop: () => {
      service.lines.delete(onLine);
      service.ends.delete(broken);
      return Promise.resolve();
    },
  });
}

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
