import { z } from 'zod';
import { CHECK_NAMES } from '../scenario/limits.js';
import { groupSummary, sameMessagesAs } from './finding-groups.js';
import type { Judgement } from './judgement.js';

/** The version of results.json; docs/reports.md describes it. New fields do not change it. */
const RESULTS_VERSION = 1;

const count = z.number().int().min(0);
const ms = z.number();
const verdict = z.enum(['pass', 'inconclusive', 'fail']);
const msOrNull = ms.nullable();

const finding = z.strictObject({
  summary: z.string(),
  messages: z.array(z.string()),
  atMs: msOrNull,
  evidence: z.array(z.string()),
});

const check = z.strictObject({
  name: z.enum(CHECK_NAMES),
  promise: z.string(),
  verdict: z.enum([...verdict.options, 'skipped']),
  observed: z.string(),
  limit: z.string(),
  figures: z.record(z.string(), z.number()),
  reason: z.string().nullable(),
  findings: z.array(finding),
  moreFindings: count,
  /** By kind: the counts add up to all findings. `findings` are places in the list above. */
  groups: z
    .array(
      z.strictObject({
        summary: z.string(),
        what: z.string(),
        place: z.string().nullable(),
        count,
        firstAt: msOrNull,
        lastAt: msOrNull,
        findings: z.array(count),
        /** An earlier check that names exactly the same messages. */
        sameMessagesAs: z.string().nullable(),
      }),
    )
    .default([]),
});

const fate = {
  accepted: count,
  delivered: count,
  queued: count,
  bounced: count,
  lost: count,
  unaccounted: count,
};
const deviations = { duplicated: count, corrupted: count };
const deliveryTimes = z.strictObject({ messages: count, p50Ms: msOrNull, p99Ms: msOrNull, maxMs: msOrNull });

/** The shape of results.json. Times in milliseconds since the run started, unless the key says `Wall`. */
export const resultsSchema = z.strictObject({
  schemaVersion: z.literal(RESULTS_VERSION),
  run: z.string().nullable(),
  nobounce: z.string().nullable(),
  scenario: z.string().nullable(),
  title: z.string().nullable(),
  stack: z.string().nullable(),
  /** The one that the scenario names; another may have been asked for. Null in runs before 0.2. */
  scenarioStack: z.string().nullable().default(null),
  driver: z.enum(['docker', 'embedded']).nullable(),
  seed: count.nullable(),
  startedAtWall: msOrNull,
  ended: z.strictObject({
    reason: z.enum(['completed', 'interrupted', 'failed', 'cut off']),
    detail: z.string(),
    harnessFailures: z.array(z.string()),
  }),
  verdict,
  checks: z.array(check),
  /** Limits that allow more than by default, with the default in brackets. */
  loosened: z.array(z.string()).default([]),
  mail: z.strictObject({
    created: count,
    attempted: count,
    deferred: count,
    rejected: count,
    ambiguous: count,
    unsent: count,
    ...fate,
    ...deviations,
    misdelivered: count,
    attempts: count,
    acceptedInOutage: count,
    queuedInOutage: count,
  }),
  kinds: z.strictObject({ inbound: count, outbound: count, internal: count, canary: count }),
  faults: z.array(
    z.strictObject({
      name: z.string(),
      volume: z.string(),
      parameters: z.record(z.string(), z.unknown()),
      injectedAt: msOrNull,
      feltAt: msOrNull,
      healedAt: msOrNull,
      goneAt: msOrNull,
      evidence: z.string().nullable(),
      goneEvidence: z.string().nullable(),
      simulatedMs: msOrNull,
    }),
  ),
  phases: z.array(z.strictObject({ phase: z.string(), step: count, startedAt: ms, endedAt: msOrNull })),
  timings: z.strictObject({
    totalMs: ms,
    simulatedMs: ms,
    jumps: z.array(z.strictObject({ at: ms, aheadMs: ms })).default([]),
    stackReadyMs: msOrNull,
    steady: deliveryTimes,
    outage: deliveryTimes,
    queuesDrainedMs: msOrNull,
  }),
  toxiproxy: z.string().nullable(),
  versions: z.array(
    z.strictObject({ name: z.string(), image: z.string(), versions: z.record(z.string(), z.string()) }),
  ),
  mailboxes: z.array(z.strictObject({ address: z.string(), volume: z.string(), ...fate, ...deviations })),
  /** By simulated day of the run, from 1 on; `delayedByMs` in simulated time. */
  mailboxDays: z.array(
    z.strictObject({
      mailbox: z.string(),
      volume: z.string(),
      day: count,
      sent: count,
      delivered: count,
      waiting: count,
      bounced: count,
      lost: count,
      refused: count,
      unaccounted: count,
      delayedByMs: msOrNull,
    }),
  ),
  events: count,
});

export type Results = z.output<typeof resultsSchema>;

/** What results.json says of a judgement. */
export function resultsOf(judgement: Judgement): Results {
  const { run, verdict: overall, checks, mail, kinds, faults, phases, timings, toxiproxy } = judgement;
  return {
    schemaVersion: RESULTS_VERSION,
    run: run?.run ?? null,
    nobounce: run?.nobounce ?? null,
    scenario: run?.scenario.name ?? null,
    title: run?.scenario.title ?? null,
    stack: run?.stack.name ?? null,
    scenarioStack: run?.scenario.stack ?? null,
    driver: run?.driver ?? null,
    seed: run?.seed ?? null,
    startedAtWall: run?.startedAtWall ?? null,
    ended: {
      reason: run?.ended ?? 'cut off',
      detail: run?.endDetail ?? '',
      harnessFailures: [...(run?.harnessFailures ?? [])],
    },
    verdict: overall,
    checks: checks.map(({ figures, findings, groups, ...rest }) => ({
      ...rest,
      groups: groups.map((group) => ({
        summary: groupSummary(group, { findings }),
        what: group.what,
        place: group.place,
        count: group.count,
        firstAt: group.firstAt,
        lastAt: group.lastAt,
        findings: [...group.members],
        sameMessagesAs: sameMessagesAs(group, { ...rest, findings, groups }, checks),
      })),
      figures: { ...figures },
      findings: findings.map(({ messages, evidence, ...said }) => ({
        ...said,
        messages: [...messages],
        evidence: [...evidence],
      })),
    })),
    loosened: [...judgement.loosened],
    mail,
    kinds,
    faults: faults.map(({ parameters, ...life }) => ({ ...life, parameters: { ...parameters } })),
    phases: [...phases],
    timings: { ...timings, jumps: [...timings.jumps] },
    toxiproxy,
    versions: judgement.versions.map(({ versions, ...service }) => ({
      ...service,
      versions: { ...versions },
    })),
    mailboxes: [...judgement.mailboxes],
    mailboxDays: [...judgement.mailboxDays],
    events: judgement.events,
  };
}
