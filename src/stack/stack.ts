import type { HeadSpec } from '../fault/act.js';
import type { ProbeSample } from '../fault/probe-sample.js';
import type { MtaRecord, QueueEntry, QueueLifetimes } from '../mta/dialect.js';
import type { Plan } from '../scenario/plan.js';
import type { Toxiproxy } from '../toxiproxy/adapter.js';
import type { HeadUndo, StorageStep } from './undo.js';

/** A TCP endpoint. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One service of a running stack, with what was measured inside it. */
export interface ServiceInfo {
  readonly name: string;
  readonly image: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** A subscriber's mailbox with the credentials of this run. */
export interface Account {
  readonly address: string;
  readonly password: string;
  readonly volume: string;
}

/** One volume: its array behind a Toxiproxy link, and the mount in front of it. */
export interface Volume {
  readonly name: string;
  /** The name of the link's proxy in Toxiproxy. */
  readonly proxy: string;
  /** Makes the array serve a head; resolves to the upstream address, as Toxiproxy sees it, once it listens. */
  openHead(spec: HeadSpec): Promise<string>;
  /** kill -9 on every head. */
  crash(): Promise<void>;
  /** The mount goes away under the mail store; the bare mount point remains. */
  unmount(): Promise<void>;
  /** How each of these is undone. */
  readonly undo: {
    openHead(kind: HeadSpec['kind']): HeadUndo;
    crash(): readonly StorageStep[];
    unmount(): readonly StorageStep[];
  };
  /** Does one step of an undo of this volume. */
  carryOut(step: StorageStep): Promise<void>;
}

/** One mail file on a volume or under its mount point. */
export interface MailFile {
  readonly volume: string;
  readonly where: 'volume' | 'under-mount';
  readonly path: string;
  readonly id: string | null;
  readonly bytes: number;
}

/** One message that reached the outside, as the sink in the outside's container saw it. */
export interface OutsideMessage {
  readonly from: string;
  readonly to: string;
  /** The message as received, after the dot-unstuffing of RFC 5321 section 4.5.2. */
  readonly raw: Buffer;
}

/** One service's clock, as the service itself sees it. */
export interface ClockReading {
  readonly service: string;
  readonly epochMs: number;
}

/** The clocks of a stack's mail services, which can be moved forward, and never back. */
export interface StackClocks {
  /** Sets every clock so far ahead of the real time. */
  advance(totalAheadMs: number): Promise<void>;
  read(): Promise<readonly ClockReading[]>;
}

/** A stream of observations that ends with `stop`. `failed` settles only when the source breaks before that. */
export interface Watch {
  stop(): Promise<void>;
}

export interface WatchListener<T> {
  readonly next: (value: T) => void;
  /** The source was heard of, though it had nothing to tell. */
  readonly alive?: () => void;
  /** The source broke: what it would have shown is unknown from here on. */
  readonly broken: (error: Error) => void;
}

/** The link through which the correspondents' MTAs reach the MX. */
export interface MxLink {
  /** The name of its proxy in Toxiproxy. */
  readonly proxy: string;
  /** The upstream when mail flows, as Toxiproxy sees it, and one that answers every connection with 421. */
  readonly open: string;
  readonly closed: string;
}

/** An MTA with a queue. */
export interface Mta {
  readonly service: string;
  watchQueue(intervalMs: number, listener: WatchListener<readonly QueueEntry[]>): Promise<Watch>;
  watchLog(listener: WatchListener<MtaRecord>): Promise<Watch>;
  /** Asks it to try everything in its queue now. */
  flushQueue(): Promise<void>;
  /** Null where it does not say. */
  queueLifetimes(): Promise<QueueLifetimes | null>;
}

/** An MTA of the correspondents: it takes their mail and hands it to the MX. */
export interface OutsideMta extends Mta {
  readonly endpoint: Address;
}

/** A service that ended before the teardown. */
export interface ServiceDeath {
  readonly service: string;
  readonly role: ServiceRole;
  readonly exitCode: number | null;
  /** `killed`: from outside, which is no doing of its own. */
  readonly cause: 'itself' | 'killed' | 'out-of-memory' | 'unknown';
}

/**
 * `store` and `mta` are of the system under test, all others of the test bed. An array that ends by itself is storage
 * that went away all the same, and is told by `no-crash`.
 */
export type ServiceRole = 'store' | 'mta' | 'array' | 'mounts' | 'toxiproxy' | 'outside' | 'outside-mta';

/** A mail stack that runs; the same for every driver. Every call has a deadline and throws when it passes. */
export interface RunningStack {
  readonly driver: 'docker' | 'embedded';
  readonly name: string;
  readonly title: string;
  /** Which Toxiproxy runs, with its version. */
  readonly toxiproxyTitle: string;
  readonly toxiproxy: Toxiproxy;
  readonly services: readonly ServiceInfo[];
  readonly endpoints: { readonly mx: Address; readonly submission: Address; readonly imap: Address };
  readonly accounts: readonly Account[];
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Null where the clocks cannot be moved, and where the plan does not ask for it. */
  readonly clocks: StackClocks | null;
  readonly mta: Mta;
  /** In the order of the plan. */
  readonly outsideMtas: readonly OutsideMta[];
  /** Null where the correspondents have no MTAs. */
  readonly mxLink: MxLink | null;
  /** Of a volume, or of the link to the MX by its key. */
  watchProbe(volume: string, listener: WatchListener<ProbeSample>): Promise<Watch>;
  /** Tells of every service that ends from here on. */
  watchServices(listener: WatchListener<ServiceDeath>): Promise<Watch>;
  watchOutside(listener: WatchListener<OutsideMessage>): Promise<Watch>;
  listMailFiles(): Promise<readonly MailFile[]>;
}

/** What a driver needs to start a stack. */
export interface StartRequest {
  readonly run: string;
  readonly plan: Plan;
  /** `builtin`, or an image reference. Undefined: the official image where it can be had, else the built-in one. */
  readonly toxiproxy: string | undefined;
  /** The folder that takes `<service>.log`. */
  readonly logsDir: string;
  readonly keep: boolean;
  readonly progress: (line: string) => void;
  /** Registers an undo before the act; undone in reverse order, each with its own deadline. */
  readonly onTeardown: (name: string, timeoutMs: number, undo: () => Promise<void>) => void;
  readonly signal: AbortSignal;
}
