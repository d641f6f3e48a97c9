import type { Watch } from '../stack/stack.js';
import type { TrafficContext } from './context.js';
import { QueueRecorder } from './queue.js';

/** The queues of all MTAs that mail may wait in: those of the correspondents, and the stack's. */
export class Queues {
  readonly #recorders: readonly QueueRecorder[];

  constructor(context: TrafficContext) {
    const { outsideMtas, mta } = context.stack;
    // In the order in which mail passes them.
    this.#recorders = [...outsideMtas, mta].map((each) => new QueueRecorder(context, each));
  }

  /** The messages that wait in any queue. */
  get ids(): ReadonlySet<string> {
    return new Set(this.#recorders.flatMap((recorder) => [...recorder.ids]));
  }

  /** Makes each MTA try its whole queue, one after the other, and waits at most `timeoutMs` for each. */
  async run(timeoutMs: number, signal: AbortSignal): Promise<void> {
    for (const recorder of this.#recorders) await recorder.run(timeoutMs, signal);
  }

  async start(broken: (error: Error) => void): Promise<Watch> {
    const watches = await Promise.all(this.#recorders.map((recorder) => recorder.start(broken)));
    return {
      stop: async () => {
        await Promise.all(watches.map((watch) => watch.stop()));
      },
    };
  }
}
