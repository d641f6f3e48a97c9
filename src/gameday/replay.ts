import { stringify } from 'yaml';
import { z } from 'zod';
import { limitsBeyondDefaults } from '../check/recorded-scenario.js';
import { NobounceError } from '../errors/errors.js';
import { writeFault } from '../fault/registry.js';
import type { EventOf, HistoryEvent } from '../history/event.js';
import { actText, timeOfDay } from '../report/act-text.js';
import { visible } from '../report/safe-text.js';
import { parseScenario, type LoadedScenario } from '../scenario/load.js';
import { CHECK_NAMES } from '../scenario/limits.js';
import type { TimelineStep } from '../scenario/scenario.js';
import { AT_THE_START, takeStep, type Standing } from '../scenario/timeline.js';
import { validateStep } from '../scenario/validate.js';
import { writeDuration } from '../units/duration.js';
import { writeRate } from '../units/rate.js';
import { writeSizeRange } from '../units/size.js';

/** What an outage is held against is measured in the first steady time. */
const LEAST_STEADY_MS = 8_000;
/** Shorter pauses between two acts are those of hands and machines, not of a decision. */
const LEAST_PAUSE_MS = 500;
const LAST_SETTLE_MS = 60_000;
/** A scenario file is read up to 512 KiB. */
const MOST_COMMENTS = 1_000;
const MOST_TEXT = 300;
const LINE_WIDTH = 96;
/** The loader counts brackets line by line, also those in comments. */
const MOST_BRACKETS_A_LINE = 40;
const SUFFIX = '-replay';
const LONGEST_NAME = 63;
const LONGEST_TITLE = 200;

const duration = z.number().transform(writeDuration);
const stream = z.looseObject({
  rate: z.number().transform(writeRate).optional(),
  at: z
    .number()
    .transform((ms) => `each ${writeDuration(ms)}`)
    .optional(),
  size: z.object({ minBytes: z.number(), maxBytes: z.number() }).transform(writeSizeRange).optional(),
});
const outsideMta = z.looseObject({ lifetime: duration, warning: duration });

/** A recorded scenario, every unit a number, read as a person would write it. */
const recordedSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  tags: z.array(z.string()).default([]),
  baseline: z.boolean().optional(),
  domains: z.array(z.object({ volumes: z.array(z.string()) }).loose()),
  volumes: z.record(z.string(), z.unknown()).default({}),
  outside: z.union([outsideMta, z.array(outsideMta)]).optional(),
  traffic: z.looseObject({
    inbound: stream.optional(),
    outbound: stream.optional(),
    internal: stream.optional(),
    readers: z.looseObject({ every: duration }).optional(),
  }),
  checks: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
type Recorded = z.output<typeof recordedSchema>;

/** A line of the timeline that is being written. */
type Line = { readonly comment: string } | { readonly step: Readonly<Record<string, unknown>> };

/**
 * What people did on a led run, as a scenario with a fixed timeline: the same domains, traffic, storage, stack and
 * checks, each act when it was done, and as comments what was noted, decided and refused.
 * @throws NobounceError (`usage`) where the run was not led, or cannot be written as a scenario
 */
export async function replayOf(
  events: AsyncIterable<HistoryEvent> | Iterable<HistoryEvent>,
): Promise<LoadedScenario> {
  let started: EventOf<'run.started'> | undefined;
  let timeline: Timeline | undefined;
  let recorded: Recorded | undefined;
  for await (const event of events) {
    if (event.type === 'run.started') {
      started = event;
      recorded = recordedOf(event);
      timeline = new Timeline(recorded);
    }
    timeline?.see(event);
  }
  if (started === undefined || timeline === undefined || recorded === undefined)
    throw new NobounceError('usage', 'the history has no beginning: nothing is known of its scenario', {
      advice: 'name the folder of a game day, such as reports/game-day/latest',
    });
  const lines = timeline.end();
  const source = textOf(headOf(recorded, started, lines), lines, started);
  const name = `${nameOf(recorded)}.yaml`;
  try {
    return parseScenario(source, name);
  } catch (cause) {
    throw new NobounceError('usage', 'what was done cannot be written as a scenario of this version', {
      cause,
    });
  }
}

function recordedOf({ asked, run, scenario }: EventOf<'run.started'>): Recorded {
  if (asked !== true)
    throw new NobounceError('usage', `nobody led the run ${run}: it did what its scenario says`, {
      advice: 'run its scenario.yaml, which lies in its folder',
    });
  const recorded = recordedSchema.safeParse(scenario);
  if (recorded.success) return recorded.data;
  throw new NobounceError('usage', 'the scenario that the run recorded cannot be read', {
    cause: recorded.error,
  });
}

