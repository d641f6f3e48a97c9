import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HistoryEvent } from '../../src/history/event.js';
import type { RunReport } from '../../src/report/reporter.js';
import { readSavedRun } from '../../src/report/saved-run.js';
import { at, goodHistory } from './good-history.js';

const SCENARIO = `name: vendor-os-bug
title: A made-up run
domains:
  - { name: libero.test, mailboxes: 3, volumes: [gold] }
  - { name: virgilio.test, mailboxes: 2, volumes: [silver] }
traffic:
  inbound: { rate: 2/s }
timeline:
  - steady: 7s
  - inject: { fault: vendor-os-bug, volume: gold }
  - hold: 14s
  - heal: all
  - settle: 14s
checks:
  no-loss: { max: 0 }
`;

/** Saves a history as a run's folder and reads it back, as reporters get it. */
export async function savedRun(events: readonly HistoryEvent[]): Promise<RunReport> {
  const dir = await mkdtemp(join(tmpdir(), 'nobounce-run-'));
  await writeFile(join(dir, 'history.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  await writeFile(join(dir, 'scenario.yaml'), SCENARIO);
  return readSavedRun(dir);
}

/** What hostile mail would put into every field that comes from mail. */
export const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script>&amp;\u202e\u0007]]>';

/** A good history in which some mail to `gold` is lost, with hostile senders and hostile replies. */
export function lossyHistory(): readonly HistoryEvent[] {
  const good = goodHistory();
  const victims = new Set(
    good
      .flatMap((event) => (event.type === 'message.created' && event.kind === 'inbound' ? [event.id] : []))
      .slice(10, 22),
  );
  const events = good.flatMap((event): HistoryEvent[] => {
    if (event.type === 'mailbox.listed') {
      return [{ ...event, messages: event.messages.filter(({ id }) => id === null || !victims.has(id)) }];
    }
    if (!('id' in event) || event.id === null || !victims.has(event.id)) return [event];
    switch (event.type) {
      case 'message.created':
        return [{ ...event, from: `${HOSTILE}@outside.test` }];
      case 'attempt.ended':
        return [{ ...event, reply: `${event.reply} ${HOSTILE}` }];
      case 'attempt.started':
        return [event];
      default:
        return [];
    }
  });
  return events;
}

/** A run in which the harness failed before any mail was sent. */
export function brokenHistory(): readonly HistoryEvent[] {
  return [
    ...goodHistory().slice(0, 1),
    at(100, { type: 'harness.failed', what: 'the run', error: 'an image will not build' }),
    at(101, { type: 'run.ended', reason: 'failed', detail: 'an image will not build' }),
  ];
}
