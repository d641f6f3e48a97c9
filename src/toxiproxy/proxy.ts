import { createServer, type Server } from 'node:net';
import {
  type Address,
  AddressError,
  formatAddress,
  isWildcard,
  parseAddress,
  resolveAddress,
} from './address.js';
import { ApiError } from './api-error.js';
import { Connection, KEEP_ALIVE_MS } from './connection.js';
import type { ByteCounters, Metrics } from './metrics.js';
import { type AcceptedClient, takeAccepted } from './socket-reader.js';
import { type ActiveToxic, type Direction, ToxicList, type ToxicListener } from './toxic-list.js';

/** What a proxy is told to be. */
export interface ProxySettings {
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

export interface ProxyOptions {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly metrics: Metrics;
  /** Aborted when the server closes: from then on the proxy does not start any more. */
  readonly closing: AbortSignal;
}

/** Where the connections of a proxy go to, and where their bytes are counted. */
interface Target {
  /** Null for an upstream that is no address: one that cannot be reached. */
  readonly upstream: Address | null;
  readonly counters: Readonly<Record<Direction, ByteCounters>>;
}

/** Clients that may wait to be accepted; the system takes its own limit where that is lower. */
const BACKLOG = 4_096;

/**
 * A listening port, its upstream, its toxics and its live connections. Steps that change it must not
 * overlap; the collection sees to that.
 */
export class Proxy implements ToxicListener {
  readonly name: string;
  readonly toxics = new ToxicList(this);
  readonly #metrics: Metrics;
  readonly #closing: AbortSignal;
  readonly #connections = new Set<Connection>();
  #listen: string;
  #upstream: string;
  #server: Server | undefined;
  /** The same for all connections until the proxy is stopped. */
  #target: Target | undefined;

  constructor({ name, listen, upstream, metrics, closing }: ProxyOptions) {
    this.name = name;
    this.#closing = closing;
    this.#listen = listen;
    this.#upstream = upstream;
    this.#metrics = metrics;
  }

  /** As given until the proxy starts; then the address with its real port. */
  get listen(): string {
    return this.#listen;
  }

  get upstream(): string {
    return this.#upstream;
  }

  get enabled(): boolean {
    return this.#server !== undefined;
  }

  /**
   * Starts to listen; nothing where it listens already.
   * @throws {ApiError} 500 where it cannot, in the words of Go's net.Listen.
   */
  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const wanted = await this.#resolveListen();
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    this.#assertOpen();
    await listenOn(server, wanted, (client) => {
      this.#accept(client);
    });
    this.#server = server;
    this.#listen = addressOf(server);
    if (this.#closing.aborted) await this.stop();
    this.#assertOpen();
  }

  /** Stops listening and closes all connections. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#target = undefined;
    const closed = closeServer(server);
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  /**
   * Applies new settings. Live connections are closed where `listen` or `upstream` differ; toxics stay.
   * @throws {ApiError} 500 where the new address is none or cannot be listened to; the proxy is then disabled.
   */
  async update(settings: ProxySettings): Promise<void> {
    if (await this.differs(settings)) {
      await this.stop();
      this.#listen = settings.listen;
      this.#upstream = settings.upstream;
    }
    if (settings.enabled) await this.start();
    else await this.stop();
  }

  /**
   * Whether other settings mean another listener or another upstream. Better than upstream's Differs: an
   * address that means every interface is the same however it is written, so that sending `0.0.0.0:80` again
   * does not close the connections of a proxy that is shown as `[::]:80`.
   * @throws {ApiError} 500 where the address is none.
   */
  async differs({
    listen,
    upstream,
  }: {
    readonly listen: string;
    readonly upstream: string;
  }): Promise<boolean> {
    const wanted = await resolveListen(listen, '');
    return !this.#listensTo(wanted) || upstream !== this.#upstream;
  }

  toxicAdded(direction: Direction, toxic: ActiveToxic): void {
    for (const connection of this.#connections) connection.link(direction).add(toxic);
  }

  toxicUpdated(direction: Direction, toxic: ActiveToxic): void {
    for (const connection of this.#connections) connection.link(direction).update(toxic);
  }

  toxicRemoved(direction: Direction, toxic: ActiveToxic): void {
    for (const connection of this.#connections) connection.link(direction).remove(toxic);
  }

  #assertOpen(): void {
    if (this.#closing.aborted) throw new ApiError(500, 'the server is closing');
  }

  #listensTo(wanted: Address): boolean {
    // Go listens to every interface of both families as `[::]`, whatever it was told.
    const everyInterface = { host: '::', port: wanted.port };
    return (
      formatAddress(wanted) === this.#listen ||
      (isWildcard(wanted.host) && formatAddress(everyInterface) === this.#listen)
    );
  }

  async #resolveListen(): Promise<Address> {
    return resolveListen(this.#listen, 'listen tcp: ');
  }

  #readTarget(): Target {
    const labels = { listener: this.#listen, proxy: this.name, upstream: this.#upstream };
    const counters = {
      upstream: this.#metrics.counters({ direction: 'upstream', ...labels }),
      downstream: this.#metrics.counters({ direction: 'downstream', ...labels }),
    };
    try {
      return { upstream: parseAddress(this.#upstream), counters };
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      return { upstream: null, counters };
    }
  }

  #accept(client: AcceptedClient): void {
    const target = (this.#target ??= this.#readTarget());
    if (target.upstream === null) {
      client(() => false)
        .on('error', () => undefined)
        .destroy();
      return;
    }
    this.#connections.add(
      new Connection({
        client,
        upstream: target.upstream,
        counters: target.counters,
        toxics: (direction) => this.toxics.inDirection(direction),
        onClosed: (connection) => this.#connections.delete(connection),
      }),
    );
  }
}

type Accept = (client: AcceptedClient) => void;

async function resolveListen(listen: string, prefix: string): Promise<Address> {
  try {
    return await resolveAddress(parseAddress(listen));
  } catch (error) {
    if (error instanceof AddressError) throw new ApiError(500, prefix + error.message);
    throw error;
  }
}

function addressOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has no address');
  return formatAddress({ host: bound.address, port: bound.port });
}

async function listenOn(server: Server, wanted: Address, accept: Accept): Promise<void> {
  try {
    await listenOnce(server, isWildcard(wanted.host) ? '::' : wanted.host, wanted.port, accept);
  } catch (error) {
    const code = codeOf(error);
    if (isWildcard(wanted.host) && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) {
      await listenOnce(server, '0.0.0.0', wanted.port, accept);
      return;
    }
    throw new ApiError(500, `listen tcp ${formatAddress(wanted)}: bind: ${BIND_ERRORS[code] ?? code}`);
  }
}

const BIND_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Stops listening, and waits until the last of its connections is closed. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

async function listenOnce(server: Server, host: string, port: number, accept: Accept): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      // Accepting can fail later, e.g. for want of file descriptors: those clients are lost, the proxy stays.
      server.on('error', () => undefined);
      takeAccepted(server, { keepAliveMs: KEEP_ALIVE_MS, accept });
      resolve();
    });
  });
}
