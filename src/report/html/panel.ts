import { formatDurationMs } from '../../units/duration.js';
import { formatCount } from '../../units/number.js';
import {
  axisLabel,
  bands,
  BOTTOM,
  CHART_SIZES,
  cuts,
  place,
  PLOT,
  timeAxis,
  timeOnAxis,
  TOP,
  unfeltFaults,
  type Axis,
  type ChartSize,
} from './axis.js';
import { markup, type Html } from './markup.js';
import { colour, drawSvg, type Colour } from './svg.js';
import { scrollTable } from './table.js';

/** One line of a chart's legend and one column of the table behind it. */
export interface Strand {
  readonly name: string;
  readonly colour: Colour;
  /** One value a span; null where nothing was measured. */
  readonly values: readonly (number | null)[];
  readonly shape: 'bars' | 'line';
  /** What the legend says of it; its name where nothing else is given. */
  readonly legend?: string;
  /** Of a line: how long its strokes and gaps are, so that it is known without its colour. */
  readonly dash?: readonly number[] | undefined;
}

/** Spans in which a volume's storage failed, the last one not included. */
interface Failing {
  readonly name: string;
  readonly colour: Colour;
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

export interface Panel {
  readonly id: string;
  readonly title: string;
  /** What the figures are, in one sentence; it says the unit. */
  readonly about: string;
  readonly strands: readonly Strand[];
  /** A logarithmic axis of milliseconds, for what spans microseconds to minutes. */
  readonly isLogMs?: boolean;
  /** Marked at the top of the chart, and no line is drawn there. */
  readonly failing?: readonly Failing[];
}

const FLOOR_MS = 0.1;

/** The axis of values. */
export function valueAxis(isLogMs: boolean): object {
  return {
    ...(isLogMs
      ? { type: 'log', min: FLOOR_MS, axisLabel: { ...axisLabel, formatter: (ms: number) => shortMs(ms) } }
      : { type: 'value', min: 0, minInterval: 1, splitNumber: 3, axisLabel }),
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour('line') } },
  };
}

