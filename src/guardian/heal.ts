import { setTimeout as delay } from 'node:timers/promises';
import { withDeadline } from '../errors/deadline.js';
import { describeError } from '../errors/errors.js';
import type { Undo } from '../stack/undo.js';

/** What became of one undo. */
export type Deed = {
  readonly key: string;
  /** All is undone twice. */
  readonly round: 1 | 2;
  readonly tries: number;
} & ({ readonly did: 'healed' } | { readonly did: 'failed'; readonly error: string });

interface Pace {
  /** Of one try of one undo. */
  readonly deadlineMs: number;
  readonly tries: number;
  readonly pauseMs: number;
  /** Between the rounds: what was under way when the harness stopped may land after its undo. */
  readonly againAfterMs: number;
}

const PACE: Pace = { deadlineMs: 20_000, tries: 5, pauseMs: 500, againAfterMs: 2_000 };

/** Carries out all undos side by side, so that one that hangs keeps no other waiting; gives whether all is healed. */
export async function healAll(
  held: ReadonlyMap<string, Undo>,
  carryOut: (undo: Undo) => Promise<void>,
  record: (deed: Deed) => void,
  pace: Pace = PACE,
): Promise<boolean> {
  const healOne = async (round: Deed['round'], [key, undo]: readonly [string, Undo]): Promise<boolean> => {
    for (let tries = 1; ; tries += 1) {
      try {
        await withDeadline(carryOut(undo), pace.deadlineMs, 'undo');
        record({ did: 'healed', key, round, tries });
        return true;
      } catch (error) {
        record({ did: 'failed', key, round, tries, error: describeError(error) });
        if (tries >= pace.tries) return false;
        await delay(pace.pauseMs);
      }
    }
  };
  await Promise.all([...held].map((one) => healOne(1, one)));
  await delay(pace.againAfterMs);
  return (await Promise.all([...held].map((one) => healOne(2, one)))).every(Boolean);
}
