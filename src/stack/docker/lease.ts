import type { ContainerRuntimeClient } from 'testcontainers';
import { engineCall } from './call.js';
import { containerName, LABEL_LEASE, LABEL_SHARED, labels } from './labels.js';

const MIB = 1024 * 1024;

/**
 * What says that a run is alive: a container that waits for its standard input to end, and holds it open is the
 * harness's connection to the engine. The kernel closes that however the harness ends, a SIGKILL included, and the
 * engine then ends the container; a harness that is only stopped keeps it. So anyone who shares the engine can tell,
 * from another machine or in another namespace of processes, and no clock and no pid is compared.
 */
export class Lease {
  readonly #stream: NodeJS.ReadWriteStream;
  readonly #lost = new Set<(error: Error) => void>();
  #state: 'held' | 'lost' | 'released' = 'held';

  private constructor(stream: NodeJS.ReadWriteStream) {
    this.#stream = stream;
    for (const event of ['end', 'close', 'error']) stream.on(event, this.#onEnd);
    // Without a reader its end would not be seen.
    stream.resume();
  }

  /**
   * Takes the lease of a run; before anything else of it is started, or another run would sweep that.
   * @param image one with `cat` in it.
   * @param shared where the run puts its mount points: as long as a lease is there, what is left of them can be found.
   */
  static async take(
    client: ContainerRuntimeClient,
    run: string,
    { image, keep, shared }: { readonly image: string; readonly keep: boolean; readonly shared: string },
  ): Promise<Lease> {
    const docker = client.container.dockerode;
    const creating = docker.createContainer({
      name: containerName(run, 'lease'),
      Image: image,
      Entrypoint: ['cat'],
      Cmd: [],
      Labels: { ...labels(run, keep), [LABEL_LEASE]: 'true', [LABEL_SHARED]: shared },
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      HostConfig: {
        NetworkMode: 'none',
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        ReadonlyRootfs: true,
        Memory: 32 * MIB,
        PidsLimit: 8,
      },
    });
    const container = await engineCall(creating, 'a lease');
    const attaching = container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
    const lease = new Lease(await engineCall(attaching, 'a connection to the lease'));
    await engineCall(container.start(), 'the lease');
    return lease;
  }

  /** Tells when the lease is gone although nobody here let go of it. */
  watch(lost: (error: Error) => void): () => void {
    this.#lost.add(lost);
    if (this.#state === 'lost') this.#tell();
    return () => {
      this.#lost.delete(lost);
    };
  }

  /** Lets go of it: from here on the run counts as dead. */
  release(): void {
    this.#state = 'released';
    this.#stream.end();
  }

  readonly #onEnd = (): void => {
    if (this.#state !== 'held') return;
    this.#state = 'lost';
    this.#tell();
  };

  #tell(): void {
    const error = new Error('its container is gone, or the connection to the engine that held it');
    for (const lost of this.#lost) lost(error);
  }
}
