/** Why a surviving mutant may survive: the same program, or a difference that nobody can see. */
interface Reason {
  readonly why: string;
  /** The end of the file's name, what the changed code contains, and, where it matters, what it was changed to. */
  readonly where: readonly (readonly [file: string, code: string, change?: string])[];
}

export const REASONS: readonly Reason[] = [
  {
    why: '**A `null` that cannot be there, or that changes nothing.** The type allows it at this place and the compiler asks for the guard. Without it, JavaScript takes `null` for 0, and the greatest of a time before the heal and 0 is 0 as before.',
    where: [
      ['check/delivered-after-recovery.ts', 'foundAt !== null'],
      ['check/no-loss.ts', 'firstCopyAt !== null'],
      ['check/outbound-flows.ts', 'firstCopyAt !== null'],
      ['check/queue-drains.ts', 'queue.drainedAt === null'],
      ['check/mailbox-days.ts', 'acceptedAt === null'],
      ['check/mailbox-days.ts', 'firstCopyAt === null'],
    ],
  },
  {
    why: '**A fallback that only the compiler asks for.** The index is always in range, or the key always there.',
    where: [
      ['scenario/plan.ts', "''"],
      ['scenario/schedule.ts', "''"],
      ['scenario/schedule.ts', 'mailboxes.length]?.address'],
      ['scenario/schedule.ts', 'domains.length]?.name'],
      ['history/messages.ts', "'inbound'"],
      ['history/validate.ts', "'not an event'"],
      ['history/validate.ts', 'issue === undefined'],
    ],
  },
  {
    why: '**A guard that is left to zod.** The compiled guards only save time: a schema that none of them takes is asked itself, and says the same. The vocabulary has no text and no number with other rules than those that a guard knows.',
    where: [
      ['history/validate.ts', 'schema instanceof', 'false'],
      ['history/validate.ts', 'schema instanceof z.ZodNumber', 'true'],
      ['history/validate.ts', 'schema instanceof z.ZodNumber && schema.format'],
      ['history/validate.ts', 'schema.def.checks ?? []'],
      ['history/validate.ts', "'safeint'"],
      ['history/validate.ts', 'schema.minValue === 0'],
      ['history/validate.ts', '{', '{}'],
      ['history/validate.ts', '[]'],
    ],
  },
  {
    why: '**A module that cannot be loaded.** Every test file that needs it fails, but as a file, which Stryker’s Vitest runner does not take for a failing test; a run of the tests by hand does.',
    where: [
      ['history/validate.ts', 'schema instanceof', 'true'],
      ['history/validate.ts', 'compile(schema)]'],
    ],
  },
  {
    why: '**A narrowing that only the compiler asks for.** What has no such field looks up `undefined`, and finds nothing.',
    where: [
      ['check/explain.ts', "'id' in event"],
      ['scenario/plan.ts', "target === 'all'"],
      ['scenario/plan.ts', "'all'"],
    ],
  },
  {
    why: '**An arm of a `switch` that does nothing.** The events are named so that the compiler asks what to do with a new one.',
    where: [
      ['history/fold.ts', "'stack.ready'"],
      ['history/fold.ts', "'phase.ended'"],
      ['history/fold.ts', "'fault.healing'"],
      ['history/fold.ts', "'message.abandoned'"],
      ['history/fold.ts', "'clock.read'"],
      ['history/fold.ts', "'harness.failed'"],
      ['history/fold.ts', "'run.ended'"],
      ['history/course.ts', 'default:'],
    ],
  },
  {
    why: '**Memory and time.** What is kept, and for how long, or how much is read at a time; what is said of it is the same.',
    where: [
      ['history/logins.ts', 'SLOWEST'],
      ['history/reader.ts', 'chunkSize'],
      ['history/reader.ts', 'CHUNK_BYTES'],
      ['history/ledger.ts', 'this.#table.listing.get(row) === 0'],
      ['history/ledger.ts', 'this.#table.listing.set(row, key);'],
      ['history/outages.ts', 'onTheWay.length === 0'],
      ['history/reader.ts', 'last > first'],
    ],
  },
  {
    why: '**A hash that is another one.** It only has to tell queue listings apart.',
    where: [['history/ledger.ts', 'at < text.length']],
  },
  {
    why: '**At this very value both say the same.** An operation that was given up exactly at the deadline is a finding, so that nobody asks for the doubt; a field without a name is one that nobody asks for; where there is one mailbox, every offset leads to it; a queue that was just seen for the first time is marked as seen at once.',
    where: [
      ['check/honest-login.ts', 'logins.shortestTimeoutMs >= deadlineMs'],
      ['history/dsn.ts', 'colon > 0'],
      ['scenario/schedule.ts', 'mailboxes.length > 1'],
      ['history/queues.ts', 'false', 'true'],
    ],
  },
  {
    why: '**A list that begins with a text.** It has no time that could be compared, so that it is passed over.',
    where: [
      ['history/simulated.ts', '[]'],
      ['scenario/plan.ts', '[]'],
    ],
  },
];
