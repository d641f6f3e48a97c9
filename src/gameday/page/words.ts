const pad = (value: number): string => String(value).padStart(2, '0');

/** `06:31`, `1:02:03`, `4 d 21 h 12 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${String(days)} d ${String(hours)} h ${String(minutes)} min`;
  if (hours > 0) return `${String(hours)}:${pad(minutes)}:${pad(seconds % 60)}`;
  return `${pad(minutes)}:${pad(seconds % 60)}`;
}

/** The time of day. */
export function clock(wallMs: number): string {
  return new Date(wallMs).toLocaleTimeString('en-GB');
}

/** As long as a delivery takes. */
export function took(ms: number): string {
  return ms < 1_000 ? `${String(Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

export const count = (value: number): string => value.toLocaleString('en-US');
