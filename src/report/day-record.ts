import type { HistoryEvent } from '../history/event.js';
import { formatDurationMs } from '../units/duration.js';
import { actText, timeOfDay } from './act-text.js';

/** One line of a day's log: what somebody did or said. */
export interface DayLine {
  /** From 1; a flag on a chart has the same. */
  readonly number: number;
  readonly tMs: number;
  readonly wallMs: number;
  readonly who: string;
  readonly what: string;
  readonly why: string | null;
  readonly kind: 'act' | 'refused' | 'note' | 'decision' | 'surprise' | 'answer';
}

/** What is to be done after the day, from a note with `#action`. */
export interface DayAction {
  /** The line that it comes from. */
  readonly line: number;
  /** Whom the note names, without the `@`; null where it names nobody. */
  readonly whom: string | null;
  readonly what: string;
}

/** What people did in a run that they led. */
export interface DayRecord {
  readonly lines: readonly DayLine[];
  readonly actions: readonly DayAction[];
  /** How each abort went, one sentence each. */
  readonly aborts: readonly string[];
}

interface Abort {
  readonly by: string;
  readonly tMs: number;
  /** The faults that were up, by when each was healed and seen gone. */
  readonly faults: Map<string, { healedMs: number | null; goneMs: number | null }>;
}

/** Acts of nobody: a scenario's own steps, and what a run does at its end. */
const NOBODY: readonly string[] = ['timeline', 'nobounce'];
/** A page shows so many lines, as many as its other long lists. */
const MOST_LINES = 1_000;

/** Folds a history to what people did in it. */
export class DayRecordFold {
  readonly #lines: DayLine[] = [];
  readonly #actions: DayAction[] = [];
  readonly #aborts: Abort[] = [];
  readonly #up = new Set<string>();
  #isComplete = false;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'fault.injecting':
        this.#up.add(event.fault);
        return;
      case 'fault.healed':
        for (const { faults } of this.#aborts) {
          const life = faults.get(event.fault);
          if (life !== undefined) life.healedMs ??= event.t;
        }
        return;
      case 'fault.gone':
        this.#up.delete(event.fault);
        for (const { faults } of this.#aborts) {
          const life = faults.get(event.fault);
          if (life !== undefined) life.goneMs ??= event.t;
        }
        return;
      case 'run.ended':
        this.#isComplete = event.reason === 'completed';
        return;
      case 'act.asked':
        if (!NOBODY.includes(event.by)) this.#add(event, event.by, actText(event.act), null, 'act');
        return;
      case 'act.refused':
        this.#add(event, event.by, actText(event.act), event.reasons.join('; '), 'refused');
        return;
      case 'act.cut':
        if (!NOBODY.includes(event.by))
          this.#add(event, event.by, `step ${String(event.step + 1)} ended before its time`, null, 'act');
        return;
      case 'operator.acted':
        if (event.act === 'abort') this.#abort(event.by, event.t);
        this.#add(event, event.by, event.act, event.reason, 'act');
        return;
      case 'ask.answered':
        this.#add(event, event.by, `${event.question} ${event.answer ?? 'no answer'}`, null, 'answer');
        return;
      case 'note.added':
        this.#note(event);
        return;
      default:
        return;
    }
  }

  /** Null where nobody led the run. */
  record(): DayRecord | null {
    if (this.#lines.every(({ who }) => NOBODY.includes(who))) return null;
    return {
      lines: this.#lines,
      actions: this.#actions,
      aborts: this.#aborts.map((abort) => abortText(abort, this.#isComplete)),
    };
  }

  #abort(by: string, tMs: number): void {
    const faults = [...this.#up].map((fault) => [fault, { healedMs: null, goneMs: null }] as const);
    this.#aborts.push({ by, tMs, faults: new Map(faults) });
  }

  #note(event: Extract<HistoryEvent, { type: 'note.added' }>): void {
    const { text, by } = event;
    const has = (tag: string): boolean => new RegExp(`(^|\\s)#${tag}(?![\\w-])`, 'i').test(text);
    const kind = has('decision') ? 'decision' : has('surprise') ? 'surprise' : 'note';
    const line = this.#add(event, by, text, null, kind);
    if (!has('action')) return;
    const [, whom = null] = /(?:^|\s)@([\p{L}\p{N}._-]*[\p{L}\p{N}])/u.exec(text) ?? [];
    const what = text
      .replace(/(^|\s)#action(?![\w-])/gi, '$1')
      .replace(whom === null ? '' : `@${whom}`, '')
      .replace(/\s+/g, ' ')
      .trim();
    this.#actions.push({ line, whom, what });
  }

  #add(
    { t, wall }: HistoryEvent,
    who: string,
    what: string,
    why: string | null,
    kind: DayLine['kind'],
  ): number {
    const number = (this.#lines.at(-1)?.number ?? 0) + 1;
    if (number <= MOST_LINES) this.#lines.push({ number, tMs: t, wallMs: wall, who, what, why, kind });
    return Math.min(number, MOST_LINES);
  }
}

/** "aborted by operator 1 at T+06:40, all healed after 0.9 s; mail was followed to its end". */
function abortText({ by, tMs, faults }: Abort, isComplete: boolean): string {
  const lives = [...faults.values()];
  const healed = lives.map(({ healedMs }) => healedMs);
  const gone = lives.map(({ goneMs }) => goneMs);
  const after = (times: readonly (number | null)[]): string | null =>
    times.every((time) => time !== null)
      ? formatDurationMs(Math.max(0, ...times.map((time) => time - tMs)))
      : null;
  const healing = after(healed);
  const seen = after(gone);
  const told =
    lives.length === 0
      ? 'nothing was broken'
      : healing === null
        ? 'not all was healed'
        : `all healed after ${healing}, ${seen === null ? 'and not all was seen gone' : `seen gone after ${seen}`}`;
  const mail = isComplete ? 'mail was followed to its end' : 'mail was not followed to its end';
  return `aborted by ${by} at ${timeOfDay(tMs)}, ${told}; ${mail}`;
}