/** Writes a timeline as the events come; what could not stand in one becomes a comment. */
class Timeline {
  readonly #lines: Line[] = [];
  readonly #volumes: readonly string[];
  readonly #hasOutsideMtas: boolean;
  #standing: Standing = AT_THE_START;
  #steps = 0;
  /** Since when nothing was done; null while something is, or before mail flows. */
  #idleSinceMs: number | null = null;
  #lastMs = 0;
  #comments: string[] = [];
  #commentsSeen = 0;
  /** An act whose phase goes on, with the places that it broke so far. */
  #under: { readonly step: TimelineStep; readonly broke: string[]; readonly fromMs: number } | null = null;

  constructor({ domains, volumes, outside }: Recorded) {
    this.#volumes = [...new Set([...domains.flatMap((one) => one.volumes), ...Object.keys(volumes)])];
    this.#hasOutsideMtas = [outside ?? []].flat().length > 0;
  }

  see(event: HistoryEvent): void {
    this.#lastMs = Math.max(this.#lastMs, event.t);
    switch (event.type) {
      case 'mailbox.listed':
        if (event.stage === 'before' && this.#steps === 0 && this.#under === null)
          this.#idleSinceMs = event.t;
        return;
      case 'act.asked':
        this.#begin(event);
        return;
      case 'fault.injecting':
        this.#under?.broke.push(event.volume);
        return;
      case 'act.cut':
        this.#say(event, `${event.by} cut it short`);
        return;
      case 'phase.ended':
        this.#finish(event.t);
        return;
      case 'act.refused':
        this.#say(
          event,
          `${event.by} was refused: ${actText(written(event.act))}: ${event.reasons.join('; ')}`,
        );
        return;
      case 'note.added':
        this.#say(event, `${event.by}: ${event.text}`);
        return;
      case 'operator.acted':
        this.#say(event, `${event.by}: ${event.act}${event.reason === null ? '' : `: ${event.reason}`}`);
        return;
      case 'ask.answered':
        this.#say(event, `asked: ${event.question} ${event.by}: ${event.answer ?? 'no answer'}`);
        return;
      default:
        return;
    }
  }

  /** The whole timeline; a day that was cut off is healed and settled all the same. */
  end(): readonly Line[] {
    if (this.#under !== null) this.#finish(this.#lastMs);
    if (!this.#standing.isSettled) {
      this.#comments.push('the day did not come to its end: what follows ends its replay');
      if (this.#standing.active.length > 0) {
        this.#pause(this.#lastMs);
        this.#add({ heal: 'all' });
      }
      this.#add({ settle: LAST_SETTLE_MS });
    }
    this.#flush();
    return this.#lines;
  }

  #begin(event: EventOf<'act.asked'>): void {
    if (this.#under !== null) this.#finish(event.t);
    const read = validateStep(written(event.act));
    if (!read.ok) {
      this.#say(event, `${event.by}: ${actText(written(event.act))}: ${read.reasons.join('; ')}`);
      return;
    }
    const { step } = read;
    // A wait that was asked for, and the pauses around it, are one.
    const isWait = 'steady' in step || 'hold' in step;
    const fromMs = isWait ? (this.#idleSinceMs ?? event.t) : event.t;
    if (!isWait) this.#pause(event.t);
    this.#idleSinceMs = null;
    this.#say(event, `${event.by}: ${actText(written(event.act))}`);
    this.#under = { step, broke: [], fromMs };
  }

  #finish(t: number): void {
    const under = this.#under;
    this.#under = null;
    if (under === null) return;
    const { step, broke, fromMs } = under;
    this.#idleSinceMs = t;
    if ('steady' in step || 'hold' in step) {
      // As long as it lasted, which is not what was asked for where it was cut short.
      this.#idleSinceMs = fromMs;
      return;
    }
    if ('inject' in step) this.#inject(step, broke);
    else this.#add(step);
  }

  /** What was broken of it: a run may have ended half way. */
  #inject(step: Extract<TimelineStep, { inject: unknown }>, broke: readonly string[]): void {
    if (broke.length === 0) {
      this.#comments.push('it was asked for, and never injected');
      return;
    }
    const { planned } = this.#taken(step);
    const isWhole = planned.kind === 'inject' && planned.faults.length === broke.length;
    const [first] = broke;
    const volume = broke.length === 1 ? first : [...broke];
    const narrowed = validateStep(written({ inject: { ...step.inject, volume } }));
    this.#add(isWhole || !narrowed.ok ? step : narrowed.step);
  }

