import type { FaultLife } from '../../check/judgement.js';
import { formatDurationMs } from '../../units/duration.js';
import { formatCount } from '../../units/number.js';
import type { DelayBin } from '../delays.js';
import type { Html } from './markup.js';
import { markup } from './markup.js';
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
}

export interface Panel {
  readonly id: string;
  readonly title: string;
  /** What the figures are, in one sentence; it says the unit. */
  readonly about: string;
  readonly strands: readonly Strand[];
  /** A logarithmic axis of milliseconds, for what spans microseconds to minutes. */
  readonly isLogMs?: boolean;
}

/** The time axis that all panels share. */
export interface Axis {
  readonly spanMs: number;
  readonly spans: number;
  readonly faults: readonly FaultLife[];
}

/**
 * Each chart is drawn once for a desk and for paper, once for a phone, and the style sheet shows one of them: text must
 * not shrink with the picture.
 */
export const CHART_SIZES = [
  { kind: 'wide', width: 1_080, left: 56, right: 12, ticks: 10 },
  { kind: 'narrow', width: 360, left: 44, right: 8, ticks: 4 },
] as const;
export type ChartSize = (typeof CHART_SIZES)[number];

const TOP = 10;
const BOTTOM = 24;
const PLOT = 108;
const FLOOR_MS = 0.1;

const seconds = (ms: number): string => (ms === 0 ? '0' : formatDurationMs(ms));

/** A round step of time that divides `totalMs` into about `ticks`. */
function tickMs(totalMs: number, ticks: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
  const days = 86_400 * Math.ceil(totalMs / 86_400_000 / ticks);
  return (steps.find((step) => totalMs / (step * 1_000) <= ticks) ?? days) * 1_000;
}

/** Hatched: where a fault was injected that the storage probe never felt. */
function hatched(id: string, { spanMs, spans, faults }: Axis, size: ChartSize): Html | null {
  const unfelt = faults.filter(({ injectedAt, feltAt }) => injectedAt !== null && feltAt === null);
  if (unfelt.length === 0) return null;
  const endMs = spanMs * spans;
  const x = (ms: number): number =>
    Number((size.left + (Math.min(ms, endMs) / endMs) * (size.width - size.left - size.right)).toFixed(1));
  const pattern = `${id}-${size.kind}-hatch`;
  return markup`${hatchPattern(pattern)}${unfelt.map(({ name, volume, injectedAt, healedAt }) => {
    const from = x(injectedAt ?? 0);
    const width = Math.max(1.5, x(healedAt ?? endMs) - from);
    return markup`<rect x="${from}" y="${TOP}" width="${Number(width.toFixed(1))}" height="${PLOT}" fill="url(#${pattern})"
        ><title>${name} on ${volume}: injected, never felt</title></rect
      >`;
  })}`;
}

/** Stripes for what was meant to be and was not; each chart has its own, since one that is not shown lends none. */
export function hatchPattern(id: string): Html {
  return markup`<defs><pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6" fill="var(--c-ink)" fill-opacity=".45"/></pattern></defs>`;
}

/** Where the storage was broken: felt until healed, and until the probe saw it go. */
function bands(faults: readonly FaultLife[], endMs: number): unknown {
  const data = faults.flatMap(({ injectedAt, feltAt, healedAt, goneAt }) => {
    const from = feltAt ?? injectedAt;
    // What nobody felt broke nothing: it is hatched, on top.
    if (from === null || feltAt === null) return [];
    const healed = healedAt ?? endMs;
    return [
      [{ xAxis: from, itemStyle: { color: colour('fault'), opacity: 0.16 } }, { xAxis: healed }],
      ...(goneAt === null || goneAt <= healed
        ? []
        : [[{ xAxis: healed, itemStyle: { color: colour('healing'), opacity: 0.2 } }, { xAxis: goneAt }]]),
    ];
  });
  return { silent: true, data };
}

const axisText = { color: colour('ink'), fontSize: 12 };

function valueAxis(isLogMs: boolean): object {
  return {
    ...(isLogMs
      ? { type: 'log', min: FLOOR_MS, axisLabel: { ...axisText, formatter: (ms: number) => shortMs(ms) } }
      : { type: 'value', min: 0, minInterval: 1, splitNumber: 3, axisLabel: axisText }),
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour('line') } },
  };
}

