import { randomBytes } from 'node:crypto';
import { describeError } from '../errors/errors.js';
import type { Plan } from '../scenario/plan.js';
import type { Account, StartRequest } from './stack.js';

/** The accounts of a run, each with a password of this run alone. */
export function newAccounts({ mailboxes }: Plan): readonly Account[] {
  return mailboxes.map((mailbox) => ({ ...mailbox, password: randomBytes(12).toString('base64url') }));
}

/** What the proxy of a volume's link is called. */
export function linkName(volume: string): string {
  return `storage-${volume}`;
}

/** Removes what dead runs left; what cannot be removed must not keep this run from starting. */
export async function sweepFirst(
  sweep: () => Promise<unknown>,
  { progress }: Pick<StartRequest, 'progress'>,
): Promise<void> {
  try {
    await sweep();
  } catch (error) {
    progress(`what a dead run left is still there: ${describeError(error)}`);
  }
}

/** Waits for all, also when one fails: nothing may still be starting when the teardown begins. */
export async function all(work: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}
