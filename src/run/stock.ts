import type { TrafficContext } from '../traffic/context.js';
import { imapFailure } from '../traffic/imap.js';
import { listMailbox } from '../traffic/mailboxes.js';
import type { Tracker } from '../traffic/tracker.js';

/** Looks into every mailbox a last time; where one lacks accepted mail, on the volumes and under their mount points too. */
export async function takeStock(context: TrafficContext, tracker: Tracker): Promise<void> {
  const { stack, record } = context;
  await each(stack.accounts, async (account) => {
    const startMs = performance.now();
    await listMailbox(context, account).catch((error: unknown) => {
      // A mailbox that cannot be read at the end is what a reader would find, not a fault of the harness.
      const ms = performance.now() - startMs;
      const { address: mailbox, volume } = account;
      const steps = [{ step: 'select' as const, ...imapFailure(error), ms }];
      record({
        type: 'reader.visited',
        mailbox,
        volume,
        steps,
        exists: null,
        uidValidity: null,
        known: null,
      });
    });
  });
  if (tracker.absentAtEnd === 0) return;
  for (const { id, volume, where, path, bytes } of await stack.listMailFiles()) {
    record({ type: 'file.found', id, volume, where, path, bytes });
  }
}

/** Runs `work` for each item, sixteen at a time. */
export async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  await Promise.all(
    Array.from({ length: Math.min(16, items.length) }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
    }),
  );
}
