import { largestMessageBytes } from '../scenario/schedule.js';
import type { TrafficContext } from '../traffic/context.js';
import { prepareMailbox } from '../traffic/mailboxes.js';
import { transferMs } from '../traffic/patience.js';
import { pause } from '../traffic/pause.js';
import type { KnownMessage } from '../traffic/reading.js';
import type { Seeding, Senders } from '../traffic/senders.js';
import type { Tracker } from '../traffic/tracker.js';
import { fillingFailure, fillingState } from './filling.js';
import { each } from './stock.js';

const SEEDED_PER_MAILBOX = 3;
/** For no longer may the filling of the mailboxes stand still, and so much longer as a large message takes. */
const FILL_SILENCE_MS = 30_000;
const FILL_POLL_MS = 50;

/**
 * Gives every mailbox some mail before anything breaks; it is what must still be there at the end. Returns what readers
 * look for, by mailbox; nothing where the run is over meanwhile.
 * @throws NobounceError `harness` where the stack does not take or deliver the first mail
 */
export async function fillMailboxes(
  context: TrafficContext,
  senders: Pick<Senders, 'seed'>,
  tracker: Tracker,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, KnownMessage>> {
  const known = new Map<string, KnownMessage>();
  const silentMs = FILL_SILENCE_MS + transferMs(largestMessageBytes(context.plan));
  await untilFilled(senders.seed(SEEDED_PER_MAILBOX), tracker, silentMs, signal);
  if (signal.aborted) return known;
  await each(context.stack.accounts, async (account) => {
    const first = await prepareMailbox(context, account);
    if (first !== undefined) known.set(account.address, first);
  });
  return known;
}

/** Mail may be as large, and mailboxes as many, as the scenario says: only standing still is too long. */
async function untilFilled(
  seeding: Seeding,
  tracker: Tracker,
  silentMs: number,
  signal: AbortSignal,
): Promise<void> {
  const sending = { isSettled: false };
  const settled = seeding.settled.then(() => {
    sending.isSettled = true;
  });
  settled.catch(() => undefined);
  let state = '';
  let sinceMs = performance.now();
  while ((!sending.isSettled || tracker.waitsFor(seeding.ids) > 0) && !signal.aborted) {
    const now = fillingState(seeding, tracker);
    if (now !== state) [state, sinceMs] = [now, performance.now()];
    if (performance.now() - sinceMs > silentMs) throw fillingFailure(seeding, tracker, silentMs);
    const next = pause(FILL_POLL_MS, signal);
    await (sending.isSettled ? next : Promise.race([settled, next]));
  }
}
