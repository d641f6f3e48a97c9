import { parseDsn, type DsnReport } from '../history/dsn.js';
import type { Watch } from '../stack/stack.js';
import type { TrafficContext } from './context.js';
import { digestMessage } from './digest.js';

/** Records one event per recipient block of a delivery status notification (RFC 3464 section 2.1). */
export function recordDsn(record: TrafficContext['record'], dsn: DsnReport, place: string, to: string): void {
  for (const { action, status, recipient, diagnostic } of dsn.recipients) {
    record({ type: 'dsn.received', id: dsn.id, action, status, recipient, diagnostic, place, to });
  }
}

/** It prints a mark each second. */
const OUTSIDE_DEADLINE_MS = 15_000;

/** Records everything that reaches the outside world. Resolves once the watch is on. */
export async function watchOutside(context: TrafficContext, broken: (error: Error) => void): Promise<Watch> {
  let last: Promise<void> = Promise.resolve();
  const source = context.source({ kind: 'outside', subject: '', deadlineMs: OUTSIDE_DEADLINE_MS });
  const watch = await context.stack.watchOutside({
    broken,
    alive: source.alive,
    next: ({ from, to, raw }) => {
      source.alive(1);
      last = last.then(async () => {
        const dsn = await parseDsn(raw);
        if (dsn !== null) recordDsn(context.record, dsn, 'outside', to);
        else context.record({ type: 'outside.received', from, to, ...digestMessage(raw) });
      }, broken);
    },
  });
  return {
    stop: async () => {
      source.ended();
      await watch.stop();
    },
  };
}
