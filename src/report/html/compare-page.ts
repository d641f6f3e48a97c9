import { formatCount } from '../../units/number.js';
import { formatDurationMs } from '../../units/duration.js';
import { comparisonSentence, figureText, type Comparison } from '../compare.js';
import { overlay, type Course } from '../overlay.js';
import { markup, type Html } from './markup.js';
import { renderPage } from './page.js';
import { panelFigure } from './panel.js';

/** What a page of two runs shows beside their figures. */
export interface Compared {
  readonly comparison: Comparison;
  /** The pages of both runs, relative to this one; null where there is none. */
  readonly links: { readonly before: string | null; readonly after: string | null };
  readonly courses: { readonly before: Course; readonly after: Course };
}

type Change = 'better' | 'same' | 'worse';

interface Row {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly change: Change;
}

const changeTag = (change: Change): Html => {
  const kind = { better: 'pass', same: 'skipped', worse: 'fail' }[change];
  return markup`<span class="tag is-${kind}">${change}</span>`;
};

/** Two runs side by side as a page. */
export function renderComparePage({ comparison, links, courses }: Compared): string {
  const { before, after, notComparable, caveats, verdict, checks, figures, isWorse } = comparison;
  const verdicts = [verdict, ...checks].map(({ name, before: was, after: is, change }): Row => {
    return { name, before: was ?? '–', after: is ?? '–', change };
  });
  const told = figures.map(({ name, unit, before: was, after: is, change }): Row => {
    return { name, before: figureText(was, unit), after: figureText(is, unit), change };
  });
  const run = (link: string | null, text: string): Html =>
    link === null ? markup`${text}` : markup`<a href="${link}">${text}</a>`;
  return renderPage({
    title: comparisonSentence(comparison),
    about: 'two runs compared',
    when: '',
    verdict: notComparable !== null ? 'inconclusive' : isWorse ? 'fail' : 'pass',
    verdictWord: notComparable !== null ? 'Not comparable' : isWorse ? 'Worse' : 'Not worse',
    headline: comparisonSentence(comparison),
    head: markup`<p class="lede">
        Before: ${run(links.before, before.dir)}, ${before.scenario ?? '?'} on ${before.stack ?? '?'}. After:
        ${run(links.after, after.dir)}, ${after.scenario ?? '?'} on ${after.stack ?? '?'}.
      </p>
      ${caveats.map((caveat) => markup`<p class="alarm">${caveat}</p>`)}`,
    contents: [
      ['verdicts', 'Verdicts'],
      ['figures', 'Figures'],
      ['course', 'One over the other'],
    ],
    body: markup`${section('verdicts', 'Verdicts', verdicts)} ${section('figures', 'Figures', told)}
    ${overlaySection(courses)}`,
    foot: 'nobounce compare',
  });
}

/** What differs, and folded behind it what is the same. */
function section(id: string, title: string, rows: readonly Row[]): Html {
  const isSame = ({ before, after }: Row): boolean => before === after;
  const [same, other] = [rows.filter(isSame), rows.filter((row) => !isSame(row))];
  return markup`<section id="${id}">
    <h2>${title}</h2>
    ${other.length === 0 ? markup`<p>Nothing differs.</p>` : markup`<div class="card">${changes(other)}</div>`}
    ${
      same.length === 0
        ? null
        : markup`<details>
            <summary>${formatCount(same.length)} are the same</summary>
            <div class="card">${changes(same)}</div>
          </details>`
    }
  </section>`;
}

function changes(rows: readonly Row[]): Html {
  return markup`<table class="checks">
    <thead>
      <tr>
        <th scope="col">Change</th>
        <th scope="col">What</th>
        <th scope="col">Before</th>
        <th scope="col">After</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, before, after, change }) =>
          markup`<tr>
            <td>${changeTag(change)}</td>
            <th scope="row">${name}</th>
            <td data-name="Before">${before}</td>
            <td data-name="After">${after}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const DASHED = [5, 4] as const;

function overlaySection({ before, after }: Compared['courses']): Html {
  const { spanMs, spans, zeroMs, panels } = overlay(before, after);
  const axis = { spanMs, spans, zeroMs, faults: [], jumps: [] };
  const from = zeroMs > 0 ? ' 0 is the first injection of both.' : '';
  return markup`<section id="course">
    <h2>One over the other</h2>
    <p>
      Both runs on one axis, in spans of
      ${formatDurationMs(spanMs)}.${from}
    </p>
    ${panels.map(({ id, title, before: was, after: is }) =>
      panelFigure(
        {
          id,
          title,
          about: `In each span of ${formatDurationMs(spanMs)}.`,
          strands: [
            { name: 'before', colour: 'v6', values: was, shape: 'line', dash: DASHED },
            { name: 'after', colour: 'v3', values: is, shape: 'line', dash: [1, 0] },
          ],
        },
        axis,
      ),
    )}
  </section>`;
}
