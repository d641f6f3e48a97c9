import type { FaultLife, Judgement } from '../../check/judgement.js';
import { formatDurationMs, formatMinutesMs } from '../../units/duration.js';
import type { Series } from '../series.js';
import { markup, type Html } from './markup.js';
import { colour } from './svg.js';

/** What the charts call 0. */
export type Zero = 'start' | 'injection';

/** The time axis that all panels share. Times are milliseconds of the run; what is written on it may be another. */
export interface Axis {
  readonly spanMs: number;
  readonly spans: number;
  readonly faults: readonly FaultLife[];
  /** The time that is called 0. */
  readonly zeroMs: number;
  /** Where the clocks of the services were moved: the axis tells their time, and is cut there. */
  readonly jumps: Judgement['timings']['jumps'];
}

/** The axis of a run; without an injection its zero is the start. */
export function axisOf(
  { spanMs, spans }: Pick<Series, 'spanMs' | 'spans'>,
  { faults, timings }: Pick<Judgement, 'faults' | 'timings'>,
  zero: Zero,
): Axis {
  const injections = faults.flatMap(({ injectedAt }) => injectedAt ?? []);
  const zeroMs = zero === 'injection' && injections.length > 0 ? Math.min(...injections) : 0;
  return { spanMs, spans, faults, zeroMs, jumps: timings.jumps };
}

/** The last time that is drawn. */
export const endOf = ({ spanMs, spans }: Pick<Axis, 'spanMs' | 'spans'>): number => spanMs * spans;

/** What the axis calls a time of the run: by the clocks of the services, where those were moved. */
export function timeOnAxis({ zeroMs, jumps }: Pick<Axis, 'zeroMs' | 'jumps'>, atMs: number): string {
  const simulated = (ms: number): number => ms + (jumps.findLast(({ at }) => at <= ms)?.aheadMs ?? 0);
  const sinceMs = simulated(atMs) - simulated(zeroMs);
  if (sinceMs === 0) return '0';
  // Beside days, seconds are nothing.
  return jumps.length === 0 ? formatDurationMs(sinceMs) : formatMinutesMs(sinceMs);
}

/**
 * Each chart is drawn for a desk, for a tablet and paper, and for a phone, and the style sheet shows one of them: text must
 * not shrink with the picture. At 12 it is never below 11 pixels (style.ts).
 */
export const CHART_SIZES = [
  { kind: 'wide', width: 1_080, left: 56, right: 12, ticks: 10 },
  { kind: 'medium', width: 590, left: 52, right: 10, ticks: 6 },
  { kind: 'narrow', width: 316, left: 44, right: 8, ticks: 4 },
] as const;
export type ChartSize = (typeof CHART_SIZES)[number];

export const TOP = 10;
export const BOTTOM = 24;
export const PLOT = 108;

/** Where on a chart a time of the run lies. */
export function place(
  axis: Pick<Axis, 'spanMs' | 'spans'>,
  { width, left, right }: ChartSize,
  ms: number,
): number {
  const endMs = endOf(axis);
  return Number((left + (Math.min(Math.max(0, ms), endMs) / endMs) * (width - left - right)).toFixed(1));
}

/** A round step of time that divides `totalMs` into about `ticks`. */
function tickMs(totalMs: number, ticks: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
  const days = 86_400 * Math.ceil(totalMs / 86_400_000 / ticks);
  return (steps.find((step) => totalMs / (step * 1_000) <= ticks) ?? days) * 1_000;
}

/** Stripes for what was meant to be and was not; each chart has its own, since one that is not shown lends none. */
export function hatchPattern(id: string): Html {
  return markup`<defs><pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6" fill="var(--c-ink)" fill-opacity=".45"/></pattern></defs>`;
}

/** Hatched: where a fault was injected that the storage probe never felt. */
export function unfeltFaults(id: string, axis: Axis, size: ChartSize): Html | null {
  const unfelt = axis.faults.filter(({ injectedAt, feltAt }) => injectedAt !== null && feltAt === null);
  if (unfelt.length === 0) return null;
  const pattern = `${id}-${size.kind}-hatch`;
  return markup`${hatchPattern(pattern)}${unfelt.map(({ name, volume, injectedAt, healedAt }) => {
    const from = place(axis, size, injectedAt ?? 0);
    const width = Math.max(1.5, place(axis, size, healedAt ?? endOf(axis)) - from);
    return markup`<rect x="${from}" y="${TOP}" width="${Number(width.toFixed(1))}" height="${PLOT}" fill="url(#${pattern})"
        ><title>${name} on ${volume}: injected, never felt</title></rect
      >`;
  })}`;
}

/** Where the clocks were moved: what lies on both sides of a cut is days apart. */
export function cuts(axis: Axis, size: ChartSize): Html | null {
  if (axis.jumps.length === 0) return null;
  return markup`<g class="cuts">${axis.jumps.map(({ at, aheadMs }, index) => {
    const x = place(axis, size, at);
    const byMs = aheadMs - (axis.jumps[index - 1]?.aheadMs ?? 0);
    return markup`<path d="M${x} ${TOP}v${PLOT}m-4 4l4 -8m0 8l4 -8"><title>the clocks were moved by ${formatDurationMs(byMs)}</title></path>`;
  })}</g>`;
}

/** Where the storage was broken: felt until healed, and until the probe saw it go. */
export function bands(axis: Axis): unknown {
  const endMs = endOf(axis);
  const at = (ms: number): number => ms - axis.zeroMs;
  const data = axis.faults.flatMap(({ feltAt, healedAt, goneAt }) => {
    // What nobody felt broke nothing: it is hatched, on top.
    if (feltAt === null) return [];
    const healed = healedAt ?? endMs;
    return [
      [{ xAxis: at(feltAt), itemStyle: { color: colour('fault'), opacity: 0.16 } }, { xAxis: at(healed) }],
      ...(goneAt === null || goneAt <= healed
        ? []
        : [
            [
              { xAxis: at(healed), itemStyle: { color: colour('healing'), opacity: 0.2 } },
              { xAxis: at(goneAt) },
            ],
          ]),
    ];
  });
  return { silent: true, data };
}

export const axisLabel = { color: colour('ink'), fontSize: 12 };

/** The axis as the charts' own. Its ticks are multiples of a round time from its zero on. */
export function timeAxis(axis: Axis, size: ChartSize): object {
  const endMs = endOf(axis);
  const interval = tickMs(endMs, size.ticks);
  const firstTick = Math.ceil(-axis.zeroMs / interval);
  const lastTick = Math.ceil((endMs - axis.zeroMs) / interval) - 1;
  // From the zero on, not from the left end: both may be cut through.
  const customValues = Array.from(
    { length: lastTick - firstTick + 1 },
    (_, tick) => (firstTick + tick) * interval,
  );
  return {
    type: 'value',
    min: -axis.zeroMs,
    max: endMs - axis.zeroMs,
    axisLabel: {
      ...axisLabel,
      customValues,
      formatter: (ms: number) => timeOnAxis(axis, ms + axis.zeroMs),
    },
    axisLine: { lineStyle: { color: colour('line') } },
    axisTick: { customValues, lineStyle: { color: colour('line') } },
    splitLine: { show: false },
  };
}
