import type { Fold } from '../history/fold.js';
import { formatDurationMs } from '../units/duration.js';

/** Deliveries that took at least `fromMs` and less than `toMs` (Infinity at the end). */
export interface DelayBin {
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Accepted while the recipient's volume was whole, and while it was felt to be broken. */
  readonly whole: number;
  readonly broken: number;
  /** Seen, and lost afterwards: what is gone was not delivered, however fast it came. */
  readonly gone: number;
}

const EDGES_MS = [
  0, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000,
  14_400_000, 86_400_000, 172_800_000, 345_600_000, 691_200_000,
] as const;

/** Delivery delays as a distribution, from the first bin with mail to the last; by the clocks of the services, where those were moved. */
export function delayBins({ ledger, outages, time }: Fold): readonly DelayBin[] {
  const counts = EDGES_MS.map(() => ({ whole: 0, broken: 0, gone: 0 }));
  for (const message of ledger.messages()) {
    const { kind, acceptedAt, firstCopyAt, fate } = message;
    if (kind === 'canary' || acceptedAt === null || firstCopyAt === null) continue;
    const delayMs = Math.max(0, time.between(acceptedAt, firstCopyAt));
    const bin = counts[EDGES_MS.findLastIndex((edge) => edge <= delayMs)];
    if (bin === undefined) continue;
    const isBroken = outages.windowFor(message, acceptedAt) !== undefined;
    bin[fate === 'lost' ? 'gone' : isBroken ? 'broken' : 'whole'] += 1;
  }
  const bins = EDGES_MS.map((fromMs, index): DelayBin => {
    const toMs = EDGES_MS[index + 1] ?? Infinity;
    const label =
      fromMs === 0
        ? `< ${formatDurationMs(toMs)}`
        : toMs === Infinity
          ? `≥ ${formatDurationMs(fromMs)}`
          : `${formatDurationMs(fromMs)} – ${formatDurationMs(toMs)}`;
    return { label, fromMs, toMs, whole: 0, broken: 0, gone: 0, ...counts[index] };
  });
  const isUsed = ({ whole, broken, gone }: DelayBin): boolean => whole + broken + gone > 0;
  const first = bins.findIndex(isUsed);
  return first < 0 ? [] : bins.slice(first, bins.findLastIndex(isUsed) + 1);
}
