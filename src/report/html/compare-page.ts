import { comparisonSentence, figureText, type Comparison } from '../compare.js';
import { markup, type Html } from './markup.js';
import { renderPage } from './page.js';

const changeTag = (change: 'better' | 'same' | 'worse'): Html => {
  const kind = { better: 'pass', same: 'skipped', worse: 'fail' }[change];
  return markup`<span class="tag is-${kind}">${change}</span>`;
};

/** Two runs side by side as a page. */
export function renderComparePage(comparison: Comparison): string {
  const { before, after, caveats, verdict, checks, figures, isWorse } = comparison;
  const columns = markup`<thead>
    <tr>
      <th scope="col">Change</th>
      <th scope="col">What</th>
      <th scope="col">${before.dir}</th>
      <th scope="col">${after.dir}</th>
    </tr>
  </thead>`;
  return renderPage({
    title: comparisonSentence(comparison),
    about: 'two runs compared',
    when: '',
    verdict: isWorse ? 'fail' : 'pass',
    headline: comparisonSentence(comparison),
    head: markup`<p class="lede">
        ${before.scenario ?? '?'} on ${before.stack ?? '?'}, run ${before.run ?? '?'}, then
        ${after.scenario ?? '?'} on ${after.stack ?? '?'}, run ${after.run ?? '?'}.
      </p>
      ${caveats.map((caveat) => markup`<p class="alarm">${caveat}</p>`)}`,
    body: markup` <section id="verdicts">
        <h2>Verdicts</h2>
        <div class="card">
          <table class="checks">
            ${columns}
            <tbody>
              ${[verdict, ...checks].map(
                ({ name, before: was, after: is, change }) =>
                  markup`<tr>
                    <td>${changeTag(change)}</td>
                    <th scope="row">${name}</th>
                    <td data-name="Before">${was ?? '–'}</td>
                    <td data-name="After">${is ?? '–'}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>
      <section id="figures">
        <h2>Figures</h2>
        <div class="card">
          <table class="checks">
            ${columns}
            <tbody>
              ${figures.map(
                ({ name, unit, before: was, after: is, change }) =>
                  markup`<tr>
                    <td>${changeTag(change)}</td>
                    <th scope="row">${name}</th>
                    <td data-name="Before">${figureText(was, unit)}</td>
                    <td data-name="After">${figureText(is, unit)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>`,
    foot: 'nobounce compare',
  });
}
