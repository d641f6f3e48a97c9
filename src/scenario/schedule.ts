import { KIND_LETTER, messageId } from './message-id.js';
import type { PlannedMailbox } from './mailboxes.js';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { SizeRange } from '../units/size.js';
import type { Plan } from './plan.js';

/** The domain of the correspondents and of everybody outside. */
const OUTSIDE_DOMAIN = 'outside.test';

export const STREAMS = ['inbound', 'outbound', 'internal'] as const;
/** A stream of planned mail; see the traffic section of docs/scenario.md. */
export type Stream = (typeof STREAMS)[number];

/** One message of a stream, decided by the seed alone: the same seed gives the same mail. */
export interface PlannedMessage {
  /** `RUN-i000012`; unique in the run, and tells two runs apart. */
  readonly id: string;
  readonly kind: Stream | 'canary';
  readonly from: string;
  readonly to: string;
  /** Of the body, about. */
  readonly sizeBytes: number;
  /** Seeds the content. */
  readonly contentSeed: number;
}

const CORRESPONDENTS = 20;
const DEFAULT_SIZE: SizeRange = { minBytes: 2_048, maxBytes: 2_048 };

/** Mixes run seed, kind and index into a generator's seed (Fibonacci hashing, so that neighbours differ). */
function mix(seed: number, letter: string, index: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ letter.charCodeAt(0);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) ^ index;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** The size of the largest message that a scenario may send. */
export function largestMessageBytes({ scenario: { traffic } }: Plan): number {
  return Math.max(...STREAMS.map((stream) => (traffic[stream]?.size ?? DEFAULT_SIZE).maxBytes));
}

/** What a scenario says of its mail. */
export interface MailPlan {
  readonly scenario: {
    readonly traffic: { readonly [kind in Stream]?: { readonly size: SizeRange } | undefined };
  };
  readonly mailboxes: readonly PlannedMailbox[];
}

/** The `index`-th message of a stream. Recipients take turns, so that every mailbox has its own mail. */
export function plannedMessage(
  plan: MailPlan,
  run: string,
  seed: number,
  kind: Stream,
  index: number,
): PlannedMessage {
  const id = messageId(run, kind, index);
  const contentSeed = mix(seed, KIND_LETTER[kind], index);
  const random = xoroshiro128plus(contentSeed);
  const size = plan.scenario.traffic[kind]?.size ?? DEFAULT_SIZE;
  const sizeBytes = uniformInt(random, size.minBytes, size.maxBytes);
  const { mailboxes } = plan;
  const owner = mailboxes[index % mailboxes.length]?.address ?? '';
  if (kind === 'inbound') {
    const correspondent = uniformInt(random, 1, CORRESPONDENTS);
    return {
      id,
      kind,
      from: `c${String(correspondent)}+${id}@${OUTSIDE_DOMAIN}`,
      to: owner,
      sizeBytes,
      contentSeed,
    };
  }
  if (kind === 'outbound') {
    return { id, kind, from: owner, to: `friend+${id}@${OUTSIDE_DOMAIN}`, sizeBytes, contentSeed };
  }
  const offset = mailboxes.length > 1 ? uniformInt(random, 1, mailboxes.length - 1) : 0;
  const other = mailboxes[(index + offset) % mailboxes.length]?.address ?? owner;
  return { id, kind, from: owner, to: other, sizeBytes, contentSeed };
}

/** A message to a recipient who does not exist: the run must be able to see a rejection. */
export function canaryMessage(plan: Plan, run: string, seed: number, index: number): PlannedMessage {
  const domain = plan.scenario.domains[index % plan.scenario.domains.length]?.name ?? '';
  const id = messageId(run, 'canary', index);
  const contentSeed = mix(seed, KIND_LETTER.canary, index);
  const from = `c1+${id}@${OUTSIDE_DOMAIN}`;
  return { id, kind: 'canary', from, to: `nobody-${String(index)}@${domain}`, sizeBytes: 512, contentSeed };
}
