import type { MailboxDay } from '../../check/mailbox-days.js';
import { dayGrid } from '../day-table.js';
import { markup, type Html } from './markup.js';
import { scrollTable } from './table.js';

/** What happened to the mail sent to each mailbox, simulated day by simulated day; null for a run of one day. */
export function daysSection(days: readonly MailboxDay[]): Html | null {
  const grid = dayGrid(days);
  if (grid === null) return null;
  return markup`<section id="days">
    <h2>Day by day</h2>
    <p>
      What happened to the mail sent to each mailbox: delivered of sent on that simulated day, + the longest delay, and
      ! with how many were bounced or lost.${
        grid.more > 0 ? ` ${grid.more} mailboxes more are in mailboxes.csv.` : ''
      }${grid.moreDays > 0 ? ` ${grid.moreDays} days more are in mailboxes.csv.` : ''}
    </p>
    <div class="card">
      ${scrollTable({
        label: 'Day by day',
        kind: 'numbers',
        columns: ['Mailbox', 'Volume', ...grid.days.map((day) => `day ${String(day)}`)],
        rows: grid.rows.map(
          ({ mailbox, volume, cells }) =>
            markup`<tr>
                  <th scope="row">${mailbox}</th>
                  <td>${volume}</td>
                  ${cells.map((cell) => markup`<td>${cell}</td>`)}
                </tr>`,
        ),
      })}
    </div>
  </section>`;
}
