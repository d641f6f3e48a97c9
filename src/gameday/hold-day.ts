import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Drill } from '../drill/choose-stack.js';
import { carryOut, type DrillOptions } from '../drill/drill.js';
import { headline } from '../report/headline.js';
import { Reporters } from '../report/multiplexer.js';
import type { Reporter, RunReport } from '../report/reporter.js';
import type { UnreadAct } from '../run/acts.js';
import type { LoadedScenario } from '../scenario/load.js';
import type { Command, Sender } from './command.js';
import { Day, type DeskView } from './day.js';
import { Desk } from './desk.js';
import { servePage, type Listen, type PageServer } from './server.js';
import { removeSession, writeSession } from './session-file.js';
import type { LogLine } from './snapshot.js';

/** How a day is held. */
export interface DayOptions extends DrillOptions {
  readonly listen: Listen;
  /** After which a fault heals by itself where nobody said otherwise. */
  readonly longestMs: number;
  /** How long the page is served after the end. */
  readonly lingerMs: number;
  /** Whether the scenario's steps are taken, after the word of go. */
  readonly hasTimeline: boolean;
}

/** Who hears of the day as it goes. */
export interface DayListener {
  /** The page is there. */
  readonly opened: (page: PageServer) => void;
  readonly progress: (line: string) => void;
  readonly logged: (line: LogLine) => void;
}

/** What a person at the terminal can do. */
export interface DayHands {
  readonly act: (command: Command, sender: Sender) => Promise<void>;
}

/** A page that does not listen keeps nobody. */
const TELL_THE_END_MS = 5_000;
/** What is broken is healed by another process where this one is silent for so long. */
const LEASE = { silentMs: 10_000 };
const timelineSchema = z.object({ timeline: z.array(z.record(z.string(), z.unknown())) });

/** The steps as somebody wrote them. */
function writtenTimeline({ source }: LoadedScenario): readonly UnreadAct[] {
  return timelineSchema.parse(parse(source)).timeline;
}

/** Hears every event, as any reporter does. */
class DayReporter implements Reporter {
  readonly name = 'gameday';
  readonly #day: Day;
  readonly #listener: DayListener;
  #told = 0;

  constructor(day: Day, listener: DayListener) {
    this.#day = day;
    this.#listener = listener;
  }

  progress(line: string): void {
    this.#listener.progress(line);
  }

  event(...[event]: Parameters<NonNullable<Reporter['event']>>): void {
    this.#day.see(event);
    const fresh = this.#day.log.filter(({ number }) => number > this.#told);
    for (const line of fresh.toReversed()) this.#listener.logged(line);
    this.#told = Math.max(this.#told, ...fresh.map(({ number }) => number));
  }
}

/**
 * Holds a game day: one run whose acts come from people, with a page that shows it and takes what they do. Resolves when
 * the run is over and judged, and the page has been served for as long as was asked.
 * @throws NobounceError where no run could begin, or the page could not be served
 */
export async function holdDay(
  drill: Drill,
  { listen, longestMs, lingerMs, hasTimeline, ...options }: DayOptions,
  reporters: readonly Reporter[],
  listener: DayListener,
  signal: AbortSignal,
  hands: (hands: DayHands) => void,
): Promise<RunReport> {
  const day = new Day();
  const timeline = hasTimeline ? writtenTimeline(drill.loaded) : [];
  const desk = new Desk(
    () => ({
      active: day.active,
      wanting: day.preflight.filter(({ ok }) => !ok).map(({ text }) => `not yet: ${text}`),
    }),
    { timeline, longestMs },
  );
  const view = (): DeskView => ({
    isOpen: desk.isOpen,
    isGo: desk.isGo,
    controls: desk.hasTheControls,
    isAborting: desk.isAborting,
    healsAt: desk.healsAt,
  });
  const act = (command: Command, sender: Sender) => desk.take(command, sender);
  const page = await servePage({ snapshot: () => day.snapshot(view()), act }, listen);
  const session = { url: page.url, token: page.operatorToken, pid: process.pid };
  try {
    await writeSession(session);
    listener.opened(page);
    hands({
      act: async (command, sender) => {
        const answer = await act(command, sender);
        if (!answer.ok) for (const reason of answer.reasons) listener.progress(reason);
      },
    });
    const told = new Reporters([new DayReporter(day, listener), ...reporters]);
    const live = desk.open.bind(desk);
    const report = await carryOut(drill, { ...options, acts: desk, live, lease: LEASE }, told, signal);
    await told.tell((each) => each.finished?.([report]));
    day.end(report.judgement, headline(report.judgement, report.stackTitle), report.dir);
    await page.tellTheEnd(TELL_THE_END_MS);
    await delay(lingerMs, undefined, { signal }).catch(() => undefined);
    return report;
  } finally {
    desk.close();
    await removeSession(session);
    await page.close();
  }
}
