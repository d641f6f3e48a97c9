const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type DurationUnit = keyof typeof UNIT_MS;

/** What a written duration looks like: `500ms`, `15s`, `2m`, `12h`, `4.5d`. A unit is required. */
const DURATION_PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)$/;

function isUnit(text: string): text is DurationUnit {
  return Object.hasOwn(UNIT_MS, text);
}

/** Reads `15s` as 15000 milliseconds, exact to the microsecond; `undefined` where it is not a duration with a unit. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text.trim());
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined || !isUnit(unit)) return undefined;
  // 1.1 × 1000 is 1100.0000000000002: what a person wrote as whole milliseconds stays whole.
  return Math.round(Number(amount) * UNIT_MS[unit] * 1_000) / 1_000;
}

/** Writes milliseconds the way a person would: `850 ms`, `6.2 s`, `4 min 10 s`, `12 h`, `4 d 12 h`. */
export function formatDurationMs(ms: number): string {
  if (!Number.isFinite(ms)) return 'forever';
  const sign = ms < 0 ? '-' : '';
  const abs = Math.abs(ms);
  if (abs < 1) return `${sign}${abs === 0 ? '0' : abs.toFixed(2)} ms`;
  if (abs < 999.5) return `${sign}${String(Math.round(abs))} ms`;
  if (abs < 59_950) return `${sign}${String(Number((abs / 1_000).toFixed(1)))} s`;
  const parts: string[] = [];
  let rest = Math.round(abs / 1_000);
  for (const [seconds, unit] of [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${String(count)} ${unit}`);
    if (parts.length === 2) break;
  }
  return sign + parts.join(' ');
}

/** Writes milliseconds as `parseDurationMs` reads them, exact to the microsecond: `15s`, `4.5d`, `1250ms`. */
export function writeDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const tenths = (ms / UNIT_MS[unit]) * 10;
    if (ms >= UNIT_MS[unit] && Number.isInteger(tenths)) return `${String(tenths / 10)}${unit}`;
  }
  return `${String(Number(ms.toFixed(3)))}ms`;
}

const MINUTE_MS = UNIT_MS.min;

/** Writes milliseconds to the whole minute below: `0 min`, `42 min`, `4 d 12 h`. */
export function formatMinutesMs(ms: number): string {
  return Math.abs(ms) < MINUTE_MS ? '0 min' : formatDurationMs(Math.floor(ms / MINUTE_MS) * MINUTE_MS);
}
