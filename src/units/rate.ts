import { parseDurationMs } from './duration.js';
import { parseSizeBytes } from './size.js';

/**
 * Reads `5/s`, `90/m` or `1/6h` as events per second; `undefined` where the text is not a rate with a unit.
 */
export function parseRatePerSecond(text: string): number | undefined {
  const [count, per, more] = text.split('/');
  if (count === undefined || per === undefined || more !== undefined) return undefined;
  const trimmed = count.trim();
  if (!/^\d+(\.\d+)?$/.test(trimmed)) return undefined;
  const period = /^\s*\d/.test(per) ? per : `1${per.trim()}`;
  const periodMs = parseDurationMs(period);
  if (periodMs === undefined || periodMs === 0) return undefined;
  return (Number(trimmed) * 1_000) / periodMs;
}

/** Reads `64 KiB/s` as 65536 bytes per second; `undefined` where it is not a size per second. */
export function parseBytesPerSecond(text: string): number | undefined {
  const match = /^(.*)\/\s*s$/.exec(text.trim());
  return match?.[1] === undefined ? undefined : parseSizeBytes(match[1]);
}
