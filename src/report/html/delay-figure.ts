import { formatCount } from '../../units/number.js';
import type { DelayBin } from '../delays.js';
import { axisLabel, CHART_SIZES, type ChartSize } from './axis.js';
import { markup, type Html } from './markup.js';
import { legend, valueAxis, type Strand } from './panel.js';
import { colour, drawSvg } from './svg.js';
import { scrollTable } from './table.js';

function strandsOf(bins: readonly DelayBin[]): readonly Strand[] {
  const gone = bins.map((bin) => bin.gone);
  return [
    { name: 'storage whole', colour: 'accepted', values: bins.map(({ whole }) => whole), shape: 'bars' },
    { name: 'storage broken', colour: 'fault', values: bins.map(({ broken }) => broken), shape: 'bars' },
    ...(gone.some((count) => count > 0)
      ? [{ name: 'arrived, later gone', colour: 'ambiguous', values: gone, shape: 'bars' } as const]
      : []),
  ];
}

function option(bins: readonly DelayBin[], strands: readonly Strand[], { kind }: ChartSize) {
  return {
    grid: { left: 124, right: 40, top: 4, bottom: 24 },
    xAxis: { ...valueAxis(false), splitNumber: kind === 'narrow' ? 3 : 6 },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bins.map(({ label: bin }) => bin),
      axisLabel,
      axisLine: { lineStyle: { color: colour('line') } },
      axisTick: { show: false },
    },
    series: strands.map((strand) => ({
      type: 'bar',
      stack: 'all',
      barCategoryGap: '28%',
      itemStyle: { color: colour(strand.colour) },
      data: strand.values.map((value) => (value === 0 ? null : value)),
    })),
  };
}

/** The distribution of delivery delays: mail for a broken volume beside all other, and what was lost after it was seen. */
export function delayFigure(bins: readonly DelayBin[], isSimulated: boolean): Html {
  if (bins.length === 0) return markup`<p class="none">No accepted message was delivered.</p>`;
  const strands = strandsOf(bins);
  const total = bins.reduce((sum, { whole, broken, gone }) => sum + whole + broken + gone, 0);
  const label = `How long ${formatCount(total)} messages took to arrive. ${bins
    .map(
      ({ label: bin }, index) =>
        `${bin}: ${strands.map(({ name, values }) => `${values[index] ?? 0} ${name}`).join(', ')}.`,
    )
    .join(' ')}`;
  const height = 48 + 26 * bins.length;
  return markup`<figure id="delays">
    <figcaption>
      <p>
        Messages by the time from acceptance to the first copy in the mailbox, or outside${
          isSimulated ? ', by the clocks of the services, which were moved' : ''
        }. “Storage broken”:
        accepted while a fault was felt on the volume of the recipient’s
        mailbox.${strands.length > 2 ? ' “Arrived, later gone”: seen, and lost afterwards, which is no delivery.' : ''}
      </p>
      ${legend(strands)}
    </figcaption>
    ${CHART_SIZES.map((size) => {
      const svg = drawSvg(option(bins, strands, size), { width: size.width, height }, label);
      return markup`<div class="${size.kind}">${svg}</div>`;
    })}
    <details class="figures">
      <summary>Figures: how long mail took</summary>
      ${scrollTable({
        label: 'Figures: how long mail took',
        kind: 'numbers',
        columns: ['Delay', ...strands.map(({ name }) => name)],
        rows: bins.map(
          ({ label: bin }, index) =>
            markup`<tr>
                  <th scope="row">${bin}</th>
                  ${strands.map(({ values }) => markup`<td>${formatCount(values[index] ?? 0)}</td>`)}
                </tr>`,
        ),
      })}
    </details>
  </figure>`;
}
