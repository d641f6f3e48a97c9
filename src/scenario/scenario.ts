import { z } from 'zod';
import { faultSchema } from '../fault/registry.js';
import {
  domainName,
  durationMs,
  durationMsOf,
  eachMs,
  intervalMs,
  name,
  ratePerSecond,
  sizeRange,
} from '../units/fields.js';
import { limitsSchema } from './limits.js';

/** Each has an array of its own, and whoever keeps mailboxes mounts them all. */
export const MAX_VOLUMES = 32;

const domain = z.strictObject({
  name: domainName,
  mailboxes: z.number().int().min(1).max(1_000),
  volumes: z.array(name).min(1).max(MAX_VOLUMES),
});

const stream = z
  .strictObject({
    /** So many in real time. */
    rate: ratePerSecond.optional(),
    /** A burst at the start, and one each so long of simulated time: each day of an outage has its own mail. */
    at: eachMs.optional(),
    /** In one burst; as many as there are mailboxes where it is not said. */
    messages: z.number().int().min(1).max(10_000).optional(),
    size: sizeRange.prefault('2 KiB..16 KiB'),
  })
  .refine(
    ({ rate, at }) => rate !== undefined || at !== undefined,
    'say how often: `rate: 5/s`, or bursts in simulated time, `at: each 6h`',
  )
  .refine(
    ({ at, messages }) => messages === undefined || at !== undefined,
    '`messages` is the size of a burst: it needs `at`, such as `at: each 6h`',
  );

const traffic = z.strictObject({
  /** From correspondents outside to the mailboxes, on the MX port. */
  inbound: stream.optional(),
  /** From subscribers to the outside, over authenticated submission. */
  outbound: stream.optional(),
  /** From subscriber to subscriber, over authenticated submission. */
  internal: stream.optional(),
  /** Readers log in, select and fetch a known message. */
  readers: z.strictObject({ every: intervalMs }).prefault({ every: '500ms' }),
});

const outsideMta = z.strictObject({
  mta: z.literal('postfix'),
  /** How long it keeps mail that it cannot deliver. */
  lifetime: durationMs.prefault('5d'),
  /** After how long it tells a sender that mail is delayed; 0s: never. */
  warning: durationMs.prefault('0s'),
});

const healTarget = z.union([
  z.literal('all'),
  z
    .strictObject({ fault: z.string().optional(), volume: name.optional() })
    .refine(
      (target) => target.fault !== undefined || target.volume !== undefined,
      'name a fault, a volume, or both',
    ),
]);

/** Dovecot does not survive a step back, and all that is judged is measured on clocks that never go back. */
const forwardMs = durationMsOf({
  minMs: 1,
  negative:
    'clocks only go forward here (a mail store need not survive a step back, and delays are measured on them): expected a duration such as 12h',
});

const step = z.union([
  z.strictObject({ steady: durationMs }),
  z.strictObject({ inject: faultSchema }),
  z.strictObject({ hold: durationMs }),
  z.strictObject({ heal: healTarget }),
  z.strictObject({ advance: forwardMs }),
  z.strictObject({ settle: durationMs }),
]);

/** The scenario file (docs/scenario.md). Unknown keys are errors; durations, rates and sizes need units. */
export const scenarioSchema = z.strictObject({
  name,
  title: z.string().min(1).max(200),
  description: z.string().max(10_000).optional(),
  tags: z.array(name).max(100).default([]),
  stack: z.string().min(1).max(1_000).default('postfix-dovecot'),
  /** A run without a fault on purpose: what needs an outage is left out, and says so. */
  baseline: z.boolean().default(false),
  /** Volumes beside those of the domains: without a mailbox on them, unless a domain names them too. */
  volumes: z.record(name, z.strictObject({})).default({}),
  domains: z.array(domain).min(1).max(100),
  /** MTAs of the correspondents, each with a queue of its own. Without: correspondents connect to the MX themselves. */
  outside: z.union([outsideMta, z.array(outsideMta).min(1).max(4)]).optional(),
  storage: z
    .strictObject({
      /** What a mount does when its array is silent: `soft` fails after 10 s, `hard` waits for as long as it takes. */
      mount: z.enum(['soft', 'hard']).default('soft'),
    })
    .prefault({}),
  traffic,
  timeline: z.array(step).min(1).max(1_000),
  checks: limitsSchema.prefault({}),
});

/** What a person writes. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
/** A scenario as read: every unit resolved (milliseconds, bytes, per second), every default filled in. */
export type Scenario = z.output<typeof scenarioSchema>;
export type OutsideMta = z.output<typeof outsideMta>;
export type HealTarget = z.output<typeof healTarget>;
/** One step of a timeline. */
export type TimelineStep = z.output<typeof step>;
/** The same as a person writes it, durations with their units. */
export type TimelineStepInput = z.input<typeof step>;
