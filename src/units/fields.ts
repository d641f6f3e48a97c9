import { z } from 'zod';
import { parseDurationMs } from './duration.js';
import { parseBytesPerSecond, parseRatePerSecond } from './rate.js';
import { parseSizeRange } from './size.js';

/**
 * A field written as text with a unit and read as a number or a range. The message names what was
 * expected and an example, so that the loader's error needs no further explanation.
 */
function measured<T>(parse: (text: string) => T | undefined, expected: string, pattern: RegExp) {
  return z
    .union([z.string(), z.number()], { error: `expected ${expected}` })
    .transform((written, context) => {
      const value = parse(String(written));
      if (value !== undefined) return value;
      context.issues.push({
        code: 'custom',
        input: written,
        message:
          typeof written === 'number' || /^[\d.]+$/.test(written)
            ? `the unit is missing: expected ${expected}, got ${String(written)}`
            : `expected ${expected}, got ${JSON.stringify(written)}`,
      });
      return z.NEVER;
    })
    .meta({ jsonPattern: pattern.source, description: expected });
}

/** `15s` → milliseconds. */
export const durationMs = measured(
  parseDurationMs,
  'a duration with a unit, such as 500ms, 15s, 2m, 12h or 4d',
  /^\s*\d+(\.\d+)?\s*(ms|s|min|m|h|d)\s*$/,
);

/** `each 6h` → milliseconds. */
export const eachMs = measured(
  (text) => parseDurationMs(/^\s*each\s+(.+)$/.exec(text)?.[1] ?? ''),
  '`each` and a duration, such as each 6h',
  /^\s*each\s+\d+(\.\d+)?\s*(ms|s|min|m|h|d)\s*$/,
);

/** `5/s` → events per second. */
export const ratePerSecond = measured(
  parseRatePerSecond,
  'a rate with a unit, such as 5/s, 90/m or 1/6h',
  /^\s*\d+(\.\d+)?\s*\/\s*(\d+(\.\d+)?)?\s*(ms|s|min|m|h|d)\s*$/,
);

/** `2 KiB..64 KiB` → a range in bytes. */
export const sizeRange = measured(
  parseSizeRange,
  'a size or a range of sizes with units, such as 4 KiB or 2 KiB..64 KiB',
  /^\s*\d+(\.\d+)?\s*(B|kB|KiB|MB|MiB|GB|GiB)\s*(\.\.\s*\d+(\.\d+)?\s*(B|kB|KiB|MB|MiB|GB|GiB)\s*)?$/,
);

/** `64 KiB/s` → bytes per second. */
export const bytesPerSecond = measured(
  parseBytesPerSecond,
  'a throughput with a unit, such as 64 KiB/s',
  /^\s*\d+(\.\d+)?\s*(B|kB|KiB|MB|MiB|GB|GiB)\s*\/\s*s\s*$/,
);

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
