import { worst } from '../../check/verdict.js';
import { formatCount } from '../../units/number.js';
import { figureText } from '../compare.js';
import { trendOf, type TrendRun } from '../trend.js';
import { axisLabel, BOTTOM, CHART_SIZES, PLOT, TOP, type ChartSize } from './axis.js';
import { markup, type Html } from './markup.js';
import { renderPage, verdictTag, wallTime } from './page.js';
import { valueAxis } from './panel.js';
import { colour, drawSvg } from './svg.js';
import { scrollTable } from './table.js';

type Figures = ReturnType<typeof trendOf>;

/** Many runs of one scenario, oldest first. @param link the page of a run, relative to this one; null where it has none. */
export function renderTrendPage(
  scenario: string,
  runs: readonly TrendRun[],
  link: (run: TrendRun) => string | null,
): string {
  const figures = trendOf(runs);
  const passed = runs.filter(({ results }) => results.verdict === 'pass').length;
  const headline = `${formatCount(passed)} of ${formatCount(runs.length)} runs of ${scenario} passed.`;
  const last = runs.at(-1)?.results.startedAtWall ?? null;
  return renderPage({
    title: `trend: ${scenario}`,
    about: `${formatCount(runs.length)} runs of ${scenario}, oldest first`,
    when: last === null ? '' : wallTime(last),
    verdict: worst(runs.map(({ results }) => results.verdict)),
    headline,
    head: markup``,
    body: markup`<section id="runs">
        <h2>Run by run</h2>
        <div class="card">${runsTable(runs, figures, link)}</div>
      </section>
      <section id="trend">
        <h2>The trend</h2>
        ${figures.map((figure, index) => figureOf(figure, index))}
      </section>`,
    foot: 'nobounce report',
  });
}

function runsTable(
  runs: readonly TrendRun[],
  figures: Figures,
  link: (run: TrendRun) => string | null,
): Html {
  return scrollTable({
    label: 'Run by run',
    kind: 'numbers',
    columns: ['Run', 'Verdict', ...figures.map(({ name }) => name)],
    rows: runs.map((run, index) => {
      const page = link(run);
      return markup`<tr>
        <th scope="row">${page === null ? run.id : markup`<a href="${page}">${run.id}</a>`}</th>
        <td>${verdictTag(run.results.verdict)}</td>
        ${figures.map(({ unit, values }) => markup`<td>${figureText(values[index] ?? null, unit)}</td>`)}
      </tr>`;
    }),
  });
}

function figureOf({ name, unit, values }: Figures[number], index: number): Html {
  const label = `${name}, run by run: ${values.map((value) => figureText(value, unit)).join(', ')}. Every figure is in the table above.`;
  return markup`<figure id="figure-${index}">
    <figcaption><h3>${name}</h3></figcaption>
    ${CHART_SIZES.map((size) => {
      const svg = drawSvg(
        option(values, unit, size),
        { width: size.width, height: TOP + PLOT + BOTTOM },
        label,
      );
      return markup`<div class="${size.kind}">${svg}</div>`;
    })}
  </figure>`;
}

function option(values: readonly (number | null)[], unit: 'count' | 'ms', size: ChartSize) {
  return {
    grid: { left: 70, right: size.right, top: TOP, bottom: BOTTOM },
    xAxis: {
      type: 'category',
      data: values.map((_, run) => String(run + 1)),
      axisLabel,
      axisLine: { lineStyle: { color: colour('line') } },
      axisTick: { show: false },
    },
    yAxis: {
      ...valueAxis(false),
      axisLabel: { ...axisLabel, formatter: (value: number) => figureText(value, unit) },
    },
    series: [
      {
        type: 'line',
        symbol: 'circle',
        symbolSize: 5,
        showAllSymbol: true,
        itemStyle: { color: colour('v3') },
        lineStyle: { color: colour('v3'), width: 1.75 },
        data: values,
      },
    ],
  };
}
