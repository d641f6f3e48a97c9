import type { Course } from '../history/course.js';
import type { Ledger } from '../history/ledger.js';
import { partsOfId } from '../scenario/message-id.js';
import { plannedMessage, type MailPlan } from '../scenario/schedule.js';
import type { RecordedScenario } from './recorded-scenario.js';

/** So many messages are looked at: another seed shows in the first ones. */
const LOOKED_AT = 1_000;
/** A correspondent whom the seed has chosen. */
const CHOSEN = /^c\d+\+/;

/** Inbound mail from another correspondent than the seed chooses: the run had another seed than it says, or other mail. */
export function* seedDoubts(
  { inboundSize, mailboxes }: RecordedScenario,
  { started }: Course,
  ledger: Ledger,
): Generator<string> {
  if (started === null || inboundSize === null) return;
  const plan: MailPlan = { scenario: { traffic: { inbound: { size: inboundSize } } }, mailboxes };
  let looked = 0;
  for (const { id, kind, from } of ledger.messages()) {
    const parts = partsOfId(id);
    if (kind !== 'inbound' || parts === null || !CHOSEN.test(from)) continue;
    const planned = plannedMessage(plan, parts.run, started.seed, kind, parts.index).from;
    if (planned !== from) {
      yield `${id} came from ${from}, and the seed ${started.seed} gives ${planned}: another seed, or other mail`;
      return;
    }
    looked += 1;
    if (looked === LOOKED_AT) return;
  }
}
