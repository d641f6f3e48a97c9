import type { MailboxDay } from '../check/mailbox-days.js';

const HOUR_MS = 3_600_000;
const MAILBOXES_SHOWN = 20;
/** Columns that a page or a terminal can be asked to show. */
const DAYS_SHOWN = 60;

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

/** A line a mailbox, a column a simulated day. */
interface DayGrid {
  readonly days: readonly number[];
  readonly rows: readonly {
    readonly mailbox: string;
    readonly volume: string;
    /** Delivered/sent with the longest delay, and `!` with how many bounced or were lost. */
    readonly cells: readonly string[];
  }[];
  /** Mailboxes, and days after those shown, that are left out. */
  readonly more: number;
  readonly moreDays: number;
}

/** "What happened to the mail sent to me?" Null for a run of one day. */
export function dayGrid(all: readonly MailboxDay[]): DayGrid | null {
  const last = Math.max(0, ...all.map(({ day }) => day));
  if (last < 2) return null;
  const days = Array.from({ length: Math.min(last, DAYS_SHOWN) }, (_, index) => index + 1);
  const mailboxes = [...new Set(all.map(({ mailbox }) => mailbox))];
  const rows = mailboxes.slice(0, MAILBOXES_SHOWN).map((mailbox) => {
    const own = all.filter((row) => row.mailbox === mailbox);
    const cells = days.map((day) => cell(own.find((row) => row.day === day)));
    return { mailbox, volume: own[0]?.volume ?? '?', cells };
  });
  return {
    days,
    rows,
    more: Math.max(0, mailboxes.length - MAILBOXES_SHOWN),
    moreDays: last - days.length,
  };
}

/** The grid as lines of text; none for a run of one day. */
export function dayTable(all: readonly MailboxDay[]): readonly string[] {
  const grid = dayGrid(all);
  if (grid === null) return [];
  const head = ['mail by day: delivered/sent', ...grid.days.map((day) => `day ${day}`)];
  const rows = grid.rows.map(({ mailbox, volume, cells }) => [`${mailbox} (${volume})`, ...cells]);
  const widths = head.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [head, ...rows].map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = [
    ...(grid.more > 0 ? [`${grid.more} mailboxes`] : []),
    ...(grid.moreDays > 0 ? [`${grid.moreDays} days`] : []),
  ];
  return more.length > 0 ? [...lines, `and ${more.join(' and ')} more in mailboxes.csv`] : lines;
}
