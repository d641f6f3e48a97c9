/** The nearest-rank percentile (0 < share <= 1) of values sorted upwards; null of none. */
export function percentile(sorted: ArrayLike<number>, share: number): number | null {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? null;
}
