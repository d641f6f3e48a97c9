import { z } from 'zod';

/** What the store's process is told when it starts, as JSON in NOBOUNCE_STORE. */
export const storeSetup = z.object({
  volumes: z.array(
    z.object({ name: z.string(), host: z.string(), port: z.number(), mountPoint: z.string() }),
  ),
  /** How long a silent array is waited for; null: for as long as it takes. */
  silenceMs: z.number().nullable(),
  accounts: z.array(z.object({ address: z.string(), password: z.string(), volume: z.string() })),
});
export type StoreSetup = z.input<typeof storeSetup>;

/** What the driver asks of the store's process. */
export const storeCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('mount'), volume: z.string() }),
  z.object({ do: z.literal('unmount'), volume: z.string() }),
  z.object({ do: z.literal('probe'), volume: z.string(), intervalMs: z.number(), deadlineMs: z.number() }),
]);
export type StoreCommand = z.input<typeof storeCommand>;

/** What it tells by itself. */
export const storeEvent = z.object({
  probe: z.object({
    volume: z.string(),
    operation: z.string(),
    outcome: z.enum(['ok', 'error', 'blocked']),
    errno: z.string().nullable(),
    ms: z.number(),
  }),
});
export const storeReady = z.object({ ready: z.object({ lmtp: z.number(), imap: z.number() }) });
