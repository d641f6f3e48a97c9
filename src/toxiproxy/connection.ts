import { connect, type Socket } from 'node:net';
import type { Address } from './address.js';
import { Link } from './link.js';
import type { ByteCounters } from './metrics.js';
import { closeSocket, endStream, resetSocket } from './socket-ending.js';
import { type AcceptedClient, readInto } from './socket-reader.js';
import type { ActiveToxic, Direction } from './toxic-list.js';
import type { Ending } from './toxics/toxic.js';

/** Addresses of one upstream name are tried one after the other, each this long. */
const DIAL_ATTEMPT_MS = 2_000;

/** As Go does for every socket, so that peers that vanish without a word are noticed. */
export const KEEP_ALIVE_MS = 15_000;

export interface ConnectionOptions {
  readonly client: AcceptedClient;
  readonly upstream: Address;
  readonly counters: Readonly<Record<Direction, ByteCounters>>;
  readonly toxics: (direction: Direction) => readonly ActiveToxic[];
  /** Called once, when both sockets are closed. */
  readonly onClosed: (connection: Connection) => void;
}

/**
 * A client, its own connection to the upstream, and a link for each direction.
 *
 * Better than upstream (proxy.go, server; link.go, write): the upstream is dialled without keeping other
 * clients waiting; a client that goes away meanwhile is noticed; and when one side ends its stream only
 * that direction ends, so that the answer to a half-closed request still arrives.
 */
export class Connection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #links: Readonly<Record<Direction, Link>>;

  constructor({ client, upstream, counters, toxics, onClosed }: ConnectionOptions) {
    this.#client = client((bytes) => this.#links.upstream.receive(bytes));
    const onread = readInto((bytes) => this.#links.downstream.receive(bytes));
    this.#upstream = connect({
      host: upstream.host === '' ? 'localhost' : upstream.host,
      port: upstream.port,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      onread,
      autoSelectFamilyAttemptTimeout: DIAL_ATTEMPT_MS,
    }).once('close', onread.release);
    this.#links = {
      upstream: this.#link(this.#client, this.#upstream, counters.upstream, toxics('upstream')),
      downstream: this.#link(this.#upstream, this.#client, counters.downstream, toxics('downstream')),
    };
    let open = 2;
    const closed = (): void => {
      open--;
      if (open === 0) onClosed(this);
    };
    this.#watch(this.#client, this.#links.upstream, this.#links.downstream, closed);
    this.#watch(this.#upstream, this.#links.downstream, this.#links.upstream, closed);
  }

  link(direction: Direction): Link {
    return this.#links[direction];
  }

  /** Closes both sockets at once. */
  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #link(source: Socket, destination: Socket, counters: ByteCounters, toxics: readonly ActiveToxic[]): Link {
    return new Link(source, destination, counters, toxics, (ending) => {
      this.#finish(source, destination, ending);
    });
  }

  #watch(socket: Socket, outgoing: Link, incoming: Link, closed: () => void): void {
    const peer = socket === this.#client ? this.#upstream : this.#client;
    socket.on('end', () => {
      // libuv tells of a reset that comes together with data as of an end, and never again. Only a socket
      // that was reset has no peer any more.
      if (socket.remoteAddress === undefined) socket.destroy();
      else outgoing.sourceEnded('end');
    });
    socket.on('drain', () => {
      incoming.destinationDrained();
    });
    // A socket closes after an error; what it was makes no difference to what happens then.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      incoming.destinationGone();
      if (peer.connecting) peer.destroy();
      else if (outgoing.finished) closeSocket(peer);
      else outgoing.sourceEnded('close');
      closed();
    });
  }

  #finish(source: Socket, destination: Socket, ending: Ending): void {
    if (ending === 'reset') {
      resetSocket(destination);
      resetSocket(source);
    } else if (ending === 'close' || source.destroyed) closeSocket(destination);
    else endStream(destination);
  }
}
