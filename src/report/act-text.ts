import { formatDurationMs } from '../units/duration.js';

/** Since the run's start, as people say it on a game day: T+06:31, T+1:06:31. */
export function timeOfDay(tMs: number): string {
  const seconds = Math.max(0, Math.floor(tMs / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `T+${hours === 0 ? '' : `${String(hours)}:`}${rest}`;
}

/** An act as a timeline has it, in words. */
export function actText(act: Readonly<Record<string, unknown>>): string {
  const [[kind, value] = ['nothing', '']] = Object.entries(act);
  if (typeof value === 'number') return `${kind} ${formatDurationMs(value)}`;
  if (typeof value !== 'object' || value === null) return `${kind} ${String(value)}`;
  const words = Object.entries(value).map(([key, part]) => `${key}: ${String(part)}`);
  return `${kind} ${words.join(', ')}`;
}
