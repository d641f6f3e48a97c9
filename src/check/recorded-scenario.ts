import { z } from 'zod';
import { mailboxesOf, type PlannedMailbox } from '../scenario/mailboxes.js';
import { writeDuration } from '../units/duration.js';
import type { SizeRange } from '../units/size.js';
import { CHECK_NAMES, limitsSchema, UNSKIPPABLE, type CheckName, type Limits } from '../scenario/limits.js';

/**
 * What the judge needs of a scenario as a run recorded it: every unit resolved to numbers. It is read
 * leniently, so that histories of scenarios with newer keys can still be judged.
 */
const recordedSchema = z.object({
  name: z.string(),
  title: z.string(),
  stack: z.string().nullable().default(null),
  baseline: z.boolean().default(false),
  domains: z
    .array(z.object({ name: z.string(), mailboxes: z.number(), volumes: z.array(z.string()) }))
    .default([]),
  volumes: z.record(z.string(), z.unknown()).default({}),
  traffic: z.record(z.string(), z.unknown()).default({}),
  timeline: z.array(z.record(z.string(), z.unknown())).default([]),
  checks: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

export interface RecordedScenario {
  readonly name: string;
  readonly title: string;
  /** The stack that it names, which need not be the one that ran; null where it names none. */
  readonly stack: string | null;
  /** A run without a fault on purpose. */
  readonly baseline: boolean;
  /** The steps as recorded: each one key, every unit a number. */
  readonly timeline: readonly Readonly<Record<string, unknown>>[];
  /** All volumes, in the order of the plan. */
  readonly volumes: readonly string[];
  /** The mailboxes that it asks for. */
  readonly mailboxes: readonly PlannedMailbox[];
  /** Checks that it skips although they cannot be skipped: they are judged all the same. */
  readonly forbiddenSkips: readonly CheckName[];
  /** How often a reader looks, in milliseconds; null where it does not say. */
  readonly readersMs: number | null;
  /** How large inbound mail is; null where it does not say. */
  readonly inboundSize: SizeRange | null;
  /** The kinds of traffic that the scenario asks for. */
  readonly traffic: ReadonlySet<string>;
  readonly limits: Limits;
}

const readersSchema = z.object({ every: z.number() });
const inboundSchema = z.object({ size: z.object({ minBytes: z.number(), maxBytes: z.number() }) });

export const DEFAULT_LIMITS: Limits = limitsSchema.parse({});

/** Reads the scenario of a `run.started` event; null where it is none. */
export function readRecordedScenario(recorded: unknown): RecordedScenario | null {
  const result = recordedSchema.safeParse(recorded);
  if (!result.success) return null;
  const { name, title, stack, baseline, domains, volumes, traffic, timeline, checks } = result.data;
  const limits = limitsSchema.safeParse(
    Object.fromEntries(CHECK_NAMES.map((check) => [check, asWritten(check, checks[check] ?? {})])),
  );
  if (!limits.success) return null;
  return {
    name,
    title,
    stack,
    baseline,
    timeline,
    volumes: [...new Set([...domains.flatMap((domain) => domain.volumes), ...Object.keys(volumes)])],
    mailboxes: domains.flatMap(mailboxesOf),
    forbiddenSkips: UNSKIPPABLE.filter((check) => checks[check]?.['skip'] !== undefined),
    traffic: new Set(Object.keys(traffic).filter((kind) => traffic[kind] !== undefined)),
    inboundSize: inboundSchema.safeParse(traffic['inbound']).data?.size ?? null,
    readersMs: readersSchema.safeParse(traffic['readers']).data?.every ?? null,
    limits: limits.data,
  };
}

/**
 * A check's limits as they would be written: a recorded duration is a number of milliseconds, which the
 * schema takes only with its unit. Keys that this version does not know are left out.
 */
function asWritten(check: CheckName, recorded: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Readonly<Record<string, z.core.$ZodType>> = limitsSchema.shape[check].unwrap().shape;
  const written: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    if (key === 'skip' && UNSKIPPABLE.includes(check)) continue;
    const value = recorded[key];
    const needsUnit = typeof value === 'number' && !z.safeParse(field, value).success;
    written[key] = needsUnit ? writeDuration(value) : value;
  }
  return written;
}

/** Of a check's recorded limits those that differ from the defaults, as a scenario would write them. */
export function limitsBeyondDefaults(
  check: CheckName,
  recorded: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const defaults: Readonly<Record<string, unknown>> = DEFAULT_LIMITS[check];
  return Object.fromEntries(
    Object.entries(asWritten(check, recorded)).filter(
      ([key, value]) => value !== undefined && recorded[key] !== defaults[key],
    ),
  );
}
