const UNIT_BYTES = {
  B: 1,
  kB: 1_000,
  KiB: 1_024,
  MB: 1_000_000,
  MiB: 1_048_576,
  GB: 1e9,
  GiB: 1_073_741_824,
} as const;
type SizeUnit = keyof typeof UNIT_BYTES;

/** What a written size looks like: `512 B`, `64 KiB`, `10 MB`. A unit is required. */
const SIZE_PATTERN = /^(\d+(?:\.\d+)?)\s*(B|kB|KiB|MB|MiB|GB|GiB)$/;

function isUnit(text: string): text is SizeUnit {
  return Object.hasOwn(UNIT_BYTES, text);
}

/** Reads `64 KiB` as 65536 bytes; `undefined` where the text is not a size with a unit. */
export function parseSizeBytes(text: string): number | undefined {
  const match = SIZE_PATTERN.exec(text.trim());
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined || !isUnit(unit)) return undefined;
  return Math.round(Number(amount) * UNIT_BYTES[unit]);
}

/** A range of sizes, both ends included. */
export interface SizeRange {
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** Reads `2 KiB..64 KiB`, or one size as a range of itself; `undefined` where it is neither or is empty. */
export function parseSizeRange(text: string): SizeRange | undefined {
  const [low, high, more] = text.split('..');
  if (low === undefined || more !== undefined) return undefined;
  const minBytes = parseSizeBytes(low);
  const maxBytes = parseSizeBytes(high ?? low);
  if (minBytes === undefined || maxBytes === undefined || minBytes > maxBytes) return undefined;
  return { minBytes, maxBytes };
}

/** Writes bytes the way a person would: `512 B`, `64 KiB`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    if (bytes >= UNIT_BYTES[unit]) return `${String(Number((bytes / UNIT_BYTES[unit]).toFixed(1)))} ${unit}`;
  }
  return `${String(bytes)} B`;
}

/** Writes bytes as `parseSizeBytes` reads them, exactly: `64 KiB`, `1000 B`. */
export function writeSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const)
    if (bytes >= UNIT_BYTES[unit] && bytes % UNIT_BYTES[unit] === 0)
      return `${String(bytes / UNIT_BYTES[unit])} ${unit}`;
  return `${String(bytes)} B`;
}

/** Writes a range as `parseSizeRange` reads it: `2 KiB..64 KiB`. */
export function writeSizeRange({ minBytes, maxBytes }: SizeRange): string {
  return minBytes === maxBytes ? writeSize(minBytes) : `${writeSize(minBytes)}..${writeSize(maxBytes)}`;
}
