import { parseDurationMs, writeDuration } from './duration.js';
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

/** Writes events per second as `parseRatePerSecond` reads them: `5/s`, `90/m`, `1/6h`. */
export function writeRate(perSecond: number): string {
  const amounts = (['s', 'm', 'h', 'd'] as const).map(
    (unit) => `${decimal(perSecond * (parseDurationMs(`1${unit}`) ?? NaN) * 0.001)}/${unit}`,
  );
  const written = [...amounts, `1/${writeDuration(1_000 / perSecond)}`];
  return written.find((text) => parseRatePerSecond(text) === perSecond) ?? `${decimal(perSecond)}/s`;
}

/** Without an exponent, which nobody writes in a file. */
function decimal(value: number): string {
  return value.toFixed(12).replace(/\.?0+$/, '');
}

/** Reads `64 KiB/s` as 65536 bytes per second; `undefined` where it is not a size per second. */
export function parseBytesPerSecond(text: string): number | undefined {
  const match = /^(.*)\/\s*s$/.exec(text.trim());
  return match?.[1] === undefined ? undefined : parseSizeBytes(match[1]);
}
