import { Storyteller, type Story } from '../check/explain.js';
import { historyIn, readHistory } from '../history/reader.js';
import { DayRecordFold, type DayRecord } from './day-record.js';
import { delayBins, type DelayBin } from './delays.js';
import type { Course } from './overlay.js';
import { outcomesOf, type Outcomes } from './outcomes.js';
import { SeriesFold, type Series } from './series.js';

/** What a page shows of a history beyond its judgement. */
export interface Observation {
  readonly series: Series;
  readonly outcomes: Outcomes;
  readonly delays: readonly DelayBin[];
  readonly stories: ReadonlyMap<string, Story>;
  /** What people did; null where nobody led the run. */
  readonly day: DayRecord | null;
}

/**
 * A run's course in time alone.
 * @throws NobounceError (`usage`) when there is no history in the folder.
 */
export async function observeCourse(dir: string): Promise<Course> {
  const fold = new SeriesFold();
  let injectedAt: number | null = null;
  for await (const events of readHistory(historyIn(dir)).batches()) {
    for (const event of events) {
      fold.see(event);
      if (event.type === 'fault.injected') injectedAt ??= event.t;
    }
  }
  return { series: fold.series(), injectedAt };
}

/**
 * Reads the history in a run's folder once more, for its course in time and the stories of some messages.
 * @throws NobounceError (`usage`) when there is none.
 */
export async function observeRun(dir: string, ids: Iterable<string>): Promise<Observation> {
  const series = new SeriesFold();
  const day = new DayRecordFold();
  const teller = new Storyteller(ids);
  for await (const events of readHistory(historyIn(dir)).batches()) {
    for (const event of events) {
      series.see(event);
      day.see(event);
      teller.see(event);
    }
  }
  const stories = teller.tell();
  const course = series.series();
  return {
    series: course,
    outcomes: outcomesOf(teller.fold, course),
    delays: delayBins(teller.fold),
    stories,
    day: day.record(),
  };
}
