import { styleText } from 'node:util';
import type { CheckResult } from '../check/result.js';
import type { EventOf, HistoryEvent } from '../history/event.js';
import { formatDurationMs } from '../units/duration.js';
import { formatCount } from '../units/number.js';
import { likelyCauses } from './causes.js';
import { fit, wrap } from './columns.js';
import { dayTable } from './day-table.js';
import { allowances } from './headline.js';
import { stackAndDriver, type Reporter, type RunHeader, type RunReport } from './reporter.js';
import { cleaned, visible } from './safe-text.js';
import { simulatedTime, type SimulatedAt } from './simulated.js';
import { findingsBehind, toldGroups } from './told-groups.js';

/** The part of a terminal that is needed; a pipe has neither width nor cursor. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const REDRAW_MS = 120;
const KINDS_SHOWN = 5;

/** What is told of a run beside its judgement. */
interface About extends Pick<RunHeader, 'dir' | 'stack' | 'driver' | 'insteadOf'> {
  readonly failures: readonly string[];
  readonly rerun?: string;
}

type Style = Parameters<typeof styleText>[0];

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

/** Live phases with progress, then one line a check, then the findings, then the verdict. 80 columns are enough. */
export class Terminal implements Reporter {
  readonly name = 'terminal';
  readonly #out: TerminalStream;
  readonly #colour: boolean;
  #counts = noCounts();
  #phase: { label: string; startMs: number; planMs: number | null; note: string } | undefined;
  #header: RunHeader | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;
  #drawn = false;
  readonly #storage = new Map<string, string>();

  constructor(out: TerminalStream, colour: boolean) {
    this.#out = out;
    this.#colour = colour;
  }

