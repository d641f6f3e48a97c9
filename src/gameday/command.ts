import { z } from 'zod';

const text = z.string().trim().min(1).max(2_000);
const durationMs = z
  .number()
  .int()
  .min(1_000)
  .max(24 * 3_600_000);

/** What the people of a game day can do, from the page, the terminal, or another shell: one schema for all of them. */
export const commandSchema = z.discriminatedUnion('do', [
  /** The fault as a scenario writes it; it heals itself after `longestMs`. */
  z.strictObject({
    do: z.literal('inject'),
    fault: z.record(z.string(), z.unknown()),
    longestMs: durationMs.optional(),
  }),
  /** Neither a fault nor a volume: everything. */
  z.strictObject({ do: z.literal('heal'), fault: text.optional(), volume: text.optional() }),
  /** Heals everything at once, before anything else that was asked for; mail is counted on. */
  z.strictObject({ do: z.literal('abort'), reason: text.optional() }),
  z.strictObject({ do: z.literal('note'), text }),
  /** Faults may be injected from here on; against a preflight that is not green it needs a reason. */
  z.strictObject({ do: z.literal('go'), reason: text.optional() }),
  z.strictObject({ do: z.literal('no-go'), reason: text }),
  /** Ends the step that waits, and takes the next one. */
  z.strictObject({ do: z.literal('next') }),
  /** The step that waits lasts longer. */
  z.strictObject({ do: z.literal('more'), ms: durationMs }),
  /** Heals what is broken, follows the mail to its end, and is over. */
  z.strictObject({ do: z.literal('end') }),
  z.strictObject({ do: z.literal('take-controls') }),
]);

export type Command = z.output<typeof commandSchema>;

/** Who wants it, and how it came. */
export interface Sender {
  readonly name: string;
  readonly via: 'page' | 'ctl' | 'terminal' | 'rule' | 'lease';
}

/** What became of it: done or taken, or why it was not. */
export type Answer = { readonly ok: true } | { readonly ok: false; readonly reasons: readonly string[] };
