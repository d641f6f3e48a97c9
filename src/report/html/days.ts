import type { MailboxDay } from '../../check/mailbox-days.js';
import { dayGrid } from '../day-table.js';
import { markup, type Html } from './markup.js';

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
      }
    </p>
    <div class="card">
      <div class="scroll" tabindex="0" role="region" aria-label="Day by day">
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">Mailbox</th>
              <th scope="col">Volume</th>
              ${grid.days.map((day) => markup`<th scope="col">day ${day}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${grid.rows.map(
              ({ mailbox, volume, cells }) =>
                markup`<tr>
                  <th scope="row">${mailbox}</th>
                  <td>${volume}</td>
                  ${cells.map((cell) => markup`<td>${cell}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </div>
  </section>`;
}
