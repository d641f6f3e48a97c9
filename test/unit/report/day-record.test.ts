import { describe, expect, it } from 'vitest';
import { DayRecordFold } from '../../../src/report/day-record.js';
import { debriefText } from '../../../src/report/debrief.js';
import { runPage } from '../../../src/report/html-file.js';
import type { HistoryEvent, NewEvent } from '../../../src/history/event.js';
import { at, goodHistory } from '../../support/good-history.js';
import { HOSTILE, savedRun } from '../../support/saved-run.js';

const acted = (act: string, reason: string | null = null): NewEvent => ({
  type: 'operator.acted',
  act,
  by: 'ada',
  via: 'page',
  reason,
});
const note = (text: string): NewEvent => ({ type: 'note.added', text, by: 'scribe' });

/** A good run with what people did beside it: the fault is up from 8 s to 22 s, and seen gone at 22.6 s. */
const led = (told: readonly HistoryEvent[]): readonly HistoryEvent[] =>
  [...goodHistory(), ...told].toSorted((a, b) => a.t - b.t);

function recordOf(events: readonly HistoryEvent[]) {
  const fold = new DayRecordFold();
  for (const event of events) fold.see(event);
  return fold.record();
}

const DAY = [
  at(7_000, acted('go', 'short on time')),
  at(9_000, note('pager rang #surprise')),
  at(10_000, note('#action @bo.b check the pager')),
  at(20_000, note('we stop here #decision')),
  at(21_100, acted('abort')),
];

describe('the record of a day', () => {
  it('has numbered lines with what people did, why, and of which kind', () => {
    expect(
      recordOf(led(DAY))?.lines.map(({ number, who, what, why, kind }) => [number, who, what, why, kind]),
    ).toEqual([
      [1, 'ada', 'go', 'short on time', 'act'],
      [2, 'scribe', 'pager rang #surprise', null, 'surprise'],
      [3, 'scribe', '#action @bo.b check the pager', null, 'note'],
      [4, 'scribe', 'we stop here #decision', null, 'decision'],
      [5, 'ada', 'abort', null, 'act'],
    ]);
    expect(recordOf(goodHistory())).toBeNull();
  });

  it('has the actions, each with whom it names', () => {
    expect(recordOf(led(DAY))?.actions).toEqual([{ line: 3, whom: 'bo.b', what: 'check the pager' }]);
    expect(recordOf([at(1, note('#action for all')), at(2, note('#actionable'))])?.actions).toEqual([
      { line: 1, whom: null, what: 'for all' },
    ]);
  });

  it('tells how an abort went, and where it did not', () => {
    expect(recordOf(led(DAY))?.aborts).toEqual([
      'aborted by ada at T+00:21, all healed after 950 ms, seen gone after 1.5 s; mail was followed to its end',
    ]);
    const cutOff = led(DAY).filter(({ t }) => t < 21_500);
    expect(recordOf(cutOff)?.aborts).toEqual([
      'aborted by ada at T+00:21, not all was healed; mail was not followed to its end',
    ]);
    expect(recordOf([at(400_000, acted('abort'))])?.aborts[0]).toMatch(/T\+06:40, nothing was broken;/);
  });
});

describe('the log of the day', () => {
  const hostile = `${HOSTILE} | [x](http://evil.test) \n\n# head #action @all \`code\``;

  it('stands in the page, and only of a run that was led', async () => {
    const page = await runPage(await savedRun(led(DAY)));
    expect(page).toContain('Log of the day');
    expect(page).toContain('aborted by ada at T+00:21');
    expect(page).toMatch(/<strong>bo\.b<\/strong>: check the pager/);
    expect(await runPage(await savedRun(goodHistory()))).not.toContain('Log of the day');
  });

  it('keeps a hostile note text, in the page and in Markdown', async () => {
    const events = led([at(9_000, note(hostile))]);
    const report = await savedRun(events);
    expect(await runPage(report)).not.toMatch(/<script|<img|\u202e|\u0007/);
    const day = recordOf(events);
    if (day === null) throw new Error('nobody led the run');
    const text = debriefText(report, day);
    expect(text).not.toMatch(/<|\u202e|\u0007|(?<!\\)`|\]\(|@|:\/\//);
    expect(text.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(4);
    expect(text).toMatch(/\| pass \| no-loss \|/);
  });
});
