import { z } from 'zod';
import type { MtaRecord } from '../../../mta/dialect.js';
import { CONTROL_PREFIX } from '../control.js';

const ready = z.object({ ready: z.object({ mx: z.number(), submission: z.number() }) });

const event = z.union([
  z.object({ message: z.object({ queueId: z.string(), messageId: z.string() }) }),
  z.object({
    delivery: z.object({
      queueId: z.string(),
      recipient: z.string(),
      status: z.enum(['sent', 'deferred', 'bounced', 'expired']),
      enhanced: z.string().nullable(),
      reply: z.string(),
    }),
  }),
  z.object({ removed: z.object({ queueId: z.string() }) }),
]);

function json(line: string): unknown {
  return line.startsWith(CONTROL_PREFIX) ? JSON.parse(line.slice(CONTROL_PREFIX.length)) : undefined;
}

/** The ports Haraka listens on, in the line that tells them. */
export function readyPorts(line: string): { readonly mx: number; readonly submission: number } | undefined {
  return ready.safeParse(json(line)).data?.ready;
}

/** What our plugin in Haraka tells of a message (stacks/embedded/mta/nobounce.js); null for every other line. */
export function parseMtaLine(line: string): MtaRecord | null {
  const { data } = event.safeParse(json(line));
  if (data === undefined) return null;
  if ('message' in data) return { kind: 'message', ...data.message };
  if ('removed' in data) return { kind: 'removed', ...data.removed };
  // Haraka quotes the next hop's reply as it is, and does not tell a connection lost after the final dot from others.
  const nextHop = { refused: /^5\d\d[ -]/.test(data.delivery.reply), unanswered: false };
  return { kind: 'delivery', ...data.delivery, nextHop };
}
