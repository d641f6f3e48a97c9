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

/** Records everything that reaches the outside world. Resolves once the watch is on. */
export function watchOutside(context: TrafficContext, broken: (error: Error) => void): Promise<Watch> {
  let last: Promise<void> = Promise.resolve();
  return context.stack.watchOutside({
    broken,
    next: ({ from, to, raw }) => {
      last = last.then(async () => {
        const dsn = await parseDsn(raw);
        if (dsn !== null) recordDsn(context.record, dsn, 'outside', to);
        else context.record({ type: 'outside.received', from, to, ...digestMessage(raw) });
      }, broken);
    },
  });
}
