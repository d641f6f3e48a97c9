import { CHECK_NAMES, type CheckName, type Limits } from '../scenario/limits.js';
import { formatDurationMs } from '../units/duration.js';
import { DEFAULT_LIMITS } from './recorded-scenario.js';

/** Limits of which a smaller one allows more; of all others a greater one does. */
const SMALLER_IS_LOOSER: ReadonlySet<string> = new Set(['min', 'success', 'samples', 'visits', 'margin']);
/** Limits that are durations in milliseconds. */
const DURATIONS: ReadonlySet<string> = new Set([
  'within',
  'deadline',
  'slack',
  'margin',
  'after',
  'delayed',
  'maxJump',
]);

/**
 * Where a run was allowed more than by default: `no-loss max 5 (0)`, the default in brackets. Whoever reads a verdict must
 * see what it did not ask for. A check that is skipped says so itself.
 */
export function loosenedLimits(limits: Limits): readonly string[] {
  return CHECK_NAMES.flatMap((check) => (limits[check].skip === undefined ? loosened(check, limits) : []));
}

function loosened(check: CheckName, limits: Limits): readonly string[] {
  const usual = new Map<string, unknown>(Object.entries(DEFAULT_LIMITS[check]));
  return Object.entries(limits[check]).flatMap(([key, allowed]: [string, unknown]) => {
    const byDefault = usual.get(key);
    if (typeof allowed !== 'number' || typeof byDefault !== 'number') return [];
    const isLooser = SMALLER_IS_LOOSER.has(key) ? allowed < byDefault : allowed > byDefault;
    const told = (value: number): string => (DURATIONS.has(key) ? formatDurationMs(value) : String(value));
    return isLooser ? [`${check} ${key} ${told(allowed)} (${told(byDefault)})`] : [];
  });
}
