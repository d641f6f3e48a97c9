import { z } from 'zod';
import { durationMs } from '../units/fields.js';

/**
 * What each check allows, with its default. A scenario states only what differs. `skip` takes a reason,
 * which every report shows: a check is never left out silently.
 */
function limits<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject({
    skip: z.string().min(10, 'say why in at least ten characters').optional(),
    ...shape,
  });
}

/** What a check that says whether the run can be judged at all allows: it cannot be skipped. */
function frame<S extends z.ZodRawShape>(shape: S) {
  const error = 'this check says whether the run can be judged at all: it cannot be skipped';
  return z.strictObject({ skip: z.never({ error }).optional(), ...shape });
}

/** More findings than this are no allowance but no check at all. */
const MOST_FINDINGS = 10_000;
const count = z.number().int().min(0).max(MOST_FINDINGS);

const LIMIT_SCHEMAS = {
  'no-bounce': limits({ max: count.default(0) }),
  'no-reject': limits({ max: count.default(0) }),
  'no-loss': limits({ max: count.default(0) }),
  'no-duplicates': limits({ max: count.default(0) }),
  'no-corruption': limits({ max: count.default(0) }),
  'no-ghosts': limits({ max: count.default(0) }),
  /** `delayed`: how long mail may take under a fault that only slows before it counts as having waited. */
  'queued-during-outage': limits({ min: count.default(1), delayed: durationMs.default(5_000) }),
  'delivered-after-recovery': limits({ within: durationMs.default(60_000) }),
  'mailbox-intact': limits({}),
  'outbound-flows': limits({ within: durationMs.default(10_000) }),
  'honest-login': limits({ deadline: durationMs.default(30_000) }),
  /** Latency may grow to `factor` × steady + `slack`; the share of good visits may fall to `success` × steady. */
  'blast-radius': limits({
    factor: z.number().min(1).max(1_000).default(5),
    slack: durationMs.default(2_000),
    success: z
      .number()
      .min(0.01, 'this allows that nothing can be read: to leave the check out, skip it')
      .max(1)
      .default(0.95),
    samples: z.number().int().min(1).default(5),
    /** So many visits of readers must be there on either side; of fewer than `samples` in the outage a difference is a doubt. */
    visits: z.number().int().min(1).default(2),
  }),
  'queue-drains': limits({ within: durationMs.default(60_000), attemptsPerMessage: count.default(100) }),
  'no-backscatter': limits({ max: count.default(0) }),
  'no-crash': limits({}),
  /** `margin`: by how much the queues' lifetimes must exceed the outage and the drain, in simulated time. */
  'lifetime-margin': limits({ margin: durationMs.default(0) }),
  /** `after`: how long mail may wait, in simulated time, before its sender must have been told. */
  'sender-told': limits({ after: durationMs.default(14_400_000) }),
  'fault-felt': frame({ within: durationMs.default(20_000) }),
  'fault-gone': frame({ within: durationMs.default(30_000) }),
  'self-check': frame({}),
  /** `maxJump`: by how much the machine's clock may move against the monotonic one between two events. */
  'sound-history': frame({ maxJump: durationMs.default(5_000) }),
} as const;

export type CheckName = keyof typeof LIMIT_SCHEMAS;
export type Limits = { readonly [N in CheckName]: z.output<(typeof LIMIT_SCHEMAS)[N]> };

export const CHECK_NAMES: readonly CheckName[] = z.keyof(z.object(LIMIT_SCHEMAS)).options;

/** Checks that say whether a run can be judged at all. */
export const UNSKIPPABLE: readonly CheckName[] = ['fault-felt', 'fault-gone', 'self-check', 'sound-history'];

/** Every check with its limits; a check that the scenario does not name has its defaults. */
export const limitsSchema = z.strictObject({
  'no-bounce': LIMIT_SCHEMAS['no-bounce'].prefault({}),
  'no-reject': LIMIT_SCHEMAS['no-reject'].prefault({}),
  'no-loss': LIMIT_SCHEMAS['no-loss'].prefault({}),
  'no-duplicates': LIMIT_SCHEMAS['no-duplicates'].prefault({}),
  'no-corruption': LIMIT_SCHEMAS['no-corruption'].prefault({}),
  'no-ghosts': LIMIT_SCHEMAS['no-ghosts'].prefault({}),
  'queued-during-outage': LIMIT_SCHEMAS['queued-during-outage'].prefault({}),
  'delivered-after-recovery': LIMIT_SCHEMAS['delivered-after-recovery'].prefault({}),
  'mailbox-intact': LIMIT_SCHEMAS['mailbox-intact'].prefault({}),
  'outbound-flows': LIMIT_SCHEMAS['outbound-flows'].prefault({}),
  'honest-login': LIMIT_SCHEMAS['honest-login'].prefault({}),
  'blast-radius': LIMIT_SCHEMAS['blast-radius'].prefault({}),
  'queue-drains': LIMIT_SCHEMAS['queue-drains'].prefault({}),
  'no-backscatter': LIMIT_SCHEMAS['no-backscatter'].prefault({}),
  'no-crash': LIMIT_SCHEMAS['no-crash'].prefault({}),
  'lifetime-margin': LIMIT_SCHEMAS['lifetime-margin'].prefault({}),
  'sender-told': LIMIT_SCHEMAS['sender-told'].prefault({}),
  'fault-felt': LIMIT_SCHEMAS['fault-felt'].prefault({}),
  'fault-gone': LIMIT_SCHEMAS['fault-gone'].prefault({}),
  'self-check': LIMIT_SCHEMAS['self-check'].prefault({}),
  'sound-history': LIMIT_SCHEMAS['sound-history'].prefault({}),
});
