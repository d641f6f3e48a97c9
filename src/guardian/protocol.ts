import { z } from 'zod';
import { undoStep } from '../stack/undo.js';

/** What the harness tells its guardian, one JSON line each. */
export const tidings = z.discriminatedUnion('tell', [
  /** Before a fault is injected: what makes it gone. */
  z.object({ tell: z.literal('hold'), key: z.string(), undo: z.array(undoStep).min(1).readonly() }),
  /** It was healed. */
  z.object({ tell: z.literal('release'), key: z.string() }),
  z.object({ tell: z.literal('beat') }),
  /** The run is at its orderly end. */
  z.object({ tell: z.literal('bye') }),
]);
export type Tidings = z.infer<typeof tidings>;

/** Why a guardian takes over. */
const why = z.enum(['gone', 'silent', 'left', 'asked']);
export type Why = z.infer<typeof why>;

/** What the guardian tells the harness, one JSON line each. */
export const answer = z.discriminatedUnion('say', [
  z.object({ say: z.literal('ready') }),
  z.object({ say: z.literal('held'), key: z.string() }),
  z.object({ say: z.literal('took-over'), why, silentMs: z.number(), keys: z.array(z.string()) }),
]);
export type Answer = z.infer<typeof answer>;

/** What it is started with, as its one argument. */
export const setup = z.object({
  /** The file that takes what it did, one JSON line each. */
  record: z.string(),
  /** After so long without a word from the harness it takes over. */
  silentMs: z.number().int().min(1_000),
});
export type Setup = z.infer<typeof setup>;
