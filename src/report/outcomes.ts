import type { Fold } from '../history/fold.js';
import type { Series } from './series.js';

/** What becomes of accepted mail, the good first. */
export const FATES = ['delivered', 'queued', 'bounced', 'lost', 'unaccounted'] as const;
type AcceptedFate = (typeof FATES)[number];

/** Accepted messages by their fate at the end, in the spans of time in which they were accepted. */
export type Outcomes = Readonly<Record<AcceptedFate, readonly number[]>>;

/**
 * Counts every accepted message once, so that all spans and fates add up to what was accepted.
 * @param series the spans that the other charts have.
 */
export function outcomesOf({ ledger }: Fold, { spans, spanMs }: Pick<Series, 'spans' | 'spanMs'>): Outcomes {
  const none = (): number[] => Array.from({ length: spans }, () => 0);
  const outcomes = { delivered: none(), queued: none(), bounced: none(), lost: none(), unaccounted: none() };
  for (const { kind, fate, acceptedAt, firstAttemptAt } of ledger.messages()) {
    if (kind === 'canary' || fate === 'none') continue;
    const span = Math.floor((acceptedAt ?? firstAttemptAt ?? 0) / spanMs);
    const counts = outcomes[fate];
    const within = Math.min(Math.max(0, span), spans - 1);
    counts[within] = (counts[within] ?? 0) + 1;
  }
  return outcomes;
}
