import { titleOfFault } from '../fault/registry.js';
import { plainEvidence } from '../fault/sense.js';
import type { HistoryEvent } from '../history/event.js';
import { actText } from '../report/act-text.js';
import { visible } from '../report/safe-text.js';
import { formatDurationMs } from '../units/duration.js';
import type { LogLine } from './snapshot.js';

/** A page shows some ten; the rest is for who scrolls. */
const MOST_LINES = 200;
const MOST_TEXT = 300;

type Told = Pick<LogLine, 'text' | 'by' | 'kind'>;

/** What happened that people tell each other, newest first. */
export class DayLog {
  readonly #lines: LogLine[] = [];
  #count = 0;
  #firstDelayTold = false;

  get lines(): readonly LogLine[] {
    return this.#lines.toReversed();
  }

  see(event: HistoryEvent): void {
    const told = this.#tell(event);
    if (told === null) return;
    this.#count += 1;
    const text = visible(told.text).slice(0, MOST_TEXT);
    this.#lines.push({
      ...told,
      text,
      by: told.by === null ? null : visible(told.by),
      number: this.#count,
      tMs: event.t,
      wallMs: event.wall,
    });
    if (this.#lines.length > MOST_LINES) this.#lines.shift();
  }

  #tell(event: HistoryEvent): Told | null {
    const happened = (text: string): Told => ({ text, by: null, kind: 'event' });
    switch (event.type) {
      case 'stack.ready':
        return happened(`the stack is up, after ${formatDurationMs(event.tookMs)}`);
      case 'fault.injecting':
        return happened(`injecting ${titleOfFault(event.name)} (${event.name}) on ${event.volume}`);
      case 'fault.felt':
        return {
          text: `felt on ${event.volume}: ${plainEvidence(event.evidence)}`,
          by: null,
          kind: 'trouble',
        };
      case 'fault.healed':
        return happened(`healed ${event.name} on ${event.volume}; waiting for the storage probe`);
      case 'fault.gone':
        return happened(`${event.name} on ${event.volume} is gone`);
      case 'clock.advanced':
        return happened(`the clocks were moved by ${formatDurationMs(event.byMs)}`);
      case 'attempt.ended':
        if (event.outcome !== 'deferred' || this.#firstDelayTold) return null;
        this.#firstDelayTold = true;
        return { text: `first 4xx to a sender: ${event.reply}`, by: null, kind: 'trouble' };
      case 'note.added':
        return { text: event.text, by: event.by, kind: 'note' };
      case 'operator.acted': {
        const reason = event.reason === null ? '' : `: ${event.reason}`;
        return { text: `${event.act}${reason} (${event.via})`, by: event.by, kind: 'act' };
      }
      case 'act.asked':
        return { text: actText(event.act), by: event.by, kind: 'act' };
      case 'act.refused':
        return {
          text: `refused: ${actText(event.act)}: ${event.reasons.join('; ')}`,
          by: event.by,
          kind: 'trouble',
        };
      case 'service.died':
        return { text: `the service ${event.service} died`, by: null, kind: 'trouble' };
      case 'harness.failed':
        return { text: `${event.what}: ${event.error}`, by: null, kind: 'trouble' };
      default:
        return null;
    }
  }
}
