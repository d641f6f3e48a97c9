import { join } from 'node:path';
import { plainEvidence } from '../fault/sense.js';
import type { EventOf, HistoryEvent } from '../history/event.js';
import { formatDurationMs, formatMinutesMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import { cell, fit, wrap } from './columns.js';
import { stackAndDriver, type Reporter, type RunHeader, type RunReport } from './reporter.js';
import { cleaned, safeLine, visible } from './safe-text.js';
import { styled, type Style, type TerminalLook } from './terminal-look.js';
import { judgedLines, runsLines, type About, type Telling } from './terminal-verdict.js';

/** The part of a terminal that is needed; a pipe has neither width nor cursor. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What a terminal shows, and how. */
export interface TerminalOptions extends TerminalLook {
  /** Passes and skipped checks line by line. */
  readonly verbose?: boolean;
  /** The index of several runs; null where there is none. */
  readonly index?: string | null;
  /** Whether runs have a page to point to. */
  readonly hasPages?: boolean;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const REDRAW_MS = 120;
const DAY_MS = 86_400_000;
/** Where the text of a phase begins. */
const NOTE_AT = 24;

interface Phase {
  readonly label: string;
  readonly startMs: number;
  readonly planMs: number | null;
  note: string;
  /** What went wrong in it; a phase without its check mark. */
  trouble: string | null;
  /** Faults that were injected and are not felt yet, or healed and not gone yet. */
  readonly pending: Set<string>;
}

interface Counts {
  accepted: number;
  delivered: number;
  refused: number;
  bounced: number;
  /** Depth by service. */
  readonly queues: Map<string, number>;
}

function noCounts(): Counts {
  return { accepted: 0, delivered: 0, refused: 0, bounced: 0, queues: new Map() };
}

/** Live phases with progress; then what is no pass, why, and the verdict. 80 columns are enough; only the live line is ever cut. */
export class Terminal implements Reporter {
  readonly name = 'terminal';
  readonly #out: TerminalStream;
  readonly #options: TerminalOptions;
  #counts = noCounts();
  #phase: Phase | undefined;
  #header: RunHeader | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;
  #drawn = false;
  /** Faults that are on: the fault's name and volume by its id. */
  readonly #faults = new Map<string, { readonly name: string; readonly volume: string }>();
  /** How far the stack's clocks have come since the run began, and whether they were moved. */
  #simulatedMs = 0;
  #isAhead = false;

  constructor(out: TerminalStream, options: TerminalOptions) {
    this.#out = out;
    this.#options = options;
  }

  started(told: RunHeader): void {
    const header = cleaned(told);
    this.#header = header;
    this.#counts = noCounts();
    this.#faults.clear();
    this.#isAhead = false;
    const where = stackAndDriver(header);
    this.#line(`${this.#style('bold', header.scenario.name)} on ${where}, seed ${String(header.seed)}`);
    for (const text of [header.scenario.title, `on ${header.stackTitle}`])
      for (const line of wrap(text, this.#width() - 4)) this.#line(this.#style('dim', `  ${line}`));
    if (header.insteadOf !== null) {
      const { of, because } = header.insteadOf;
      for (const line of wrap(`not on ${of}: ${because}`, this.#width() - 4))
        this.#line(this.#style('yellow', `  ${line}`));
    }
    this.#line('');
    this.#begin('stack', null, 'starting');
    if (this.#out.isTTY === true) {
      this.#timer = setInterval(() => {
        this.#draw();
      }, REDRAW_MS);
    }
  }

  progress(told: string): void {
    const line = visible(told);
    // Between the stack and the first step of a scenario that begins with a fault.
    if (this.#phase === undefined) this.#begin('mailboxes', null, line);
    else this.#phase.note = line;
    if (this.#out.isTTY !== true) this.#line(this.#style('dim', `    ${line}`));
  }

  event(event: HistoryEvent): void {
    this.#simulatedMs = event.t + (event.sim - event.wall);
    this.#isAhead ||= event.sim > event.wall;
    switch (event.type) {
      case 'stack.ready':
        this.#end(visible(event.toxiproxy));
        break;
      case 'phase.started':
        if (this.#phase?.label === 'mailboxes') this.#end(this.#mail());
        this.#begin(event.phase, this.#plannedMs(event), '');
        break;
      case 'phase.ended':
        this.#end(this.#endNote());
        break;
      case 'act.refused':
        this.#mark('refused', formatDurationMs(0), visible(event.reasons.join('; ')), false);
        break;
      case 'mailbox.listed':
        // Filled: what matters from here on is how mail flows.
        if (event.stage === 'before' && this.#phase !== undefined) this.#phase.note = '';
        break;
      case 'harness.failed':
        if (this.#phase !== undefined) this.#phase.trouble = 'failed';
        for (const line of wrap(visible(`${event.what}: ${event.error}`), this.#width() - 4))
          this.#line(this.#style('red', `  ! ${line}`));
        break;
      default:
        if ('fault' in event) this.#fault(event);
        else this.#count(event);
    }
  }

  ended(report: RunReport): void {
    clearInterval(this.#timer);
    if (this.#phase !== undefined) {
      this.#phase.trouble ??= 'ended here';
      this.#end('');
    }
    this.#line('');
    const { dir, stack, driver, insteadOf, failures, rerun } = report;
    const page = this.#options.hasPages === true ? join(dir, 'report.html') : dir;
    this.judged(report.judgement, { stack, driver, insteadOf, failures, rerun, report: page });
  }

  /** The checks, the findings and the verdict, of a run that is just over or of one that was saved. */
  judged(told: RunReport['judgement'], about: About): void {
    for (const line of judgedLines(cleaned(told), cleaned(about), this.#telling())) this.#line(line);
  }

  finished(reports: readonly RunReport[]): void {
    if (reports.length < 2) return;
    for (const line of runsLines(cleaned(reports), this.#options.index ?? null, this.#telling()))
      this.#line(line);
  }

  #telling(): Telling {
    const { verbose = false, colour, links } = this.#options;
    return { width: this.#width(), verbose, colour, links };
  }

  #fault(event: Extract<HistoryEvent, { fault: unknown }>): void {
    const { fault } = event;
    const [name, volume] = [visible(event.name), visible(event.volume)];
    const phase = this.#phase;
    switch (event.type) {
      case 'fault.injecting':
      case 'fault.healing':
        phase?.pending.add(fault);
        break;
      case 'fault.injected':
        this.#faults.set(fault, { name, volume });
        break;
      case 'fault.felt':
        phase?.pending.delete(fault);
        if (phase !== undefined)
          phase.note = `${name} on ${volume}, felt by ${visible(plainEvidence(event.evidence))}`;
        break;
      case 'fault.healed':
        this.#faults.delete(fault);
        break;
      case 'fault.gone':
        phase?.pending.delete(fault);
        if (phase !== undefined) phase.note = `${name} on ${volume} is gone`;
    }
  }

  #count(event: HistoryEvent): void {
    const counts = this.#counts;
    if (event.type === 'attempt.ended') {
      if (event.outcome === 'accepted') counts.accepted += 1;
      if (event.outcome === 'rejected' && !/-c\d+$/.test(event.id)) counts.refused += 1;
    } else if (event.type === 'copy.found' || event.type === 'outside.received') counts.delivered += 1;
    else if (event.type === 'dsn.received' && event.action === 'failed') counts.bounced += 1;
    else if (event.type === 'queue.sampled') counts.queues.set(event.service, event.depth);
  }

  #mail(): string {
    const { accepted, delivered, queues, refused, bounced } = this.#counts;
    const queue = [...queues.values()].reduce((sum, depth) => sum + depth, 0);
    const parts = [
      `${formatCount(accepted)} accepted`,
      `${formatCount(delivered)} delivered`,
      `queue ${formatCount(queue)}`,
    ];
    if (refused > 0) parts.push(`${formatCount(refused)} refused`);
    if (bounced > 0) parts.push(`${formatCount(bounced)} bounced`);
    return parts.join(' · ');
  }

  /** Every fault that is on, by name: `vendor-os-bug on gold, silver`. */
  #broken(): string {
    const volumes = new Map<string, string[]>();
    for (const { name, volume } of this.#faults.values())
      volumes.set(name, [...(volumes.get(name) ?? []), volume]);
    return [...volumes].map(([name, on]) => `${name} on ${on.join(', ')}`).join('; ');
  }

  /** `day 3 (2 d 12 h)`, where the clocks were moved. */
  #day(): string {
    if (!this.#isAhead) return '';
    return `day ${formatCount(Math.floor(this.#simulatedMs / DAY_MS) + 1)} (${formatMinutesMs(this.#simulatedMs)})`;
  }

  #endNote(): string {
    const phase = this.#phase;
    if (phase?.label === 'advance') return this.#travelled();
    return phase === undefined || phase.note === '' ? this.#mail() : phase.note;
  }

  #travelled(): string {
    return [this.#day(), this.#broken(), this.#mail()].filter((part) => part !== '').join(' · ');
  }

  #plannedMs(event: EventOf<'phase.started'>): number | null {
    const step = this.#header?.scenario.timeline[event.step];
    if (step === undefined) return null;
    if ('steady' in step) return step.steady;
    if ('hold' in step) return step.hold;
    return 'settle' in step ? step.settle : null;
  }

  #begin(label: string, planMs: number | null, note: string): void {
    this.#phase = { label, startMs: performance.now(), planMs, note, trouble: null, pending: new Set() };
  }

  #end(note: string): void {
    const phase = this.#phase;
    if (phase === undefined) return;
    this.#phase = undefined;
    const { label, pending } = phase;
    const unseen = pending.size === 0 ? null : label === 'heal' ? 'not seen to be gone' : 'not felt';
    const trouble = phase.trouble ?? unseen;
    const told = [trouble, note].filter((part) => part !== null && part !== '').join(' · ');
    this.#mark(label, formatDurationMs(performance.now() - phase.startMs), told, trouble === null);
  }

  /** A line that stays. What failed, was interrupted or refused carries no check mark. */
  #mark(label: string, took: string, note: string, isDone: boolean): void {
    const mark = isDone ? this.#style('green', '✓') : this.#style('red', '✗');
    const [first = '', ...rest] = wrap(note, this.#width() - NOTE_AT);
    this.#line(`  ${mark} ${cell(label, 10)}${took.padStart(8)}  ${first}`.trimEnd());
    for (const line of rest) this.#line(`${' '.repeat(NOTE_AT)}${line}`);
  }

  #draw(): void {
    const phase = this.#phase;
    if (phase === undefined) return;
    this.#frame = (this.#frame + 1) % SPINNER.length;
    const elapsed = (performance.now() - phase.startMs) / 1_000;
    const of = phase.planMs === null ? '' : `/${String(Math.round(phase.planMs / 1_000))}`;
    const flowing = [this.#mail(), this.#broken(), this.#day()].filter((part) => part !== '').join(' · ');
    const still = phase.label === 'advance' ? this.#travelled() : phase.note;
    const note = phase.planMs === null ? still : flowing;
    const text = `  ${SPINNER[this.#frame] ?? ''} ${cell(phase.label, 10)}${`${elapsed.toFixed(1)}${of} s`.padStart(10)}  ${note}`;
    this.#out.write(`\r\u001b[2K${fit(text, (this.#out.columns ?? 80) - 1)}`);
    this.#drawn = true;
  }

  /** What texts are broken at: wide enough to be read, and no wider than an eye follows. */
  #width(): number {
    return Math.max(60, Math.min(this.#out.columns ?? 100, 120));
  }

  #line(text: string): void {
    if (this.#drawn) this.#out.write('\r\u001b[2K');
    this.#drawn = false;
    this.#out.write(`${safeLine(text)}\n`);
  }

  #style(style: Style, text: string): string {
    return styled(this.#options, style, text);
  }
}
