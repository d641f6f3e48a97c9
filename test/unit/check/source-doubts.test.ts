import { describe, expect, it } from 'vitest';
import { isBlind, sourceDoubts } from '../../../src/check/source-doubts.js';
import { SOURCE_KINDS, type HistoryEvent } from '../../../src/history/event.js';
import { Fold } from '../../../src/history/fold.js';
import { at } from '../../support/good-history.js';
import { Tale } from '../../support/tale.js';

function folded(events: Iterable<HistoryEvent>): Fold {
  const fold = new Fold();
  for (const event of events) fold.see(event);
  fold.close();
  return fold;
}

describe('what makes a source no evidence', () => {
  it('is said of each source that was never heard of', () => {
    const mute = new Tale().ended(60_000).events.filter(({ type }) => type !== 'source.started');
    expect(sourceDoubts(folded(mute), SOURCE_KINDS)).toEqual([
      'nothing was ever heard of the watch of the queue',
      'nothing was ever heard of the log',
      'nothing was ever heard of the outside',
      'nothing was ever heard of the storage probe of gold',
      'nothing was ever heard of the storage probe of silver',
      'nothing was ever heard of the watch of the mailboxes',
      'nothing was ever heard of the readers',
      'nothing was ever heard of the senders',
    ]);
  });

  it('is said of each that ended too early, with the times', () => {
    const ended = (source: string) => ({ type: 'source.ended', source, seen: 1 }) as const;
    const tale = new Tale().ended(60_000);
    for (const source of ['queue:mta', 'log:mta', 'outside', 'probe:gold']) tale.add(5_000, ended(source));
    expect(sourceDoubts(folded(tale.events), SOURCE_KINDS)).toEqual([
      'the watch of the queue of mta ended at 5 s, and was needed until 1 min',
      'the log of mta ended at 5 s, and was needed until 1 min',
      'the outside ended at 5 s, and was needed until 1 min',
      'the storage probe of gold ended at 5 s, and was needed until 1 min',
    ]);
  });

  it('is said of silence, of what is missing, and of a queue that is contradicted', () => {
    const tale = new Tale().accepted('m', 500).queued('m', 900).ended(60_000);
    for (let t = 1_000; t <= 20_000; t += 400) tale.depth(t, 0);
    const counted = [...tale.events, at(20_000, { type: 'source.alive', source: 'queue:mta', seen: 90 })];
    const fold = folded(counted.toSorted((a, b) => a.t - b.t));
    expect(sourceDoubts(fold, ['queue'])).toEqual([
      'nothing was heard of the watch of the queue of mta from 19.8 s to 1 min',
      'the watch of the queue of mta counted 90, and the history has 48',
      'the listings of the queue of mta name 1 messages and its depth is 0, from 1 s to 19.4 s',
    ]);
    expect(sourceDoubts(fold, ['log', 'outside', 'readers'])).toEqual([]);
  });

  it('is said of a log that tells of more than the queue holds', () => {
    const tale = new Tale().accepted('m', 500).logged('m', 900).ended(20_000);
    for (let t = 1_000; t <= 20_000; t += 400) tale.depth(t, 0);
    expect(sourceDoubts(folded(tale.events), ['queue'])).toEqual([
      'by the log of mta 1 messages wait and by its queue 0, from 1 s to 19.8 s',
    ]);
  });

  it('makes blind who needs one of them', () => {
    const tale = new Tale().add(5_000, { type: 'source.ended', source: 'outside', seen: 1 }).ended(60_000);
    const fold = folded(tale.events);
    expect(isBlind(fold, 'queue', 'log')).toBe(false);
    expect(isBlind(fold, 'queue', 'outside')).toBe(true);
  });
});
