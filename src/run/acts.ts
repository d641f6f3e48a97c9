import { z } from 'zod';
import type { TimelineStep, TimelineStepInput } from '../scenario/scenario.js';
import { validateStep } from '../scenario/validate.js';

const text = z.string().min(1).max(10_000);
/** Something to be written down at this point of a run. */
const note = z.strictObject({ note: text });
/** A question that was put to the people of a game day, with what they answered; null: nobody did. */
const question = z.strictObject({ ask: text, answer: text.nullable() });

type Note = z.output<typeof note>;
type Question = z.output<typeof question>;

/** What somebody wants a run to do next: a step as a timeline writes it (`{ hold: '10s' }`), or something to write down. */
export type Act = TimelineStepInput | Note | Question;

/** One act, and who wants it. */
export interface AskedAct {
  readonly act: Act;
  /** Such as an operator's name. */
  readonly by: string;
  /** Told where the act cannot be done at this point: why, one sentence each. The run goes on. */
  readonly refused?: ((reasons: readonly string[]) => void) | undefined;
}

/**
 * Where a run gets its acts from, one after the other: the next is asked for when the one before is over. Where it ends,
 * what is still broken is healed, and mail is followed to its end.
 */
export type ActSource = AsyncIterable<AskedAct>;

/** An act that was read: every unit a number. */
export type ReadAct = { readonly step: TimelineStep } | Note | Question;

/** Reads an act, or says what is wrong with it, one sentence each. */
export function readAct(act: Act): ReadAct | { readonly reasons: readonly string[] } {
  const written = z.union([note, question]).safeParse(act);
  if (written.success) return written.data;
  const validation = validateStep(act);
  return validation.ok ? { step: validation.step } : { reasons: validation.reasons };
}
