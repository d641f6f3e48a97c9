import { stopsOf } from '../clock/stops.js';
import type { TimeTravel } from '../clock/travel.js';
import { STREAMS } from '../scenario/schedule.js';
import type { Scenario } from '../scenario/scenario.js';
import type { MailboxWatch } from '../traffic/mailboxes.js';
import { until } from '../traffic/pause.js';
import type { Queues } from '../traffic/queues.js';
import type { Readers } from '../traffic/readers.js';
import type { Senders } from '../traffic/senders.js';
import type { Tracker } from '../traffic/tracker.js';

/** Before a jump: for what is under way. Under a storage that hangs it goes on regardless. */
const QUIET_TIMEOUT_MS = 3_000;
/** After a jump: for a burst to be handed over, and for the MTA to try its whole queue. */
const QUEUE_RUN_TIMEOUT_MS = 8_000;
const SEEN_TIMEOUT_MS = 5_000;
const POLL_MS = 100;

type Held = Pick<Readers, 'hold' | 'release'>;

/** Who has to do with a jump. */
export interface Travellers {
  readonly senders: Held & Pick<Senders, 'burst' | 'idle'>;
  readonly readers: Held;
  readonly mailboxes: Pick<MailboxWatch, 'hold' | 'release'>;
  readonly queues: Pick<Queues, 'ids' | 'run'>;
  readonly tracker: Pick<Tracker, 'missing'>;
}

/** Moves a run through simulated time, with the bursts that are due on the way. */
export class Travelling {
  readonly #travel: Pick<TimeTravel, 'aheadMs' | 'jump'>;
  readonly #who: Travellers;
  readonly #traffic: Scenario['traffic'];
  readonly #signal: AbortSignal;

  constructor(
    travel: Pick<TimeTravel, 'aheadMs' | 'jump'>,
    who: Travellers,
    traffic: Scenario['traffic'],
    signal: AbortSignal,
  ) {
    this.#travel = travel;
    this.#who = who;
    this.#traffic = traffic;
    this.#signal = signal;
  }

  #isOver(): boolean {
    return this.#signal.aborted;
  }

  /** Moves the clocks from burst to burst; after each jump the MTA tries all that waits, as it would have by then. */
  async advance(durationMs: number): Promise<void> {
    const { senders, queues } = this.#who;
    const bursts = STREAMS.flatMap((stream) => {
      const eachMs = this.#traffic[stream]?.at;
      return eachMs === undefined ? [] : [{ stream, eachMs }];
    });
    // Behind a heal, all that can be delivered now is delivered before hours pass.
    for (let before = Infinity; queues.ids.size < before && !this.#isOver();) {
      before = queues.ids.size;
      await this.#catchUp();
    }
    for (const stop of stopsOf(this.#travel.aheadMs, durationMs, bursts)) {
      if (this.#isOver()) return;
      // A connection that is open while hours pass would be closed for its silence, by either side.
      await this.inQuiet(() => this.#travel.jump(stop.byMs));
      if (this.#isOver()) return;
      await Promise.all(stop.bursts.map((stream) => senders.burst(stream)));
      await senders.idle(QUEUE_RUN_TIMEOUT_MS, this.#signal);
      await this.#catchUp();
    }
  }

  /** Does something after the MTA has tried its queue, and while no client talks to the stack. */
  async afterQueueRun(act: () => Promise<void>): Promise<void> {
    await this.inQuiet(() => this.#who.queues.run(QUEUE_RUN_TIMEOUT_MS, this.#signal).then(act));
  }

  /**
   * Does something while no client talks to the stack. A minute of a run stands for hours in which next to nothing is
   * going on at any one moment: what is cut off in the middle by chance would weigh far too much.
   */
  async inQuiet(act: () => Promise<void>): Promise<void> {
    const { senders, readers, mailboxes } = this.#who;
    const all = [senders, readers, mailboxes];
    try {
      await Promise.all(all.map((traffic) => traffic.hold(QUIET_TIMEOUT_MS, this.#signal)));
      if (!this.#isOver()) await act();
    } finally {
      for (const traffic of all) traffic.release();
    }
  }

  /** Lets happen what would have happened in the hours before a jump: the MTA tries all that waits, and what it delivers is seen. */
  async #catchUp(): Promise<void> {
    const { queues, tracker } = this.#who;
    await queues.run(QUEUE_RUN_TIMEOUT_MS, this.#signal);
    const isSeen = (): boolean => tracker.missing(queues.ids) === 0;
    await until(isSeen, { everyMs: POLL_MS, timeoutMs: SEEN_TIMEOUT_MS, signal: this.#signal });
  }
}
