import type { MessageKind } from '../history/event.js';
import type { Fold } from '../history/fold.js';
import type { MailboxRecord } from '../history/mailboxes.js';
import type { DeliveryTimes, MailboxCounts, MailCounts } from './judgement.js';
import { percentile } from './percentile.js';

type Counts<T> = { -readonly [K in keyof T]: T[K] };

export interface Tally {
  readonly mail: MailCounts;
  readonly kinds: Readonly<Record<MessageKind, number>>;
  readonly mailboxes: readonly MailboxCounts[];
  readonly steady: DeliveryTimes;
  readonly outage: DeliveryTimes;
}

/** Counts every message by outcome and fate, in all and for each mailbox, in one pass. */
export function tally({ ledger, outages, mailboxes }: Fold): Tally {
  const mail = noMail();
  const kinds: Record<MessageKind, number> = { inbound: 0, outbound: 0, internal: 0, canary: 0 };
  const perMailbox = new Map<MailboxRecord | undefined, Counts<MailboxCounts>>(
    mailboxes.all.map((mailbox) => [mailbox, noMailFor(mailbox.address, mailbox.volume)]),
  );
  const steady: number[] = [];
  const outage: number[] = [];
  for (const message of ledger.messages()) {
    kinds[message.kind] += 1;
    if (message.kind === 'canary') continue;
    mail.created += 1;
    mail.attempts += message.attempts;
    const { outcome, fate, mailbox, acceptedAt, firstCopyAt } = message;
    if (outcome !== null) {
      mail.attempted += 1;
      mail[outcome] += 1;
    }
    if (message.elsewhere > 0) mail.misdelivered += 1;
    const own = perMailbox.get(mailbox);
    for (const target of own === undefined ? [mail] : [mail, own]) {
      if (message.isDuplicated) target.duplicated += 1;
      if (message.corrupt > 0) target.corrupted += 1;
      if (fate !== 'none') target[fate] += 1;
    }
    if (acceptedAt === null) continue;
    if (own !== undefined) own.accepted += 1;
    const inOutage = outages.windowFor(message, acceptedAt) !== undefined;
    if (inOutage) {
      mail.acceptedInOutage += 1;
      if (message.has('waited')) mail.queuedInOutage += 1;
    }
    if (firstCopyAt === null) continue;
    if (inOutage) outage.push(firstCopyAt - acceptedAt);
    else if (outages.isSteadyAt(acceptedAt)) steady.push(firstCopyAt - acceptedAt);
  }
  return {
    mail,
    kinds,
    mailboxes: [...perMailbox.values()],
    steady: deliveryTimes(steady),
    outage: deliveryTimes(outage),
  };
}

function deliveryTimes(latenciesMs: number[]): DeliveryTimes {
  const sorted = Float64Array.from(latenciesMs, (ms) => Math.max(0, ms)).sort();
  return {
    messages: sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: percentile(sorted, 1),
  };
}

function noMail(): Counts<MailCounts> {
  return {
    created: 0,
    attempted: 0,
    accepted: 0,
    deferred: 0,
    rejected: 0,
    ambiguous: 0,
    unsent: 0,
    delivered: 0,
    queued: 0,
    bounced: 0,
    lost: 0,
    unaccounted: 0,
    duplicated: 0,
    corrupted: 0,
    misdelivered: 0,
    attempts: 0,
    acceptedInOutage: 0,
    queuedInOutage: 0,
  };
}

function noMailFor(address: string, volume: string): Counts<MailboxCounts> {
  return {
    address,
    volume,
    accepted: 0,
    delivered: 0,
    queued: 0,
    bounced: 0,
    lost: 0,
    unaccounted: 0,
    duplicated: 0,
    corrupted: 0,
  };
}
