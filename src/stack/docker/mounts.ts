import type { ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import type { ProbeSample } from '../../fault/probe-sample.js';
import type { ContainerDefinition } from '../definition.js';
import type { MailFile, Watch, WatchListener } from '../stack.js';
import type { ContainerStep } from '../undo.js';
import { follow, run } from './exec.js';
import { parsed } from './lines.js';
import { requireMounts } from './mount-table.js';
import type { DockerService } from './service.js';
import { BED, bedImage } from './test-bed.js';
import { carryOutIn } from './undo.js';

/** The name of the container that mounts the volumes. */
export const MOUNTS = 'mounts';
/** Where it has the folder that the engine's machine shares; images/mounts knows it. */
export const SHARED_TARGET = '/srv/shared';

export const mountsImage = bedImage(MOUNTS);

export const mountsDefinition: ContainerDefinition = {
  ...BED,
  role: 'mounts',
  capabilities: ['SYS_ADMIN', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
};

/** What mounting needs beyond capabilities, and nothing else of a run has. */
export const MOUNTING_RIGHTS = {
  devices: ['/dev/fuse'],
  securityOptions: ['apparmor=unconfined'],
} as const;

const MOUNT_TIMEOUT_MS = 45_000;
const LOOK_TIMEOUT_MS = 10_000;
const MOUNTS_CTL = 'mounts-ctl';
const LIST_TIMEOUT_MS = 30_000;
const PROBE_INTERVAL_MS = 250;
const PROBE_DEADLINE_MS = 3_000;

const probeLine = z.object({
  volume: z.string(),
  operation: z.string(),
  outcome: z.enum(['ok', 'error', 'blocked']),
  errno: z.string().nullable(),
  ms: z.number(),
});

const fileLine = z.object({
  volume: z.string(),
  path: z.string(),
  where: z.enum(['volume', 'under-mount']),
  id: z.string().nullable(),
  bytes: z.number(),
});

/**
 * The container that mounts the volumes, with `mounts-ctl` and `storage-probe` in it. The mail containers see its
 * mounts by propagation, and nothing of how they are made.
 */
export class Mounts {
  readonly #client: ContainerRuntimeClient;
  readonly #service: DockerService;
  readonly #run: string;
  readonly #seers: () => readonly DockerService[];

  /** @param seers the mail services that see the volumes, once they are started. */
  constructor(
    client: ContainerRuntimeClient,
    service: DockerService,
    run: string,
    seers: () => readonly DockerService[],
  ) {
    this.#client = client;
    this.#service = service;
    this.#run = run;
    this.#seers = seers;
  }

  /** Mounts all volumes; nobody need see them yet. */
  async mountAll(): Promise<void> {
    await this.#control(MOUNT_TIMEOUT_MS, 'mount-all');
  }

  /** Mounts a volume, and makes sure that every mail container sees it; already mounted is no error. */
  mounting(volume: string): readonly ContainerStep[] {
    const { container, name } = this.#service;
    return [
      {
        via: 'exec',
        container: container.getId(),
        service: name,
        command: [MOUNTS_CTL, 'mount', volume],
        timeoutMs: MOUNT_TIMEOUT_MS,
      },
      ...this.#seers().map((seer): ContainerStep => ({
        via: 'see-mount',
        container: seer.container.getId(),
        service: seer.name,
        volumesAt: seer.definition.volumesAt ?? '',
        volume,
      })),
    ];
  }

  /** @throws NobounceError where it cannot be done. */
  carryOut(step: ContainerStep): Promise<void> {
    return carryOutIn(this.#client, step);
  }

  /** The mount goes away in every mail container; the bare mount point remains. */
  async unmount(volume: string): Promise<void> {
    await this.#control(MOUNT_TIMEOUT_MS, 'unmount', volume);
    await this.mustBeSeen([volume], false);
  }

  /**
   * Looks into the mail containers. What the probe feels here says nothing of a container that does not see the mount:
   * its mail would go to the bare mount point all the time.
   * @throws NobounceError (`environment`) that names the service.
   */
  async mustBeSeen(volumes: readonly string[], isMounted: boolean): Promise<void> {
    await Promise.all(
      this.#seers().map(({ container, name, definition }) =>
        requireMounts(container, name, { volumesAt: definition.volumesAt ?? '', volumes, isMounted }),
      ),
    );
  }

  /** What the mail containers feel of a volume: it runs on the very mount that they see. */
  watchProbe(volume: string, listener: WatchListener<ProbeSample>): Promise<Watch> {
    const { container, name } = this.#service;
    const command = [
      'storage-probe',
      '--volume',
      volume,
      '--path',
      `${SHARED_TARGET}/${this.#run}/${volume}`,
    ];
    return follow(this.#client, container, [...command, ...PROBE_PACE], probeSamples(name, listener));
  }

  /** Every mail file on the volumes, and under their mount points. */
  async listMailFiles(): Promise<readonly MailFile[]> {
    const lines = (await this.#control(LIST_TIMEOUT_MS, 'list-files')).split('\n');
    return lines.filter((line) => line !== '').map((line) => fileLine.parse(JSON.parse(line)));
  }

  /** The runs that have a folder beside that of this run. */
  async others(): Promise<readonly string[]> {
    const names = (await this.#control(LOOK_TIMEOUT_MS, 'list')).split('\n');
    return names.filter((name) => name !== '' && name !== this.#run);
  }

  /** Removes the mounts and folders of other runs, which have to be dead. */
  async remove(runs: readonly string[]): Promise<void> {
    await this.#control(MOUNT_TIMEOUT_MS, 'remove', ...runs);
  }

  #control(timeoutMs: number, ...args: readonly string[]): Promise<string> {
    const { container, name } = this.#service;
    return run(container, name, [MOUNTS_CTL, ...args], timeoutMs);
  }
}

/** How often a probe looks, and how long it waits. */
export const PROBE_PACE: readonly string[] = [
  '--interval-ms',
  String(PROBE_INTERVAL_MS),
  '--deadline-ms',
  String(PROBE_DEADLINE_MS),
];

/** Reads the lines of a probe that runs in the service. */
export function probeSamples(
  service: string,
  { next, broken }: WatchListener<ProbeSample>,
): WatchListener<string> {
  return {
    broken,
    next: parsed(probeLine, broken, (sample) => {
      next({ service, ...sample });
    }),
  };
}
