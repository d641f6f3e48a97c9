import { z } from 'zod';
import type { NewEvent } from '../history/event.js';
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

/** An act as it came from outside; the run reads it, and refuses what is none. */
export type UnreadAct = Readonly<Record<string, unknown>>;

/** One act, and who wants it. */
export interface AskedAct {
  readonly act: Act | UnreadAct;
  /** Such as an operator's name. */
  readonly by: string;
  /** Ends the act's waiting before its time: a hold, what an injection waits for. What it does itself is done whole. */
  readonly cut?: AbortSignal | undefined;
  /** Told where the act cannot be done at this point: why, one sentence each. The run goes on. */
  readonly refused?: ((reasons: readonly string[]) => void) | undefined;
}

/**
 * Where a run gets its acts from, one after the other: the next is asked for when the one before is over. Where it ends,
 * what is still broken is healed, and mail is followed to its end.
 */
export type ActSource = AsyncIterable<AskedAct>;

/** What the people of a run tell it beside its acts; it is written into the history at once. */
type Told = Extract<NewEvent, { type: 'note.added' | 'ask.answered' | 'operator.acted' }>;

/** Given to whoever leads a run, once its traffic flows. */
export interface LiveRun {
  readonly tell: (event: Told) => void;
}

/** An act that was read: every unit a number. */
export type ReadAct = { readonly step: TimelineStep } | Note | Question;

/** Reads an act, or says what is wrong with it, one sentence each. */
export function readAct(act: Act | UnreadAct): ReadAct | { readonly reasons: readonly string[] } {
  const written = z.union([note, question]).safeParse(act);
  if (written.success) return written.data;
  const validation = validateStep(act);
  return validation.ok ? { step: validation.step } : { reasons: validation.reasons };
}
