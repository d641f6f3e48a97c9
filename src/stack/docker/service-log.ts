import { PassThrough } from 'node:stream';
import type { ContainerRuntimeClient } from 'testcontainers';
import { LineSplitter, MARK } from '../lines.js';
import { LogFile } from '../log-file.js';
import type { Watch, WatchListener } from '../stack.js';
import { engineCall } from './call.js';

const MOST_RECENT = 10_000;

/** The lines of one service's container: saved to a file, and given to who listens. */
export class ServiceLog {
  readonly #service: string;
  readonly #file: LogFile;
  readonly #listeners = new Set<(line: string) => void>();
  readonly #broken = new Set<(error: Error) => void>();
  /** Lines printed before anybody listened. */
  readonly #recent: string[] = [];
  #end: Error | undefined;

  constructor(service: string, path: string) {
    this.#service = service;
    this.#file = new LogFile(path, this.#over);
  }

  /** The last lines, for who wants to know why the service did not start. */
  get tail(): readonly string[] {
    return this.#recent.slice(-8);
  }

  /** Follows the log of a container that was started. */
  async follow(client: ContainerRuntimeClient, containerId: string): Promise<void> {
    const docker = client.container.dockerode;
    const logs = docker.getContainer(containerId).logs({ follow: true, stdout: true, stderr: true });
    const stream = await engineCall(logs, `the log of ${this.#service}`);
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    // Each with lines of its own: a line of one may come in the middle of a line of the other.
    for (const output of [stdout, stderr]) output.on('data', new LineSplitter(this.#read).push);
    docker.modem.demuxStream(stream, stdout, stderr);
    for (const event of ['end', 'close', 'error']) {
      stream.on(event, () => {
        this.#file.end();
        this.#over(new Error(`the engine's stream of the log of ${this.#service} ended`));
      });
    }
  }

  /** Lines printed before the first listener came are given to it first, so that nothing is missed. */
  watch({ next, alive, broken }: WatchListener<string>): Promise<Watch> {
    const hear = (line: string): void => {
      alive?.();
      if (line !== MARK) next(line);
    };
    for (const line of this.#recent.splice(0)) hear(line);
    const unheard = this.onLine(hear);
    const unwatch = this.watchEnd(broken);
    return Promise.resolve({
      stop: () => {
        unheard();
        unwatch();
        return Promise.resolve();
      },
    });
  }

  /** Every line from here on, marks included, until the function that it gives is called. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells when the stream of lines ends, also where that was before; until the function that it gives is called. */
  watchEnd(broken: (error: Error) => void): () => void {
    if (this.#end !== undefined) broken(this.#end);
    this.#broken.add(broken);
    return () => {
      this.#broken.delete(broken);
    };
  }

  readonly #over = (error: Error): void => {
    if (this.#end !== undefined) return;
    this.#end = error;
    for (const broken of this.#broken) broken(error);
  };

  readonly #read = (line: string): void => {
    if (line !== MARK) {
      this.#file.write(`${line}\n`);
      if (this.#listeners.size === 0) this.#recent.push(line);
      if (this.#recent.length > MOST_RECENT) this.#recent.shift();
    }
    for (const listener of this.#listeners) listener(line);
  };
}
