import { beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEvent, NewEvent } from '../../../src/history/event.js';
import { Journal } from '../../../src/run/journal.js';

const sample: NewEvent = { type: 'queue.sampled', service: 'mta', depth: 0 };
const failed: NewEvent = { type: 'harness.failed', what: 'probe', error: 'gone' };
const ended: NewEvent = { type: 'run.ended', reason: 'failed', detail: '' };

let written: string[];
let told: unknown[];
let isFull: boolean;
let isFullAtClose: boolean;
let closings: number;
let journal: Journal;

beforeEach(() => {
  written = [];
  told = [];
  isFull = false;
  isFullAtClose = false;
  closings = 0;
  const append = (event: NewEvent): HistoryEvent => {
    if (isFull) throw new Error('ENOSPC');
    written.push(event.type);
    return { ...event, t: 0, wall: 0, sim: 0 };
  };
  const writer = {
    append,
    advanceSim: (byMs: number) => append({ type: 'clock.advanced', byMs }),
    close: () => {
      closings += 1;
      if (isFullAtClose) throw new Error('EDQUOT');
    },
  };
  journal = new Journal(writer, (error) => told.push(error));
});

describe('a journal', () => {
  it('writes until it is closed, and nothing behind that', () => {
    journal.record(sample);
    journal.advanceSim(1_000);
    journal.close(ended);
    journal.record(sample);
    journal.advanceSim(1_000);
    journal.close(ended);
    expect(written).toEqual(['queue.sampled', 'clock.advanced', 'run.ended']);
    expect(told).toEqual([]);
    expect(closings).toBe(1);
  });

  it('tells of a full disk once, and never throws', () => {
    isFull = true;
    journal.record(sample);
    journal.record(sample);
    journal.advanceSim(1_000);
    journal.close(ended);
    expect(told).toEqual([new Error('ENOSPC')]);
    expect(written).toEqual([]);
    expect(closings).toBe(1);
  });

  it('leaves no hole: what comes after a failure is not written, but for the failures and the end', () => {
    isFull = true;
    journal.record(sample);
    journal.record(failed);
    isFull = false;
    journal.record(sample);
    journal.close(ended);
    expect(written).toEqual(['harness.failed', 'run.ended']);
  });

  it('tells of a file that cannot be closed', () => {
    isFullAtClose = true;
    journal.record(sample);
    journal.close(ended);
    expect(told).toEqual([new Error('EDQUOT')]);
  });

  it('tells of a disk that is full at the very end', () => {
    journal.record(sample);
    isFull = true;
    journal.close(ended);
    expect(told).toEqual([new Error('ENOSPC')]);
  });
});
