import { connectToxiproxy } from '../../../src/toxiproxy/adapter.js';
import { startToxiproxyServer } from '../../../src/toxiproxy/server.js';
import type { EventOf, EventType, NewEvent } from '../../../src/history/event.js';
import type { MtaRecord, QueueEntry } from '../../../src/mta/dialect.js';
import type { Plan } from '../../../src/scenario/plan.js';
import type { Address, RunningStack, Volume, Watch, WatchListener } from '../../../src/stack/stack.js';
import type { TrafficContext } from '../../../src/traffic/context.js';

type Unstamped<T extends EventType> = Omit<EventOf<T>, 't' | 'wall' | 'sim'>;

/** What a test wrote to its history, in order. */
export class Recorded {
  readonly events: NewEvent[] = [];

  readonly record = (event: NewEvent): void => {
    this.events.push(event);
  };

  of<T extends EventType>(type: T): readonly Unstamped<T>[] {
    const isOfType = (event: NewEvent): event is NewEvent & Unstamped<T> => event.type === type;
    return this.events.filter(isOfType);
  }
}

/** A source of observations that the test feeds. */
class Feed<T> {
  #listener: WatchListener<T> | undefined;

  get isWatched(): boolean {
    return this.#listener !== undefined;
  }

  readonly watch = (listener: WatchListener<T>): Promise<Watch> => {
    this.#listener = listener;
    return Promise.resolve({
      stop: () => {
        this.#listener = undefined;
        return Promise.resolve();
      },
    });
  };

  next(value: T): void {
    this.#listener?.next(value);
  }

  break(error: Error): void {
    this.#listener?.broken(error);
  }
}

const NOBODY: Address = { host: '127.0.0.1', port: 1 };

/** A stack that is nothing but the endpoints, volumes and observations that a test gives it. */
export class ToyStack implements AsyncDisposable {
  readonly mtaLog = new Feed<MtaRecord>();
  readonly queue = new Feed<readonly QueueEntry[]>();
  readonly running: RunningStack;
  readonly #close: () => Promise<void>;

  private constructor(running: Omit<RunningStack, 'mta'>, close: () => Promise<void>) {
    this.running = {
      ...running,
      mta: {
        service: 'mta',
        watchLog: this.mtaLog.watch,
        watchQueue: (_, listener) => this.queue.watch(listener),
        flushQueue: () => Promise.resolve(),
        queueLifetimes: () => Promise.resolve(null),
      },
    };
    this.#close = close;
  }

  static async start(
    plan: Plan,
    parts: {
      readonly mx?: Address;
      readonly submission?: Address;
      readonly imap?: Address;
      readonly volumes?: readonly Volume[];
    } = {},
  ): Promise<ToyStack> {
    const server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
    const nothing = (): Promise<Watch> => Promise.resolve({ stop: () => Promise.resolve() });
    const running = {
      driver: 'embedded' as const,
      name: 'toy',
      title: 'a stack of a test',
      toxiproxyTitle: 'built-in',
      toxiproxy: await connectToxiproxy(server.url),
      services: [],
      endpoints: {
        mx: parts.mx ?? NOBODY,
        submission: parts.submission ?? NOBODY,
        imap: parts.imap ?? NOBODY,
      },
      accounts: plan.mailboxes.map(({ address, volume }) => ({
        address,
        volume,
        password: `secret of ${address}`,
      })),
      volumes: new Map((parts.volumes ?? []).map((volume) => [volume.name, volume])),
      clocks: null,
      watchProbe: nothing,
      watchOutside: nothing,
      watchServices: nothing,
      listMailFiles: () => Promise.resolve([]),
      outsideMtas: [],
      mxLink: null,
    };
    return new ToyStack(running, () => server.close());
  }

  /** The context in which traffic runs on this stack. */
  context(plan: Plan, recorded: Recorded): TrafficContext {
    const { running: stack } = this;
    const source = () => ({ alive: () => undefined, ended: () => undefined });
    const broke = (what: string, error: Error): void => {
      throw new Error(`broken: ${what}`, { cause: error });
    };
    const { record } = recorded;
    return { run: 'run1', seed: 7, plan, stack, record, source, broke, simNowMs: () => Date.now() };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