function shortMs(ms: number): string {
  return ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`;
}

function option(panel: Panel, axis: Axis, size: ChartSize): Record<string, unknown> {
  return {
    grid: { left: size.left, right: size.right, top: TOP, bottom: BOTTOM },
    xAxis: [
      timeAxis(axis, size),
      { type: 'category', show: false, data: Array.from({ length: axis.spans }, (_, span) => span) },
    ],
    yAxis: valueAxis(panel.isLogMs === true),
    series: [
      { type: 'line', xAxisIndex: 0, data: [], markArea: bands(axis) },
      ...panel.strands.map((strand) =>
        strand.shape === 'bars' ? barSeries(strand, axis) : lineSeries(strand, axis, panel),
      ),
    ],
  };
}

function barSeries(strand: Strand, { spans }: Axis): object {
  return {
    type: 'bar',
    xAxisIndex: 1,
    stack: 'all',
    barCategoryGap: spans > 120 ? '0%' : '14%',
    itemStyle: { color: colour(strand.colour) },
    data: strand.values.map((value) => (value === 0 ? null : value)),
  };
}

function lineSeries({ values, dash, colour: of }: Strand, axis: Axis, panel: Panel): object {
  const isLogMs = panel.isLogMs === true;
  const isKnown = (span: number): boolean => (values[span] ?? null) !== null;
  return {
    type: 'line',
    xAxisIndex: 0,
    showSymbol: true,
    // Where the storage fails there is no time, and a line across would be one.
    connectNulls: panel.failing === undefined,
    itemStyle: { color: colour(of) },
    lineStyle: { color: colour(of), width: 1.75, type: dash === undefined ? 'solid' : [...dash] },
    data: values.map((value, span) => ({
      value: [
        (span + 0.5) * axis.spanMs - axis.zeroMs,
        value === null || !isLogMs ? value : Math.max(FLOOR_MS, value),
      ],
      // A point that stands alone is no line.
      symbol: isKnown(span - 1) || isKnown(span + 1) ? 'none' : 'circle',
      symbolSize: 4,
    })),
  };
}

const MARK = 6;

/** Spans in which the storage of a volume failed: a mark at the top, a row a volume. */
function failures({ failing }: Panel, axis: Axis, size: ChartSize): Html | null {
  if (failing === undefined) return null;
  return markup`${failing.map(({ name, colour: of, spans }, row) =>
    spans.map(
      ({ from, to }) =>
        markup`<rect class="c-${of}" fill="currentColor" x="${place(axis, size, from * axis.spanMs)}" y="${TOP + row * (MARK + 2)}" width="${Number((place(axis, size, to * axis.spanMs) - place(axis, size, from * axis.spanMs)).toFixed(1))}" height="${MARK}"
            ><title>${name} fails</title></rect
          >`,
    ),
  )}`;
}

function figureText(value: number | null, isLogMs: boolean): string {
  if (value === null) return '–';
  return isLogMs ? formatDurationMs(value) : formatCount(Number(value.toFixed(1)));
}

/** One invisible column a span over the whole height: its title is the browser's own tooltip. */
function hover(panel: Panel, axis: Axis, size: ChartSize): Html {
  const step = (size.width - size.left - size.right) / axis.spans;
  const columns = Array.from({ length: axis.spans }, (_, span) => {
    const told = panel.strands
      .filter(({ values }) => (values[span] ?? 0) !== 0)
      .map(({ name, values }) => `${name}: ${figureText(values[span] ?? null, panel.isLogMs === true)}`);
    const x = Number((size.left + span * step).toFixed(1));
    return told.length === 0
      ? null
      : markup`<rect x="${x}" y="${TOP}" width="${Number(step.toFixed(1))}" height="${PLOT}"
          ><title>
            ${timeOnAxis(axis, span * axis.spanMs)} – ${timeOnAxis(axis, (span + 1) * axis.spanMs)}: ${told.join(', ')}
          </title></rect
        >`;
  });
  return markup`<g class="hover">${columns}</g>`;
}

/** A chart with its legend, and its figures as a table folded behind it. */
export function panelFigure(panel: Panel, axis: Axis): Html {
  const isLogMs = panel.isLogMs === true;
  const label = `${panel.title}. ${panel.about} ${panel.strands.map(summary(isLogMs)).join(' ')} Every figure is in the table below.`;
  return markup`<figure id="${panel.id}">
    <figcaption>
      <h3>${panel.title}</h3>
      <p>${panel.about}</p>
      ${legend(panel.strands)}
    </figcaption>
    ${CHART_SIZES.map((size) => {
      const titles = size.kind === 'wide' ? hover(panel, axis, size) : null;
      const marks = markup`${cuts(axis, size)}${failures(panel, axis, size)}`;
      const overlay = markup`${unfeltFaults(panel.id, axis, size)}${marks}${titles}`;
      const svg = drawSvg(
        option(panel, axis, size),
        { width: size.width, height: TOP + PLOT + BOTTOM },
        label,
        overlay,
      );
      return markup`<div class="${size.kind}">${svg}</div>`;
    })}
    <details class="figures">
      <summary>Figures: ${panel.title}</summary>
      ${scrollTable({
        label: `Figures: ${panel.title}`,
        kind: 'numbers',
        columns: ['From', ...panel.strands.map(({ name }) => name)],
        rows: Array.from({ length: axis.spans }, (_, span) =>
          panel.strands.every(({ values }) => values[span] === null || values[span] === undefined)
            ? null
            : markup`<tr>
                    <th scope="row">${timeOnAxis(axis, span * axis.spanMs)}</th>
                    ${panel.strands.map(({ values }) => markup`<td>${figureText(values[span] ?? null, isLogMs)}</td>`)}
                  </tr>`,
        ),
      })}
    </details>
  </figure>`;
}

const summary =
  (isLogMs: boolean) =>
  ({ name, values, shape }: Strand): string => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${name}: nothing measured.`;
    const most = figureText(Math.max(...known), isLogMs);
    if (shape === 'line') return `${name}: at most ${most}.`;
    return `${name}: ${figureText(
      known.reduce((sum, value) => sum + value, 0),
      isLogMs,
    )} in all.`;
  };

/** What each strand is. */
export function legend(strands: readonly Strand[]): Html {
  return markup`<ul class="legend">
    ${strands.map(
      ({ name, legend: told, colour: of, shape, dash }) =>
        markup`<li>${dash === undefined ? markup`<span class="key ${shape} c-${of}" aria-hidden="true"></span>` : dashKey(of, dash)}${told ?? name}</li>`,
    )}
  </ul>`;
}

function dashKey(of: Colour, dash: readonly number[]): Html {
  return markup`<svg class="dash c-${of}" width="28" height="4" aria-hidden="true"><path d="M0 2h28" stroke="currentColor" stroke-width="2.5" stroke-dasharray="${dash.join(' ')}" /></svg>`;
}
