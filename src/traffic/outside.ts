import { parseDsn, type DsnReport } from '../history/dsn.js';
import { idInAddress } from '../history/message-id.js';
import type { Watch } from '../stack/stack.js';
import type { TrafficContext } from './context.js';
import { digestMessage } from './digest.js';

/** Where a DSN was found in a mailbox. */
interface Uid {
  readonly uid: number;
  readonly uidValidity: string;
}

/** Records one event per recipient block of a delivery status notification (RFC 3464 section 2.1). */
export function recordDsn(
  record: TrafficContext['record'],
  { form, recipients }: DsnReport,
  place: string,
  to: string,
  uid?: Uid,
): void {
  for (const { id, ...told } of recipients) {
    // An address of a sender that carries the id tells what a notice without any is about.
    const about = id ?? idInAddress(to);
    record({ type: 'dsn.received', id: about, ...told, place, to, form, ...uid });
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
