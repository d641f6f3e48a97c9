import { Readable } from 'node:stream';
import type { ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { LineSplitter } from '../lines.js';
import type { ServiceDeath, ServiceRole, Watch, WatchListener } from '../stack.js';
import { engineCall } from './call.js';
import { containerName, runFilter } from './labels.js';

/** How long after a signal a container may end of it: `docker stop` sends SIGTERM, and SIGKILL ten seconds later. */
const SIGNAL_COUNTS_MS = 15_000;
/** After its first process was killed for want of memory a container ends at once, or not at all. */
const OOM_GRACE_MS = 1_500;
/** Of a first process that SIGKILL ended, which it cannot send to itself: 128 + 9. */
const KILLED_EXIT_CODE = 137;

/** An event of the engine's API (docker-events(1)). */
const engineEvent = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
  timeNano: z.number().default(0),
});
type EngineEvent = z.output<typeof engineEvent>;

/** How a container ended, as far as its events tell. */
export interface End {
  readonly container: string;
  readonly exitCode: number | null;
  readonly cause: ServiceDeath['cause'];
}

/** What the engine's events of one run say of containers that end: `kill` and `oom` come before `die`. */
export class Obituary {
  readonly #signalledMs = new Map<string, number>();
  readonly #starved = new Set<string>();
  readonly #dead = new Set<string>();

  /** The end of a container, where this event is one. */
  read({ Action: action, Actor, timeNano }: EngineEvent): End | null {
    const name = Actor.Attributes['name'] ?? Actor.ID;
    const atMs = timeNano / 1e6;
    if (action === 'kill') this.#signalledMs.set(name, atMs);
    else if (action === 'oom') this.#starved.add(name);
    else if (action === 'die') return this.#died(name, Number(Actor.Attributes['exitCode']), atMs);
    return null;
  }

  /** A process of the container was killed for want of memory, and the container goes on without it; told once. */
  starvedAlive(container: string): End | null {
    if (!this.#starved.delete(container) || this.#dead.has(container)) return null;
    return { container, exitCode: null, cause: 'out-of-memory' };
  }

  #died(container: string, code: number, atMs: number): End {
    this.#dead.add(container);
    const exitCode = Number.isInteger(code) ? code : null;
    const signalledMs = this.#signalledMs.get(container);
    const wasSignalled = signalledMs !== undefined && atMs - signalledMs <= SIGNAL_COUNTS_MS;
    if (this.#starved.has(container)) return { container, exitCode, cause: 'out-of-memory' };
    if (wasSignalled) return { container, exitCode, cause: 'killed' };
    // Somebody on the engine's machine, past the engine; or a script that passes on how its child ended.
    return { container, exitCode, cause: exitCode === KILLED_EXIT_CODE ? 'unknown' : 'itself' };
  }
}

/** A container of the run, and what it is. */
interface Known {
  readonly name: string;
  readonly role: ServiceRole;
}

/** Listens to the engine from before the first container starts, so that no end of one is missed. */
export class DeathWatch {
  readonly #run: string;
  readonly #stream: NodeJS.ReadableStream;
  readonly #obituary = new Obituary();
  readonly #timers = new Set<NodeJS.Timeout>();
  #early: End[] = [];
  #tell: ((end: End) => void) | undefined;
  #broken: ((error: Error) => void) | undefined;
  #isOver = false;
  #isStopped = false;

  private constructor(run: string, stream: NodeJS.ReadableStream) {
    this.#run = run;
    this.#stream = stream;
    stream.on('data', new LineSplitter(this.#onLine).push);
    for (const event of ['end', 'close', 'error']) stream.on(event, this.#onEnd);
  }

  static async open(client: ContainerRuntimeClient, run: string): Promise<DeathWatch> {
    const stream = client.container.dockerode.getEvents({
      filters: { type: ['container'], event: ['kill', 'oom', 'die'], ...runFilter(run) },
    });
    return new DeathWatch(run, await engineCall(stream, 'its events'));
  }

  /** Tells of every service that ends, those that did before it was called included. */
  watch(services: Iterable<Known>, { next, broken }: WatchListener<ServiceDeath>): Watch {
    const byContainer = new Map([...services].map((known) => [containerName(this.#run, known.name), known]));
    this.#tell = ({ container, exitCode, cause }) => {
      const known = byContainer.get(container);
      if (known !== undefined) next({ service: known.name, role: known.role, exitCode, cause });
    };
    for (const end of this.#early.splice(0)) this.#tell(end);
    this.#broken = broken;
    if (this.#isOver) this.#onEnd();
    return { stop: () => this.stop() };
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#stream instanceof Readable) this.#stream.destroy();
    return Promise.resolve();
  }

  readonly #onLine = (line: string): void => {
    const event = engineEvent.parse(JSON.parse(line));
    const end = this.#obituary.read(event);
    if (end !== null) this.#say(end);
    if (event.Action !== 'oom') return;
    const container = event.Actor.Attributes['name'] ?? event.Actor.ID;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const starved = this.#obituary.starvedAlive(container);
      if (starved !== null) this.#say(starved);
    }, OOM_GRACE_MS);
    this.#timers.add(timer);
  };

  #say(end: End): void {
    if (this.#isStopped) return;
    if (this.#tell === undefined) this.#early.push(end);
    else this.#tell(end);
  }

  readonly #onEnd = (): void => {
    this.#isOver = true;
    if (!this.#isStopped) this.#broken?.(new Error("the engine's stream of events ended"));
  };
}
