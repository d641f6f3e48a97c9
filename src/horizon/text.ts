import { formatDurationMs } from '../units/duration.js';
import { HORIZON_STREAMS, type Between, type Horizon, type HorizonStream } from './horizon.js';

/** Between which two looks something happened. */
export function spanText(span: Between | null, reachedMs: number): string {
  if (span === null) return `not by ${formatDurationMs(reachedMs)}`;
  return `${formatDurationMs(span.survivedMs)} .. ${formatDurationMs(span.byMs)}`;
}

/** How long the MTA says that it keeps such mail. */
export function configuredFor({ configured }: Horizon, stream: HorizonStream): string {
  if (configured === null) return 'unknown';
  return formatDurationMs(stream === 'bounces' ? configured.bouncesMs : configured.mailMs);
}

/** When the MTA tells senders that their mail waits; empty where it does not say. */
export function warningText({ configured }: Horizon): string {
  if (configured === null) return '';
  const { warningMs } = configured;
  return `The MTA tells senders of a delay ${warningMs === 0 ? 'never' : `after ${formatDurationMs(warningMs)}`}.`;
}

/** What was found, as lines of text. */
export function horizonText(horizon: Horizon): string {
  const { title, fault, stepMs, reachedMs, streams } = horizon;
  const rows = HORIZON_STREAMS.map((stream) => {
    const { firstWarning, firstBounce, firstLoss } = streams[stream];
    return [
      stream,
      configuredFor(horizon, stream),
      ...[firstWarning, firstBounce, firstLoss].map((span) => spanText(span, reachedMs)),
    ];
  });
  const head = ['', 'configured', 'first sender warned', 'first bounce', 'first loss'];
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [head, ...rows].map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  const warning = warningText(horizon);
  return [
    `${title}: how long an outage by ${fault} may last, looked at every ${formatDurationMs(stepMs)}`,
    '',
    ...lines,
    '',
    ...(warning === '' ? [] : [`  ${warning}`]),
    '',
  ].join('\n');
}
