import type { Fold } from '../history/fold.js';
import { formatDurationMs } from '../units/duration.js';

/** What happened to the mail sent to one mailbox on one simulated day of the run. */
export interface MailboxDay {
  readonly mailbox: string;
  readonly volume: string;
  /** The first day of the run is 1. */
  readonly day: number;
  /** Tried at least once. Of these, by the end: the rest of the counts, which add up to it. */
  readonly sent: number;
  readonly delivered: number;
  readonly waiting: number;
  readonly bounced: number;
  readonly lost: number;
  /** Never accepted: its sender knows. */
  readonly refused: number;
  readonly unaccounted: number;
  /** The longest that any of the delivered waited, from acceptance to its mailbox, in simulated time. */
  readonly delayedByMs: number | null;
}

/** The answer to "what happened to the mail sent to me?": a row for each mailbox and each day on which it was written to. */
export function mailboxDays({ ledger, time }: Fold): readonly MailboxDay[] {
  const rows = new Map<string, { -readonly [K in keyof MailboxDay]: MailboxDay[K] }>();
  for (const message of ledger.messages()) {
    const { mailbox, firstAttemptAt, acceptedAt, firstCopyAt, fate } = message;
    if (mailbox === undefined || firstAttemptAt === null) continue;
    const day = time.dayOf(firstAttemptAt);
    const key = `${mailbox.address}\n${day}`;
    let row = rows.get(key);
    if (row === undefined) {
      row = {
        mailbox: mailbox.address,
        volume: mailbox.volume,
        day,
        sent: 0,
        delivered: 0,
        waiting: 0,
        bounced: 0,
        lost: 0,
        refused: 0,
        unaccounted: 0,
        delayedByMs: null,
      };
      rows.set(key, row);
    }
    row.sent += 1;
    if (fate === 'none') row.refused += 1;
    else if (fate === 'queued') row.waiting += 1;
    else row[fate] += 1;
    if (fate !== 'delivered' || acceptedAt === null || firstCopyAt === null) continue;
    row.delayedByMs = Math.max(row.delayedByMs ?? 0, time.between(acceptedAt, firstCopyAt));
  }
  return [...rows.values()].sort(
    (a, b) => a.mailbox.localeCompare(b.mailbox, 'en', { numeric: true }) || a.day - b.day,
  );
}

const COLUMNS = [
  'mailbox',
  'volume',
  'day',
  'sent',
  'delivered',
  'delayed_by',
  'delayed_by_seconds',
  'waiting',
  'bounced',
  'lost',
  'refused',
  'unaccounted',
] as const;

/** A value that a spreadsheet shows as it is: quoted where RFC 4180 asks for it, and never read as a formula. */
function csvText(text: string): string {
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·').replace(/^([=+@\t\r-])/, "'$1");
  return /[",]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** The rows as CSV (RFC 4180). */
export function mailboxDaysCsv(days: readonly MailboxDay[]): string {
  const lines = days.map((row): string =>
    [
      csvText(row.mailbox),
      csvText(row.volume),
      row.day,
      row.sent,
      row.delivered,
      row.delayedByMs === null ? '' : formatDurationMs(row.delayedByMs),
      row.delayedByMs === null ? '' : Math.round(row.delayedByMs / 1_000),
      row.waiting,
      row.bounced,
      row.lost,
      row.refused,
      row.unaccounted,
    ].join(','),
  );
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}
