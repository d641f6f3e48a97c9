import { formatDurationMs } from '../units/duration.js';
import { HORIZON_STREAMS, type Between, type Horizon } from './horizon.js';

function between(span: Between | null, reachedMs: number): string {
  if (span === null) return `not by ${formatDurationMs(reachedMs)}`;
  return `${formatDurationMs(span.survivedMs)} .. ${formatDurationMs(span.byMs)}`;
}

/** What was found, as lines of text. */
export function horizonText({ title, fault, stepMs, reachedMs, configured, streams }: Horizon): string {
  const configuredFor = {
    inbound: configured?.mailMs,
    outbound: configured?.mailMs,
    bounces: configured?.bouncesMs,
  };
  const rows = HORIZON_STREAMS.map((stream) => {
    const { firstWarning, firstBounce, firstLoss } = streams[stream];
    const lifetime = configuredFor[stream];
    return [
      stream,
      lifetime === undefined ? 'unknown' : formatDurationMs(lifetime),
      ...[firstWarning, firstBounce, firstLoss].map((span) => between(span, reachedMs)),
    ];
  });
  const head = ['', 'configured', 'first sender warned', 'first bounce', 'first loss'];
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [head, ...rows].map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  const warning =
    configured === null
      ? []
      : [
          `  The MTA tells senders of a delay ${configured.warningMs === 0 ? 'never' : `after ${formatDurationMs(configured.warningMs)}`}.`,
        ];
  return [
    `${title}: how long an outage by ${fault} may last, looked at every ${formatDurationMs(stepMs)}`,
    '',
    ...lines,
    '',
    ...warning,
    '',
  ].join('\n');
}
