import { type OnReadOpts, type Server, Socket } from 'node:net';

/**
 * Takes what was read from a socket. The bytes are only lent: they are overwritten by the next read, unless
 * the receiver says (true) that it still uses them. A receiver that says so a second time has let go of the first.
 */
export type BytesReceiver = (bytes: Buffer) => boolean;

const SMALL_BYTES = 16 * 1024;
const LARGE_BYTES = 512 * 1024;
/** After so many small reads in a row a large buffer is given back. */
const SMALL_READS_TO_SHRINK = 64;
/** So many small buffers of closed sockets are kept for the next ones: making them costs more than a dial. */
const SPARE_BUFFERS = 512;

type ReadBuffer = ReturnType<typeof Buffer.allocUnsafeSlow>;

const spareBuffers: ReadBuffer[] = [];

/** The reading side of a socket; call `release` when the socket is closed. */
interface SocketReader extends OnReadOpts {
  readonly release: () => void;
}

/**
 * The reading side of a socket with a buffer of its own that is used again for every read. Node's default, a
 * fresh 64 KiB for every read, costs a proxy a third of its throughput. The buffer is large only for
 * connections that fill it, so that idle ones cost little.
 */
export function readInto(receive: BytesReceiver): SocketReader {
  let sizeBytes = SMALL_BYTES;
  let buffer = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(sizeBytes);
  let isReleased = false;
  let lent: ReadBuffer | null = null;
  let smallReads = 0;
  return {
    buffer: () => {
      if (buffer.length !== sizeBytes) buffer = Buffer.allocUnsafeSlow(sizeBytes);
      return buffer;
    },
    callback: (length) => {
      const isInUse = receive(buffer.subarray(0, length));
      smallReads = length < SMALL_BYTES ? smallReads + 1 : 0;
      if (length === buffer.length) sizeBytes = LARGE_BYTES;
      else if (smallReads >= SMALL_READS_TO_SHRINK) {
        sizeBytes = SMALL_BYTES;
        lent = null;
      }
      if (isInUse) {
        // At most one is lent at a time, so the one lent before is free again.
        const free = lent;
        lent = buffer;
        buffer = free?.length === sizeBytes ? free : Buffer.allocUnsafeSlow(sizeBytes);
      }
      return true;
    },
    release: () => {
      // The one lent may still be in use; this one is not.
      if (!isReleased && buffer.length === SMALL_BYTES && spareBuffers.length < SPARE_BUFFERS) {
        spareBuffers.push(buffer);
      }
      isReleased = true;
    },
  };
}

/** A client that was accepted and that nobody reads yet: call it once, with who takes what it sends. */
export type AcceptedClient = (receive: BytesReceiver) => Socket;

/** What a server's sockets are given. */
export interface AcceptOptions {
  readonly keepAliveMs: number;
  readonly accept: (client: AcceptedClient) => void;
}

/**
 * Takes the clients of a server that listens, with half-open sockets, no delay and keep-alive. Node offers a
 * buffer of one's own only for sockets it connects itself, so the connection is taken from it as the handle
 * it comes as: making a socket of it first and moving the handle to a second one costs a tenth of all the
 * work for a short connection. Where there is no such handle, Node's own sockets are used as they are.
 */
export function takeAccepted(server: Server, { keepAliveMs, accept }: AcceptOptions): void {
  server.on('connection', (socket) => {
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    accept((receive) => socket.on('data', receive).resume());
  });
  const listener: unknown = Reflect.get(server, '_handle');
  if (!isObject(listener)) return;
  const ordinary: unknown = Reflect.get(listener, 'onconnection');
  if (typeof ordinary !== 'function') return;
  Reflect.set(listener, 'onconnection', (status: number, handle: unknown) => {
    if (status !== 0 || !isTcpHandle(handle)) {
      Reflect.apply(ordinary, listener, [status, handle]);
      return;
    }
    handle.setNoDelay(true);
    handle.setKeepAlive(true, keepAliveMs / 1_000);
    accept((receive) => {
      const onread = readInto(receive);
      const options = { handle, allowHalfOpen: true, onread };
      return new Socket(options).once('close', onread.release);
    });
  });
}

interface TcpHandle {
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, seconds: number): number;
}

function isTcpHandle(handle: unknown): handle is TcpHandle {
  return isObject(handle) && 'useUserBuffer' in handle && 'setNoDelay' in handle && 'setKeepAlive' in handle;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