  started(told: RunHeader): void {
    const header = cleaned(told);
    this.#header = header;
    this.#counts = noCounts();
    this.#storage.clear();
    const where = stackAndDriver(header);
    this.#line(`${this.#style('bold', header.scenario.name)} on ${where}, seed ${String(header.seed)}`);
    for (const text of [header.scenario.title, `on ${header.stackTitle}`])
      for (const line of wrap(text, this.#width() - 4)) this.#line(this.#style('dim', `  ${line}`));
    if (header.insteadOf !== null) this.#insteadOf(header.insteadOf);
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
    switch (event.type) {
      case 'stack.ready':
        this.#end(visible(event.toxiproxy));
        break;
      case 'phase.started':
        if (this.#phase?.label === 'mailboxes') this.#end(this.#mail());
        this.#begin(event.phase, this.#plannedMs(event), '');
        break;
      case 'phase.ended':
        this.#end(this.#phase?.note === '' || this.#phase === undefined ? this.#mail() : this.#phase.note);
        break;
      case 'mailbox.listed':
        // Filled: what matters from here on is how mail flows.
        if (event.stage === 'before' && this.#phase !== undefined) this.#phase.note = '';
        break;
      case 'fault.injected':
        this.#storage.set(event.volume, visible(event.name));
        break;
      case 'fault.felt':
        if (this.#phase !== undefined)
          this.#phase.note = visible(`${event.name} on ${event.volume}, felt by ${event.evidence}`);
        break;
      case 'fault.healed':
        this.#storage.delete(event.volume);
        break;
      case 'fault.gone':
        if (this.#phase !== undefined) this.#phase.note = visible(`${event.name} on ${event.volume} is gone`);
        break;
      case 'harness.failed':
        this.#line(this.#style('red', `  ! ${visible(`${event.what}: ${event.error}`)}`));
        break;
      default:
        this.#count(event);
    }
  }

  ended(report: RunReport): void {
    clearInterval(this.#timer);
    if (this.#phase !== undefined) this.#end('ended here', '✗');
    this.#line('');
    this.judged(report.judgement, report);
  }

  /** The checks, the findings and the verdict, of a run that is just over or of one that was saved. */
  judged(told: RunReport['judgement'], of: About): void {
    const judgement = cleaned(told);
    const about = cleaned({
      dir: of.dir,
      stack: of.stack,
      driver: of.driver,
      insteadOf: of.insteadOf,
      failures: of.failures,
      ...(of.rerun === undefined ? {} : { rerun: of.rerun }),
    });
    // A run that never began has nothing to tell of its checks: the error says it all.
    const checks = judgement.mail.created > 0 ? judgement.checks : [];
    for (const check of checks) this.#checkLine(check);
    const simulatedAt = simulatedTime(judgement.timings.jumps);
    for (const check of checks) this.#findings(check, checks, simulatedAt);
    const days = dayTable(judgement.mailboxDays);
    if (days.length > 0) this.#line('');
    for (const line of days) this.#line(`  ${line}`);
    this.#verdict(judgement, about);
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
      `${String(accepted)} accepted`,
      `${String(delivered)} delivered`,
      `queue ${String(queue)}`,
    ];
    if (refused > 0) parts.push(`${String(refused)} refused`);
    if (bounced > 0) parts.push(`${String(bounced)} bounced`);
    return parts.join(' · ');
  }

  #plannedMs(event: EventOf<'phase.started'>): number | null {
    const step = this.#header?.scenario.timeline[event.step];
    if (step === undefined) return null;
    if ('steady' in step) return step.steady;
    if ('hold' in step) return step.hold;
    return 'settle' in step ? step.settle : null;
  }

  #begin(label: string, planMs: number | null, note: string): void {
    this.#phase = { label, startMs: performance.now(), planMs, note };
  }

  #end(note: string, mark: '✓' | '✗' = '✓'): void {
    const phase = this.#phase;
    if (phase === undefined) return;
    this.#phase = undefined;
    const took = formatDurationMs(performance.now() - phase.startMs);
    this.#line(
      `  ${this.#style(mark === '✓' ? 'green' : 'red', mark)} ${phase.label.padEnd(10)}${took.padStart(8)}  ${note}`,
    );
  }

  #draw(): void {
    const phase = this.#phase;
    if (phase === undefined) return;
    this.#frame = (this.#frame + 1) % SPINNER.length;
    const elapsed = (performance.now() - phase.startMs) / 1_000;
    const of = phase.planMs === null ? '' : `/${String(Math.round(phase.planMs / 1_000))}`;
    const storage = [...this.#storage].map(([volume, fault]) => `${visible(volume)}: ${fault}`).join(', ');
    const note =
      phase.planMs === null ? phase.note : [this.#mail(), storage].filter((part) => part !== '').join(' · ');
    const text = `  ${SPINNER[this.#frame] ?? ''} ${phase.label.padEnd(10)}${`${elapsed.toFixed(1)}${of} s`.padStart(10)}  ${note}`;
    this.#out.write(`\r\u001b[2K${fit(text, this.#width() - 1)}`);
    this.#drawn = true;
  }

  #checkLine(check: CheckResult): void {
    const mark = {
      pass: this.#style('green', 'pass'),
      fail: this.#style(['bold', 'red'], 'FAIL'),
      inconclusive: this.#style('yellow', 'none'),
      skipped: this.#style('dim', 'skip'),
    }[check.verdict];
    const quiet = check.verdict === 'inconclusive' || check.verdict === 'skipped';
    const told = quiet && check.reason !== null ? check.reason : `${check.observed} (${check.limit})`;
    const [first = '', ...rest] = wrap(told, this.#width() - 34);
    this.#line(`  ${mark}  ${check.name.padEnd(25)} ${first}`);
    for (const line of rest) this.#line(`${' '.repeat(34)}${line}`);
  }

  #findings(check: CheckResult, checks: readonly CheckResult[], simulatedAt: SimulatedAt): void {
    if (check.findings.length === 0) return;
    this.#line('');
    this.#line(`  ${this.#style(check.verdict === 'fail' ? 'red' : 'yellow', check.name)}: ${check.promise}`);
    const groups = toldGroups(check, checks, simulatedAt);
    for (const { sentence, isAlone, first } of groups.slice(0, KINDS_SHOWN)) {
      const [begin = '', ...rest] = wrap(sentence, this.#width() - 8);
      this.#line(`    - ${begin}`);
      for (const line of rest) this.#line(`      ${line}`);
      const ids = first.flatMap(({ messages }) => messages.slice(0, 1));
      const like = isAlone || ids.length === 0 ? [] : [`such as ${ids.join(', ')}`];
      for (const line of [...like, ...(first[0]?.evidence.slice(0, 2) ?? [])]) {
        for (const part of wrap(line, this.#width() - 10)) this.#line(this.#style('dim', `        ${part}`));
      }
    }
    const more = findingsBehind(groups, KINDS_SHOWN);
    if (more > 0) this.#line(this.#style('dim', `      and ${formatCount(more)} more in results.json`));
  }

  #verdict(judgement: RunReport['judgement'], about: About): void {
    const { verdict, mail } = judgement;
    const style: Style = verdict === 'pass' ? 'green' : verdict === 'fail' ? 'red' : 'yellow';
    const word = verdict === 'inconclusive' ? 'INCONCLUSIVE' : verdict.toUpperCase();
    const fates = (['delivered', 'queued', 'bounced', 'lost', 'unaccounted'] as const)
      .filter((fate) => mail[fate] > 0 || fate === 'lost' || fate === 'bounced')
      .map((fate) => `${String(mail[fate])} ${fate}`);
    this.#line('');
    this.#line(
      `  ${this.#style(['bold', style], word)}  ${String(mail.accepted)} accepted: ${fates.join(', ')}`,
    );
    for (const { cause, mend } of likelyCauses(judgement)) {
      for (const line of wrap(`likely cause: ${cause}`, this.#width() - 4)) this.#line(`  ${line}`);
      for (const line of wrap(`what mends it: ${mend}`, this.#width() - 4)) this.#line(`  ${line}`);
    }
    const allowed = allowances(judgement);
    if (allowed !== null) {
      for (const line of wrap(allowed, this.#width() - 4)) this.#line(this.#style('yellow', `  ${line}`));
    }
    for (const failure of about.failures) {
      for (const line of wrap(`the harness failed: ${failure}`, this.#width() - 4))
        this.#line(this.#style('red', `  ${line}`));
    }
    this.#line(this.#style('dim', `  report  ${about.dir}`));
    if (about.rerun !== undefined) this.#line(this.#style('dim', `  again   ${about.rerun}`));
    if (about.insteadOf !== null) this.#insteadOf(about.insteadOf);
    this.#line(`  ${this.#style('bold', word)} on ${stackAndDriver(about)}`);
  }

  /** Nobody should take another stack's verdict for that of the one that the scenario names. */
  #insteadOf({ of, because }: NonNullable<RunHeader['insteadOf']>): void {
    for (const line of wrap(`not on ${of}: ${because}`, this.#width() - 4))
      this.#line(this.#style('yellow', `  ${line}`));
  }

  #width(): number {
    return Math.max(60, Math.min(this.#out.columns ?? 100, 120));
  }

  #line(text: string): void {
    if (this.#drawn) this.#out.write('\r\u001b[2K');
    this.#drawn = false;
    this.#out.write(`${fit(text, this.#out.isTTY === true ? this.#width() : Number.POSITIVE_INFINITY)}\n`);
  }

  #style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text) : text;
  }
}
