import type { MailboxDay } from '../check/mailbox-days.js';

const HOUR_MS = 3_600_000;
const MAILBOXES_SHOWN = 20;

/** `4d8h`; what is shorter than an hour is no delay worth a column. */
function shortDelay(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  const [days, rest] = [Math.floor(hours / 24), hours % 24];
  return `${days > 0 ? `${days}d` : ''}${rest > 0 ? `${rest}h` : ''}`;
}

function cell(row: MailboxDay | undefined): string {
  if (row === undefined) return '–';
  const delay = row.delayedByMs === null ? '' : shortDelay(row.delayedByMs);
  const gone = row.bounced + row.lost > 0 ? `!${row.bounced + row.lost}` : '';
  return [`${row.delivered}/${row.sent}`, delay === '' ? '' : `+${delay}`, gone]
    .filter((part) => part !== '')
    .join(' ');
}

/**
 * "What happened to the mail sent to me?": a line a mailbox, a column a simulated day, delivered/sent with the longest
 * delay, and `!` with how many bounced or were lost. Nothing for a run of one day.
 */
export function dayTable(days: readonly MailboxDay[]): readonly string[] {
  const last = Math.max(0, ...days.map(({ day }) => day));
  if (last < 2) return [];
  const columns = Array.from({ length: last }, (_, index) => index + 1);
  const mailboxes = [...new Set(days.map(({ mailbox }) => mailbox))];
  const rows = mailboxes.slice(0, MAILBOXES_SHOWN).map((mailbox) => {
    const own = days.filter((row) => row.mailbox === mailbox);
    return [
      `${mailbox} (${own[0]?.volume ?? '?'})`,
      ...columns.map((day) => cell(own.find((row) => row.day === day))),
    ];
  });
  const head = ['mail by day: delivered/sent', ...columns.map((day) => `day ${day}`)];
  const widths = head.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [head, ...rows].map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = mailboxes.length - MAILBOXES_SHOWN;
  return more > 0 ? [...lines, `and ${more} mailboxes more in mailboxes.csv`] : lines;
}