function shortMs(ms: number): string {
  return ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`;
}

function option(panel: Panel, axis: Axis, size: ChartSize): Record<string, unknown> {
  const endMs = axis.spanMs * axis.spans;
  const isLogMs = panel.isLogMs === true;
  const atLeast = (value: number | null): number | null =>
    value === null || !isLogMs ? value : Math.max(FLOOR_MS, value);
  return {
    grid: { left: size.left, right: size.right, top: TOP, bottom: BOTTOM },
    xAxis: [
      {
        type: 'value',
        min: 0,
        max: endMs,
        interval: tickMs(endMs, size.ticks),
        axisLabel: { ...axisText, formatter: seconds, showMaxLabel: false },
        axisLine: { lineStyle: { color: colour('line') } },
        axisTick: { lineStyle: { color: colour('line') } },
        splitLine: { show: false },
      },
      { type: 'category', show: false, data: Array.from({ length: axis.spans }, (_, span) => span) },
    ],
    yAxis: valueAxis(isLogMs),
    series: [
      { type: 'line', xAxisIndex: 0, data: [], markArea: bands(axis.faults, endMs) },
      ...panel.strands.map((strand) =>
        strand.shape === 'bars'
          ? {
              type: 'bar',
              xAxisIndex: 1,
              stack: 'all',
              barCategoryGap: axis.spans > 120 ? '0%' : '14%',
              itemStyle: { color: colour(strand.colour) },
              data: strand.values.map((value) => (value === 0 ? null : value)),
            }
          : {
              type: 'line',
              xAxisIndex: 0,
              showSymbol: false,
              connectNulls: true,
              lineStyle: { color: colour(strand.colour), width: 1.75 },
              data: strand.values.map((value, span) => [(span + 0.5) * axis.spanMs, atLeast(value)]),
            },
      ),
    ],
  };
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
            ${seconds(span * axis.spanMs)} – ${seconds((span + 1) * axis.spanMs)}: ${told.join(', ')}
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
      const overlay = markup`${hatched(panel.id, axis, size)}${titles}`;
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
                    <th scope="row">${seconds(span * axis.spanMs)}</th>
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

function legend(strands: readonly Strand[]): Html {
  return markup`<ul class="legend">
    ${strands.map(
      ({ name, legend: told, colour: of, shape }) =>
        markup`<li><span class="key ${shape} c-${of}" aria-hidden="true"></span>${told ?? name}</li>`,
    )}
  </ul>`;
}

/** The distribution of delivery delays: mail for a broken volume beside all other. */
export function delayFigure(bins: readonly DelayBin[], isSimulated: boolean): Html {
  if (bins.length === 0) return markup`<p class="none">No accepted message was delivered.</p>`;
  const strands: readonly Strand[] = [
    { name: 'storage whole', colour: 'accepted', values: bins.map(({ whole }) => whole), shape: 'bars' },
    { name: 'storage broken', colour: 'fault', values: bins.map(({ broken }) => broken), shape: 'bars' },
  ];
  const total = bins.reduce((sum, { whole, broken }) => sum + whole + broken, 0);
  const label = `How long ${formatCount(total)} delivered messages took. ${bins
    .map(
      ({ label: bin, whole, broken }) =>
        `${bin}: ${whole} with whole storage, ${broken} with broken storage.`,
    )
    .join(' ')}`;
  const height = 48 + 26 * bins.length;
  return markup`<figure id="delays">
    <figcaption>
      <p>
        Messages by the time from acceptance to the first copy in the mailbox, or outside${
          isSimulated ? ', by the clocks of the services, which were moved' : ''
        }. “Storage broken”:
        accepted while a fault was felt on the volume of the recipient’s mailbox.
      </p>
      ${legend(strands)}
    </figcaption>
    ${CHART_SIZES.map(({ kind, width }) => {
      const svg = drawSvg(
        {
          grid: { left: 124, right: 40, top: 4, bottom: 24 },
          xAxis: { ...valueAxis(false), splitNumber: kind === 'wide' ? 6 : 3 },
          yAxis: {
            type: 'category',
            inverse: true,
            data: bins.map(({ label: bin }) => bin),
            axisLabel: axisText,
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
        },
        { width, height },
        label,
      );
      return markup`<div class="${kind}">${svg}</div>`;
    })}
    <details class="figures">
      <summary>Figures: how long mail took</summary>
      ${scrollTable({
        label: 'Figures: how long mail took',
        kind: 'numbers',
        columns: ['Delay', ...strands.map(({ name }) => name)],
        rows: bins.map(
          ({ label: bin, whole, broken }) =>
            markup`<tr>
                  <th scope="row">${bin}</th>
                  <td>${formatCount(whole)}</td>
                  <td>${formatCount(broken)}</td>
                </tr>`,
        ),
      })}
    </details>
  </figure>`;
}
