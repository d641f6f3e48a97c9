import type { ProbeSample } from '../../fault/probe-sample.js';
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Toxiproxy } from '../../toxiproxy/adapter.js';
import { withDeadline } from '../../errors/deadline.js';
import type { EmbeddedStack } from '../definition.js';
import type {
  Account,
  MailFile,
  Mta,
  OutsideMessage,
  RunningStack,
  ServiceDeath,
  ServiceInfo,
  Volume,
  Watch,
  WatchListener,
} from '../stack.js';
import type { Child } from './child.js';
import type { Deaths } from './deaths.js';
import { CONTROL_PREFIX } from './control.js';
import { EmbeddedMta } from './mta/mta.js';
import type { QueueFolder } from './mta/queue.js';
import { outsideLine } from './outside-line.js';
import { stopped } from './stopped.js';
import { storeEvent, type StoreCommand } from './store/commands.js';
import { errnoOf } from './storage-error.js';

const PROBE_INTERVAL_MS = 250;
const PROBE_DEADLINE_MS = 3_000;
const COMMAND_TIMEOUT_MS = 10_000;
const LIST_TIMEOUT_MS = 30_000;
const HEADER_BYTES = 32 * 1024;

/** Where a volume's files are on this machine. */
export interface VolumePlace {
  readonly volume: string;
  readonly brick: string;
  readonly mountPoint: string;
}

interface Parts {
  readonly definition: EmbeddedStack;
  readonly toxiproxy: Toxiproxy;
  readonly toxiproxyTitle: string;
  readonly infos: readonly ServiceInfo[];
  readonly endpoints: RunningStack['endpoints'];
  readonly accounts: readonly Account[];
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly places: readonly VolumePlace[];
  readonly store: Child;
  readonly mta: Child;
  readonly outside: Child;
  readonly deaths: Deaths;
  readonly queue: QueueFolder;
}

/** A stack of processes that runs. */
export class RunningEmbeddedStack implements RunningStack {
  readonly driver = 'embedded';
  readonly name: string;
  readonly title: string;
  readonly toxiproxy: Toxiproxy;
  readonly toxiproxyTitle: string;
  readonly services: readonly ServiceInfo[];
  readonly endpoints: RunningStack['endpoints'];
  readonly accounts: readonly Account[];
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly mta: Mta;
  readonly outsideMtas = [];
  readonly mxLink = null;
  readonly clocks = null;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.definition.name;
    this.title = parts.definition.title;
    this.toxiproxy = parts.toxiproxy;
    this.toxiproxyTitle = parts.toxiproxyTitle;
    this.services = parts.infos;
    this.endpoints = parts.endpoints;
    this.accounts = parts.accounts;
    this.volumes = parts.volumes;
    this.mta = new EmbeddedMta(parts.mta, parts.queue);
  }

  async watchProbe(volume: string, listener: WatchListener<ProbeSample>): Promise<Watch> {
    const stop = this.#parts.store.listen((line) => {
      if (!line.startsWith(`${CONTROL_PREFIX}{"probe"`)) return;
      const { probe } = storeEvent.parse(JSON.parse(line.slice(CONTROL_PREFIX.length)));
      if (probe.volume === volume) listener.next({ service: 'store', ...probe });
    }, listener.broken);
    const pace = { intervalMs: PROBE_INTERVAL_MS, deadlineMs: PROBE_DEADLINE_MS };
    const command: StoreCommand = { do: 'probe', volume, ...pace };
    await this.#parts.store.command(command, COMMAND_TIMEOUT_MS);
    return stopped(stop);
  }

  watchServices(listener: WatchListener<ServiceDeath>): Promise<Watch> {
    return this.#parts.deaths.watch(listener);
  }

  watchOutside(listener: WatchListener<OutsideMessage>): Promise<Watch> {
    const stop = this.#parts.outside.listen((line) => {
      listener.alive?.();
      if (!line.startsWith('{')) return;
      const { from, to, raw } = outsideLine.parse(JSON.parse(line));
      listener.next({ from, to, raw: Buffer.from(raw, 'base64') });
    }, listener.broken);
    return Promise.resolve(stopped(stop));
  }

  async listMailFiles(): Promise<readonly MailFile[]> {
    const listing = this.#parts.places.flatMap(({ volume, brick, mountPoint }) => [
      mailFiles(brick, volume, 'volume'),
      mailFiles(mountPoint, volume, 'under-mount'),
    ]);
    return (await withDeadline(Promise.all(listing), LIST_TIMEOUT_MS, 'listing the mail files')).flat();
  }
}

/** The files in every mailbox's `new/`. */
async function mailFiles(root: string, volume: string, where: MailFile['where']): Promise<MailFile[]> {
  const names = await readdir(root, { recursive: true });
  const found = await Promise.all(
    names
      .filter((name) => basename(dirname(name)) === 'new')
      .map(async (path): Promise<MailFile | null> => {
        const file = await open(join(root, path), 'r').catch((error: unknown) => {
          // Gone since the folder was read.
          if (errnoOf(error) === 'ENOENT') return null;
          throw error;
        });
        if (file === null) return null;
        try {
          const { size: bytes } = await file.stat();
          const head = Buffer.alloc(Math.min(bytes, HEADER_BYTES));
          await file.read(head, 0, head.length, 0);
          const header = head.toString('latin1').split('\r\n\r\n')[0] ?? '';
          const id = /^X-Nobounce-Id:[ \t]*(\S*)/im.exec(header)?.[1] ?? null;
          return { volume, where, path, id, bytes };
        } finally {
          await file.close();
        }
      }),
  );
  return found.filter((file) => file !== null);
}
