import type { Results } from '../check/results.js';
import { table } from './columns.js';
import { figuresOf, figureText, type RunFigure } from './compare.js';
import { cleaned } from './safe-text.js';

/** A run of a trend. */
export interface TrendRun {
  readonly id: string;
  readonly results: Results;
}

/** One figure over all runs. */
interface TrendFigure extends Pick<RunFigure, 'name' | 'unit'> {
  readonly values: readonly (number | null)[];
}

/** The figures of many runs of one scenario, oldest first: those that at least one run has, and that are not always 0. */
export function trendOf(runs: readonly TrendRun[]): readonly TrendFigure[] {
  const all = runs.map(({ results }) => figuresOf(results));
  return (all[0] ?? [])
    .map(({ name, unit }, index) => ({
      name,
      unit,
      values: all.map((figures) => figures[index]?.value ?? null),
    }))
    .filter(({ values }) => values.some((value) => value !== null && value !== 0));
}

/** The trend as lines of text, a line a run. */
export function trendText(told: readonly TrendRun[]): string {
  const runs = cleaned(told);
  const figures = trendOf(runs);
  const rows = [
    ['run', 'verdict', ...figures.map(({ name }) => name)],
    ...runs.map(({ id, results }, run) => [
      id,
      results.verdict,
      ...figures.map(({ unit, values }) => figureText(values[run] ?? null, unit)),
    ]),
  ];
  return table(rows).join('\n');
}
