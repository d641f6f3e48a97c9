import type { Series } from './series.js';

/** A run's course as it is laid over another one's. */
export interface Course {
  readonly series: Series;
  /** When the first fault was injected; null for a run without one. */
  readonly injectedAt: number | null;
}

/** One figure of two runs, span by span, so that both begin to be broken at the same place. */
interface Overlay {
  readonly id: string;
  readonly title: string;
  readonly before: readonly (number | null)[];
  readonly after: readonly (number | null)[];
}

/** Two courses on one axis. */
export interface Overlays {
  readonly spanMs: number;
  readonly spans: number;
  /** Where on the axis the first injections lie. */
  readonly zeroMs: number;
  /** How far the second run was moved to the right. */
  readonly afterShiftMs: number;
  readonly panels: readonly Overlay[];
}

type Values = readonly (number | null)[];
type Merge = (one: number, other: number) => number;

const sum: Merge = (one, other) => one + other;

/** Values of finer spans as those of coarser ones, moved to the right by whole spans. */
function fitted(values: Values, ratio: number, shift: number, spans: number, merge: Merge): Values {
  const out: (number | null)[] = Array.from({ length: spans }, () => null);
  values.forEach((value, span) => {
    const at = Math.floor(span * ratio) + shift;
    if (value === null || at >= spans) return;
    const known = out[at] ?? null;
    out[at] = known === null ? value : merge(known, value);
  });
  return out;
}

/** All strands of a chart as one. */
function together(strands: Iterable<Values>, merge: Merge): Values {
  const all: (number | null)[] = [];
  for (const strand of strands) {
    strand.forEach((value, span) => {
      const known = all[span] ?? null;
      all[span] = value === null || known === null ? (value ?? known) : merge(known, value);
    });
  }
  return all;
}

const CHARTS: readonly {
  readonly id: string;
  readonly title: string;
  readonly merge: Merge;
  readonly of: (series: Series) => Values;
}[] = [
  { id: 'accepted', title: 'Messages accepted', merge: sum, of: ({ attempts }) => attempts.accepted },
  {
    id: 'queued',
    title: 'Mail waiting in queues, at the deepest',
    merge: Math.max,
    of: ({ queues }) => together(queues.values(), sum),
  },
  {
    id: 'delivered',
    title: 'Copies delivered',
    merge: sum,
    of: ({ deliveries }) => together(deliveries.values(), sum),
  },
  {
    id: 'failed',
    title: 'Operations of the storage probe that failed or were blocked',
    merge: sum,
    of: ({ probes }) =>
      together(
        [...probes.values()].map((spans) => spans.map(({ errors, blocked }) => errors + blocked)),
        sum,
      ),
  },
];

/** Lays the courses of two runs over each other, by their first injection, or by their start where one has none. */
export function overlay(before: Course, after: Course): Overlays {
  const spanMs = Math.max(before.series.spanMs, after.series.spanMs);
  const hasBoth = before.injectedAt !== null && after.injectedAt !== null;
  const at = (course: Course): number => (hasBoth ? Math.floor((course.injectedAt ?? 0) / spanMs) : 0);
  const zero = Math.max(at(before), at(after));
  const of = (course: Course) => ({
    series: course.series,
    ratio: course.series.spanMs / spanMs,
    shift: zero - at(course),
  });
  const sides = [of(before), of(after)] as const;
  const spans = Math.max(...sides.map(({ series, ratio, shift }) => Math.ceil(series.spans * ratio) + shift));
  const [was, is] = sides;
  return {
    spanMs,
    spans,
    zeroMs: zero * spanMs,
    afterShiftMs: is.shift * spanMs,
    panels: CHARTS.map((chart) => {
      const values = ({ series, ratio, shift }: typeof was): Values =>
        fitted(chart.of(series), ratio, shift, spans, chart.merge);
      return { id: chart.id, title: chart.title, before: values(was), after: values(is) };
    }),
  };
}
