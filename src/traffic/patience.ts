/** A mail path slower than this, in bytes a second, is no more than a stalled one. */
const SLOWEST_BYTES_PER_S = 262_144;

/** How much longer than for a small message anybody waits for one of so many bytes to come through, in milliseconds. */
export function transferMs(bytes: number): number {
  return (bytes / SLOWEST_BYTES_PER_S) * 1_000;
}
