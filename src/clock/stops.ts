/** One stop on the way of an `advance`: the clocks are moved by so much, and these streams send a burst. */
export interface Stop<S extends string> {
  readonly byMs: number;
  readonly bursts: readonly S[];
}

/** A stream that sends a burst each so long of simulated time, from simulated time 0 on. */
export interface BurstStream<S extends string> {
  readonly stream: S;
  readonly eachMs: number;
}

/**
 * Where an advance must stop on its way, so that every burst is sent at its own time. `aheadMs` is how far the clocks
 * have been moved before. The steps add up to `advanceMs`; a burst that is due at the very end belongs to it.
 */
export function stopsOf<S extends string>(
  aheadMs: number,
  advanceMs: number,
  streams: readonly BurstStream<S>[],
): readonly Stop<S>[] {
  const end = aheadMs + advanceMs;
  const due = new Map<number, S[]>([[end, []]]);
  for (const { stream, eachMs } of streams) {
    for (let count = Math.floor(aheadMs / eachMs) + 1; count * eachMs <= end; count += 1) {
      const at = count * eachMs;
      due.set(at, [...(due.get(at) ?? []), stream]);
    }
  }
  let before = aheadMs;
  return [...due]
    .sort(([a], [b]) => a - b)
    .map(([at, bursts]) => {
      const byMs = at - before;
      before = at;
      return { byMs, bursts };
    });
}
