import { z } from 'zod';
import { writeDuration } from '../units/duration.js';
import { name as volumeName } from '../units/fields.js';
import { writeSize } from '../units/size.js';
import type { Act } from './act.js';
import type { Feeling } from './sense.js';

/** What a fault does to mail while it lasts: planner, run, checks and reports judge by these alone. */
export interface FaultTraits {
  /**
   * Whether new mail can be stored behind the place: not at all; now and then or by some ways; only later; to where
   * nobody looks; or as ever.
   */
  readonly storing: 'stopped' | 'partly' | 'slowed' | 'astray' | 'possible';
  /** Whether what is stored can be seen. */
  readonly showing: 'stopped' | 'possible';
  /** Operations hang, so that no failure can be given as a reason. */
  readonly hangs: boolean;
}

/** Whether no new mail can be seen while it lasts, so that looking for it would only strain what is broken. */
export function isLookedAwayFrom({ storing, showing }: FaultTraits): boolean {
  return storing === 'stopped' || showing === 'stopped';
}

/** One fault with its parameters: what is done, what must be felt, and what it means for mail. */
export interface FaultDescription {
  readonly act: Act;
  /** What the storage probe must see before the fault counts as felt. */
  readonly feeling: Feeling;
  readonly traits: FaultTraits;
}

/** Which volumes: one, several, or `all`. */
const volume = z.union([volumeName, z.array(volumeName).min(1)]);
const PLACES = { volume: { volume }, link: {} } as const;
type PlaceKind = keyof typeof PLACES;

interface Declaration<N extends string, P extends PlaceKind, S extends z.ZodRawShape> {
  readonly name: N;
  /** Where it acts: on volumes that the scenario names, or on the link to the MX. */
  readonly place: P;
  /** What a mail stack goes through, for people who have never seen the name: "a full disk". */
  readonly title: string;
  /** Its parameters as they are written in a scenario. */
  readonly parameters: S;
  /** Parameters that make a telling fault, for help texts and for the contract that every fault passes. */
  readonly example: z.input<z.ZodObject<S>>;
  readonly describe: (parameters: z.output<z.ZodObject<S>>) => FaultDescription;
}

/** A number as a scenario writes it, with each unit that a field may ask for. */
const asWritten = (value: unknown): readonly unknown[] =>
  typeof value === 'number' ? [value, writeDuration(value), `${writeSize(value)}/s`] : [value];

/** Parameters whose units are resolved, as a scenario writes them. */
function writeResolved(
  shape: z.ZodRawShape,
  resolved: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(shape).map(([key, field]): [string, unknown] => [
      key,
      asWritten(resolved[key]).find((value) => z.safeParse(field, value).success) ?? resolved[key],
    ]),
  );
}

/** Reads parameters whose units are resolved; undefined where they are not this fault's. */
function readResolved<S extends z.ZodRawShape>(
  shape: S,
  resolved: Readonly<Record<string, unknown>>,
): z.output<z.ZodObject<S>> | undefined {
  return z.object(shape).safeParse(writeResolved(shape, resolved)).data;
}

/**
 * Declares a kind of fault, whole and pure: the schema of its parameters, what is done at its place, what the storage
 * probe must feel, and its traits.
 */
export function defineFaultKind<const N extends string, const P extends PlaceKind, S extends z.ZodRawShape>(
  declaration: Declaration<N, P, S>,
) {
  const { name, place, title, parameters, example, describe } = declaration;
  const where: (typeof PLACES)[P] = PLACES[place];
  return {
    name,
    place,
    title,
    example: place === 'volume' ? { fault: name, volume: 'gold', ...example } : { fault: name, ...example },
    schema: z.strictObject({ fault: z.literal(name), ...where, ...parameters }),
    /** @param resolved as a plan or a history has them: every unit a number. Undefined: they are not this fault's. */
    describe: (resolved: Readonly<Record<string, unknown>>): FaultDescription | undefined => {
      const read = readResolved(parameters, resolved);
      return read === undefined ? undefined : describe(read);
    },
    /** @param resolved as above; every number gets the unit that a scenario asks for. */
    write: (resolved: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
      writeResolved(parameters, resolved),
  };
}
