import { CHART_SIZES, place, type ChartSize } from '../report/html/axis.js';
import { markup, type Html } from '../report/html/markup.js';
import { renderPage, wallTime } from '../report/html/page.js';
import { scrollTable } from '../report/html/table.js';
import { formatDurationMs } from '../units/duration.js';
import { HORIZON_STREAMS, type Horizon } from './horizon.js';
import { configuredFor, spanText, warningText } from './text.js';

const ROW = 34;
const BAR = 16;

/** What was found, as a page. @param atWall when it was measured, in epoch milliseconds. */
export function renderHorizonPage(horizon: Horizon, version: string, atWall: number): string {
  const { title, fault, stepMs, reachedMs } = horizon;
  return renderPage({
    title: `horizon: ${title} under ${fault}`,
    about: 'how long until mail bounces',
    when: wallTime(atWall),
    verdict: 'pass',
    verdictWord: 'Measured',
    headline: headline(horizon),
    head: markup`<p class="lede">
      ${title}, broken by ${fault} for up to ${formatDurationMs(reachedMs)} by the clocks of its services, and looked
      at every ${formatDurationMs(stepMs)}. ${warningText(horizon)}
    </p>`,
    body: markup`<section id="streams">
      <h2>What waits, and until when</h2>
      <p>
        Inbound mail waits for a mailbox on the broken volume, outbound mail for a destination that is down as well,
        bounces for a mailbox on the broken volume. Yellow: it waits. Red: it is given up. Between them lies one step.
      </p>
      <figure id="spans">
        ${CHART_SIZES.map((size) => markup`<div class="${size.kind}">${drawing(horizon, size)}</div>`)} ${table(horizon)}
      </figure>
    </section>`,
    foot: `nobounce ${version} · horizon.json says the same for machines`,
  });
}

function headline({ streams, reachedMs }: Horizon): string {
  const bounces = HORIZON_STREAMS.flatMap((stream) => streams[stream].firstBounce ?? []);
  if (bounces.length === 0) return `Nothing bounced in an outage of ${formatDurationMs(reachedMs)}.`;
  const first = bounces.reduce((one, other) => (other.byMs < one.byMs ? other : one));
  return `The first message bounces in an outage of ${formatDurationMs(first.survivedMs)} to ${formatDurationMs(first.byMs)}.`;
}

function drawing({ streams, reachedMs }: Horizon, size: ChartSize): Html {
  const x = (ms: number): number => place({ spanMs: 1, spans: Math.max(1, reachedMs) }, size, ms);
  const bar = (kind: string, from: number, to: number, y: number): Html =>
    markup`<rect class="${kind}" fill="currentColor" x="${x(from)}" y="${y}" width="${Number((x(to) - x(from)).toFixed(1))}" height="${BAR}"></rect>`;
  const rows = HORIZON_STREAMS.map((stream, row) => {
    const { firstBounce } = streams[stream];
    const y = row * ROW + 16;
    return markup`<text x="${size.left}" y="${y - 4}">${stream}, first bounce: ${spanText(firstBounce, reachedMs)}</text>
      ${bar('c-deferred', 0, firstBounce?.survivedMs ?? reachedMs, y)}
      ${firstBounce === null ? null : bar('c-rejected', firstBounce.byMs, reachedMs, y)}`;
  });
  const label = HORIZON_STREAMS.map(
    (stream) => `${stream}: first bounce ${spanText(streams[stream].firstBounce, reachedMs)}.`,
  ).join(' ');
  return markup`<svg class="chart strip" role="img" aria-label="${label}" viewBox="0 0 ${size.width} ${HORIZON_STREAMS.length * ROW + 4}" xmlns="http://www.w3.org/2000/svg">${rows}</svg>`;
}

function table(horizon: Horizon): Html {
  const { streams, reachedMs } = horizon;
  return scrollTable({
    label: 'What happened first, and when',
    kind: 'text',
    columns: ['Mail', 'Configured', 'First sender told', 'First bounce', 'First loss'],
    rows: HORIZON_STREAMS.map((stream) => {
      const { firstWarning, firstBounce, firstLoss } = streams[stream];
      return markup`<tr>
        <th scope="row">${stream}</th>
        <td>${configuredFor(horizon, stream)}</td>
        ${[firstWarning, firstBounce, firstLoss].map((span) => markup`<td>${spanText(span, reachedMs)}</td>`)}
      </tr>`;
    }),
  });
}
