import { z } from 'zod';
import { formatDurationMs, parseDurationMs } from './duration.js';
import { parseBytesPerSecond, parseRatePerSecond } from './rate.js';
import { formatBytes, parseSizeRange } from './size.js';

const MAX_SHOWN = 60;

/** What was written, as a message quotes it: as JSON, on one line, and not without end. */
export function shown(written: unknown): string {
  if (typeof written === 'object' && written !== null)
    return Array.isArray(written) ? 'a list' : 'a mapping of keys';
  if (written === undefined) return 'nothing';
  const text = ['string', 'number', 'boolean', 'object'].includes(typeof written)
    ? JSON.stringify(written)
    : typeof written;
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

interface Measure<T> {
  readonly parse: (text: string) => T | undefined;
  readonly expected: string;
  readonly pattern: RegExp;
  /** Says what is wrong with a value that is one; undefined where nothing is. */
  readonly refuse?: (value: T) => string | undefined;
  /** What to say of a value below zero. */
  readonly negative?: string;
}

/** Why a text is no value of a measure, and what to write instead. */
function complaint(
  written: string | number,
  { expected, negative }: Pick<Measure<unknown>, 'expected' | 'negative'>,
): string {
  const text = String(written).trim();
  if (/^-\s*[\d.]/.test(text))
    return `${negative ?? `nothing here is below zero: expected ${expected}`}, got ${shown(written)}`;
  if (typeof written === 'number' || /^[\d.]+$/.test(text))
    return `the unit is missing: expected ${expected}, got ${String(written)}`;
  return `expected ${expected}, got ${shown(written)}`;
}

/**
 * A field written as text with a unit and read as a number or a range. The message names what was
 * expected and an example, so that the loader's error needs no further explanation.
 */
function measured<T>(measure: Measure<T>) {
  const { parse, expected, pattern, refuse } = measure;
  return z
    .union([z.string(), z.number()], { error: `expected ${expected}` })
    .transform((written, context) => {
      const value = parse(String(written));
      const message = value === undefined ? complaint(written, measure) : refuse?.(value);
      if (value !== undefined && message === undefined) return value;
      context.issues.push({ code: 'custom', input: written, message: message ?? '' });
      return z.NEVER;
    })
    .meta({ jsonPattern: pattern.source, description: expected });
}

const DAY_MS = 86_400_000;
/** Of a step, a limit, a lifetime: nothing that is drilled lasts longer than a year. */
const MAX_DURATION_MS = 365 * DAY_MS;
const MAX_RATE_PER_SECOND = 10_000;
/** Of a message; some hold four copies of it in memory while it is sent and compared. */
const MAX_SIZE_BYTES = 1_073_741_824;
const MAX_BYTES_PER_SECOND = 100 * 1_073_741_824;

const DURATION_PATTERN = /^\s*\d+(\.\d+)?\s*(ms|s|min|m|h|d)\s*$/;

/** Refuses what is less or more, in words. */
function between(min: number, max: number, format: (value: number) => string) {
  return (value: number): string | undefined => {
    if (value < min) return `expected ${format(min)} or more, got ${format(value)}`;
    return value > max ? `expected at most ${format(max)}, got ${format(value)}` : undefined;
  };
}

/** A duration with a unit, such as `15s`, read as milliseconds. */
export function durationMsOf({ minMs, negative }: { readonly minMs: number; readonly negative?: string }) {
  return measured({
    parse: parseDurationMs,
    expected: 'a duration with a unit, such as 500ms, 15s, 2m, 12h or 4d',
    pattern: DURATION_PATTERN,
    refuse: between(minMs, MAX_DURATION_MS, formatDurationMs),
    ...(negative === undefined ? {} : { negative }),
  });
}

/** `15s` → milliseconds, from none to a year. */
export const durationMs = durationMsOf({ minMs: 0 });

/** A pause between two acts: without one, a loop would do nothing else. */
export const intervalMs = durationMsOf({ minMs: 10 });

/** `each 6h` → milliseconds. The clocks stop at each burst on their way. */
export const eachMs = measured({
  parse: (text) => parseDurationMs(/^\s*each\s+(.+)$/.exec(text)?.[1] ?? ''),
  expected: '`each` and a duration, such as each 6h',
  pattern: /^\s*each\s+\d+(\.\d+)?\s*(ms|s|min|m|h|d)\s*$/,
  refuse: between(60_000, MAX_DURATION_MS, formatDurationMs),
});

/** `5/s` → events per second. */
export const ratePerSecond = measured({
  parse: parseRatePerSecond,
  expected: 'a rate with a unit, such as 5/s, 90/m or 1/6h',
  pattern: /^\s*\d+(\.\d+)?\s*\/\s*(\d+(\.\d+)?)?\s*(ms|s|min|m|h|d)\s*$/,
  refuse: (rate) => {
    if (rate <= 0) return 'expected a rate above zero; leave the stream out to send nothing';
    return rate > MAX_RATE_PER_SECOND
      ? `expected at most ${String(MAX_RATE_PER_SECOND)}/s, got ${String(rate)}/s`
      : undefined;
  },
});

/** `2 KiB..64 KiB` → a range in bytes. */
export const sizeRange = measured({
  parse: parseSizeRange,
  expected: 'a size or a range of sizes with units, such as 4 KiB or 2 KiB..64 KiB',
  pattern:
    /^\s*\d+(\.\d+)?\s*(B|kB|KiB|MB|MiB|GB|GiB)\s*(\.\.\s*\d+(\.\d+)?\s*(B|kB|KiB|MB|MiB|GB|GiB)\s*)?$/,
  refuse: ({ maxBytes }) => between(0, MAX_SIZE_BYTES, formatBytes)(maxBytes),
});

/** `64 KiB/s` → bytes per second. */
export const bytesPerSecond = measured({
  parse: parseBytesPerSecond,
  expected: 'a throughput with a unit, such as 64 KiB/s',
  pattern: /^\s*\d+(\.\d+)?\s*(B|kB|KiB|MB|MiB|GB|GiB)\s*\/\s*s\s*$/,
  refuse: between(1, MAX_BYTES_PER_SECOND, (bytes) => `${formatBytes(bytes)}/s`),
});

/** A name that is safe as a file name, a container name and a DNS label (RFC 1123 section 2.1). */
export const name = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'expected lower-case letters, digits and inner hyphens, such as gold-1',
  );

/** A mail domain under a name that no resolver of the real Internet knows (RFC 2606, RFC 6761). */
export const domainName = z
  .string()
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(test|example|invalid|localhost)$/,
    'expected a domain under .test, .example or .invalid, such as libero.test (RFC 2606: they never reach the real Internet)',
  );
