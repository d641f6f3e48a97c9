import type { DayAction, DayLine, DayRecord } from '../day-record.js';
import { timeOfDay } from '../act-text.js';
import { markup, type Html } from './markup.js';
import { scrollTable } from './table.js';

const KIND_WORD: Readonly<Record<DayLine['kind'], string>> = {
  act: 'act',
  refused: 'refused',
  note: 'note',
  decision: 'DECISION',
  surprise: 'SURPRISE',
  answer: 'answer',
};

/** What people did and said in a run that they led; nothing of one that nobody did. */
export function daySection(day: DayRecord | null): Html | null {
  if (day === null) return null;
  return markup`<section id="day">
    <h2>Log of the day</h2>
    ${day.aborts.map((abort) => markup`<p><strong>${abort}.</strong></p>`)}
    <div class="card">
      ${scrollTable({
        label: 'Log of the day',
        kind: 'text',
        columns: ['No.', 'Time', 'Who', 'What', 'Why', 'Kind'],
        rows: day.lines.map(
          ({ number, tMs, who, what, why, kind }) =>
            markup`<tr id="day-${number}">
                  <th scope="row">${number}</th>
                  <td>${timeOfDay(tMs)}</td>
                  <td>${who}</td>
                  <td>${what}</td>
                  <td>${why ?? ''}</td>
                  <td>${kind === 'decision' || kind === 'surprise' ? markup`<strong>${KIND_WORD[kind]}</strong>` : KIND_WORD[kind]}</td>
                </tr>`,
        ),
      })}
    </div>
    ${actionList(day.actions)}
  </section>`;
}

function actionList(actions: readonly DayAction[]): Html | null {
  return actions.length === 0
    ? null
    : markup`<h3>Actions</h3>
        <ul class="actions">
          ${actions.map(
            ({ line, whom, what }) =>
              markup`<li>
                <strong>${whom ?? 'nobody yet'}</strong>: ${what} (<a href="#day-${line}">${line}</a>)
              </li>`,
          )}
        </ul>`;
}
