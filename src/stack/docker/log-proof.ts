import type { ContainerRuntimeClient } from 'testcontainers';
import { after } from '../../units/timer.js';
import type { Watch } from '../stack.js';
import { engineCall } from './call.js';
import type { DockerService } from './service.js';

const ASK_EVERY_MS = 3_000;
/** Before the text of each entry of a log that comes in parts: which stream it is of, and its length (Docker Engine API). */
const HEADER_BYTES = 8;
/** RFC 3339 with nine decimals, as the engine writes it before each line. */
const TIMESTAMP = /^\S+/;

/** Whether a stream of lines that is silent has nothing to say, by what the engine's own last line is. */
export class LogProof {
  #last: string | null = null;
  #hasHeard = false;
  #isOwed = false;

  /** A line came through the stream. */
  heard(): void {
    this.#hasHeard = true;
    this.#isOwed = false;
  }

  /** The engine has this one as its last line, by its time; gives whether the stream still lives. */
  compare(last: string): boolean {
    const isNew = this.#last !== null && this.#last !== last;
    if (isNew && !this.#hasHeard) this.#isOwed = true;
    this.#last = last;
    this.#hasHeard = false;
    return !this.#isOwed;
  }
}

/**
 * Asks the engine now and then for the last line of a service's log while nothing comes through the stream of it: a log
 * in which nothing happens is as silent as one whose stream is dead. Images may print marks besides (docs/stacks.md).
 * @param alive called when the stream is known to live.
 */
export function proveLog(
  client: ContainerRuntimeClient,
  { name, container, log }: DockerService,
  alive: () => void,
): Watch {
  const proof = new LogProof();
  const docker = client.container.dockerode.getContainer(container.getId());
  let isStopped = false;
  let callOff = (): void => undefined;
  const ask = async (): Promise<void> => {
    const tail = docker.logs({ follow: false, stdout: true, stderr: true, timestamps: true, tail: 1 });
    const entry = await engineCall(tail, `the last line of the log of ${name}`);
    if (proof.compare(TIMESTAMP.exec(entry.subarray(HEADER_BYTES).toString())?.[0] ?? '')) alive();
  };
  const again = (): void => {
    callOff = after(ASK_EVERY_MS, () => {
      // What no answer comes to is what silence comes to: nothing was heard.
      ask()
        .then(
          () => undefined,
          () => undefined,
        )
        .finally(() => {
          if (!isStopped) again();
        });
    });
  };
  const unheard = log.onLine(() => {
    proof.heard();
  });
  again();
  return {
    stop: () => {
      isStopped = true;
      callOff();
      unheard();
      return Promise.resolve();
    },
  };
}