  /** The time between two acts, in which what is broken is held. */
  #pause(untilMs: number): void {
    if (this.#idleSinceMs === null) return;
    const isFirst = this.#steps === 0;
    const ms = untilMs - this.#idleSinceMs;
    if (!isFirst && ms < LEAST_PAUSE_MS) return;
    const rounded = roundedMs(ms);
    this.#add(
      this.#standing.active.length > 0
        ? { hold: rounded }
        : { steady: isFirst ? Math.max(rounded, LEAST_STEADY_MS) : rounded },
    );
  }

  #taken(step: TimelineStep): ReturnType<typeof takeStep> {
    const bed = { volumes: this.#volumes, hasOutsideMtas: this.#hasOutsideMtas };
    return takeStep(this.#standing, step, this.#steps, bed);
  }

  #add(step: TimelineStep): void {
    const { standing, problems } = this.#taken(step);
    if (problems.length > 0) {
      this.#comments.push(`left out: ${problems.map(({ message }) => message).join('; ')}`);
      return;
    }
    this.#flush();
    this.#standing = standing;
    this.#steps += 1;
    this.#lines.push({ step: written(step) });
  }

  #say({ t }: HistoryEvent, text: string): void {
    this.#comments.push(`${timeOfDay(t)} ${text}`);
  }

  #flush(): void {
    for (const comment of this.#comments) {
      this.#commentsSeen += 1;
      if (this.#commentsSeen <= MOST_COMMENTS) this.#lines.push({ comment });
      if (this.#commentsSeen === MOST_COMMENTS + 1)
        this.#lines.push({ comment: 'more was said, which stands in history.jsonl' });
    }
    this.#comments = [];
  }
}

const STEPS_MS = [
  [600_000, 30_000],
  [60_000, 5_000],
  [10_000, 1_000],
] as const;

/** As people count: seconds, from a minute on five of them, from ten minutes on half minutes. */
function roundedMs(ms: number): number {
  const [, toMs] = STEPS_MS.find(([fromMs]) => ms >= fromMs) ?? [0, 500];
  return Math.max(toMs, Math.round(ms / toMs) * toMs);
}

/** A step whose units are numbers, as a scenario has it. */
function written(step: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(step).map(([kind, value]): [string, unknown] => {
      if (typeof value === 'number') return [kind, writeDuration(value)];
      const isFault = kind === 'inject' && typeof value === 'object' && value !== null;
      return [kind, isFault ? writeFault({ ...value }) : value];
    }),
  );
}

function nameOf({ name }: Recorded): string {
  if (name.endsWith(SUFFIX)) return name;
  return `${name.slice(0, LONGEST_NAME - SUFFIX.length).replace(/-+$/, '')}${SUFFIX}`;
}

/** What stands in a file as it was recorded, since it has no unit, or has its unit again. */
const AS_RECORDED: readonly string[] = ['stack', 'outside', 'storage'];

/** All but the timeline. */
function headOf(recorded: Recorded, { wall }: EventOf<'run.started'>, lines: readonly Line[]): object {
  const { title, baseline, checks, volumes, domains, traffic, tags, ...rest } = recorded;
  const isBroken = lines.some((line) => 'step' in line && 'inject' in line.step);
  const day = new Date(wall).toISOString().slice(0, 10);
  const limited = CHECK_NAMES.flatMap((check): [string, Record<string, unknown>][] => {
    const stated = limitsBeyondDefaults(check, checks[check] ?? {});
    return Object.keys(stated).length === 0 ? [] : [[check, stated]];
  });
  return {
    name: nameOf(recorded),
    title: visible(`Replay of ${day}: ${title}`).slice(0, LONGEST_TITLE),
    ...(tags.length === 0 ? {} : { tags }),
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => AS_RECORDED.includes(key))),
    ...(baseline === true && !isBroken ? { baseline } : {}),
    domains,
    ...(Object.keys(volumes).length === 0 ? {} : { volumes }),
    traffic,
    ...(limited.length === 0 ? {} : { checks: Object.fromEntries(limited) }),
  };
}

function textOf(
  head: object,
  lines: readonly Line[],
  { run, stack, driver }: EventOf<'run.started'>,
): string {
  const flow = { collectionStyle: 'flow', lineWidth: 0 } as const;
  return [
    ...commented(`What people did on the game day ${run}, with a timeline that is fixed.`, ''),
    ...commented(`It was held on the stack ${stack.name} (${driver}).`, ''),
    stringify(head, { lineWidth: 0 }).trimEnd(),
    '',
    'timeline:',
    ...lines.flatMap((line) =>
      'comment' in line
        ? commented(line.comment, '  ')
        : Object.entries(line.step).map(
            ([kind, value]) => `  - ${kind}: ${stringify(value, flow).trimEnd()}`,
          ),
    ),
    '',
  ].join('\n');
}

/** A text from outside as lines that are comments whatever it holds. */
function commented(text: string, indent: string): readonly string[] {
  const whole = visible(text);
  const told = whole.length > MOST_TEXT ? `${whole.slice(0, MOST_TEXT)}…` : whole;
  const brackets = told.match(/[[{]/g)?.length ?? 0;
  const width = brackets > MOST_BRACKETS_A_LINE ? MOST_BRACKETS_A_LINE : LINE_WIDTH;
  const lines =
    told.match(new RegExp(`\\S.{0,${String(width)}}(?=\\s|$)|\\S.{0,${String(width)}}`, 'g')) ?? [];
  return lines.map((line) => `${indent}# ${visible(line.trim())}`);
}
