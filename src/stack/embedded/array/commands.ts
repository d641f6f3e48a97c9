import { z } from 'zod';

const kind = z.enum(['healthy', 'read-only', 'faulty', 'slow']);

const headSpecSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('healthy') }),
  z.object({ kind: z.literal('read-only') }),
  z.object({
    kind: z.literal('faulty'),
    errno: z.string(),
    operations: z.array(z.string()),
    probability: z.number(),
  }),
  z.object({ kind: z.literal('slow'), delayMs: z.number(), share: z.number() }),
]);

/** What the driver asks of an array's process. `open` is answered with the port. */
export const arrayCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('open'), spec: headSpecSchema, port: z.number() }),
  z.object({ do: z.literal('close'), kind }),
]);
export type ArrayCommand = z.input<typeof arrayCommand>;
