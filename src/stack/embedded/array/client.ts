import { connect, type Socket } from 'node:net';
import type { Address } from '../../stack.js';
import { StorageError } from '../storage-error.js';
import type { Result } from './brick.js';
import { encodeFrame, FrameReader } from './frames.js';
import { answerSchema, type FileOperation } from './protocol.js';

const RECONNECT_MS = [0, 50, 100, 250, 500, 1_000] as const;
const WATCH_MS = 100;

interface Waiting {
  readonly sinceMs: number;
  readonly settle: (
    answer: { errno: string | null; names?: readonly string[] | undefined },
    payload: Buffer,
  ) => void;
  readonly lost: () => void;
}

/**
 * A volume's network client, as a mount has one: it reconnects by itself, and while there is no array it answers
 * ENOTCONN at once. An array that is silent for `silenceMs` with operations open is given up (a soft mount, like
 * GlusterFS' ping-timeout): all of them end with ENOTCONN.
 */
export class ArrayClient {
  readonly #address: Address;
  readonly #name: string;
  readonly #silenceMs: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #watch: NodeJS.Timeout;
  #socket: Socket | undefined;
  #ready = false;
  #closed = false;
  #nextId = 1;
  #epoch = Date.now() * 1_000;
  #lastByteMs = 0;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #onReady: (() => void)[] = [];

  constructor(name: string, address: Address, silenceMs: number) {
    this.#name = name;
    this.#address = address;
    this.#silenceMs = silenceMs;
    this.#watch = setInterval(() => {
      this.#giveUpOnSilence();
    }, WATCH_MS);
    this.#connect();
  }

  /** Resolves when the array has answered for the first time, or again. */
  ready(): Promise<void> {
    if (this.#ready) return Promise.resolve();
    return new Promise((resolve) => this.#onReady.push(resolve));
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#socket?.destroy();
    this.#drop();
  }

  /** Throws a StorageError: with the array's errno, or ENOTCONN. */
  perform(operation: FileOperation, payload?: Buffer): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { op, path } = operation;
      const fail = (errno: string): void => {
        reject(new StorageError(op, errno, path));
      };
      if (!this.#ready) {
        fail('ENOTCONN');
        return;
      }
      this.#send(
        operation,
        {
          sinceMs: performance.now(),
          settle: ({ errno, names }, data) => {
            if (errno === null) resolve({ payload: data, names: names ?? [] });
            else fail(errno);
          },
          lost: () => {
            fail('ENOTCONN');
          },
        },
        payload,
      );
    });
  }

  #send(header: object, waiting: Waiting, payload?: Buffer): void {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#waiting.set(id, waiting);
    this.#socket?.write(encodeFrame({ ...header, id }, payload));
  }

  #connect(): void {
    const { host, port } = this.#address;
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    const reader = new FrameReader((header, payload) => {
      const answer = answerSchema.parse(header);
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      waiting?.settle(answer, payload);
    });
    socket.on('connect', () => {
      this.#lastByteMs = performance.now();
      this.#epoch += 1;
      this.#send(
        { op: 'hello', client: this.#name, epoch: this.#epoch },
        {
          sinceMs: performance.now(),
          settle: ({ errno }) => {
            if (errno !== null) socket.destroy();
            else this.#becomeReady();
          },
          lost: () => undefined,
        },
      );
    });
    socket.on('data', (chunk: Buffer) => {
      this.#lastByteMs = performance.now();
      try {
        reader.push(chunk);
      } catch {
        // Bytes that are no frames: a path that damages them is as good as none.
        socket.destroy();
      }
    });
    // Whatever it was, what counts is that the connection is gone.
    socket.on('error', () => {
      socket.destroy();
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#drop();
    });
  }

  #becomeReady(): void {
    this.#ready = true;
    this.#failures = 0;
    for (const resolve of this.#onReady.splice(0)) resolve();
  }

  #giveUpOnSilence(): void {
    const nowMs = performance.now();
    const oldestMs = Math.min(...[...this.#waiting.values()].map(({ sinceMs }) => sinceMs));
    // Infinity where nothing waits.
    if (nowMs - Math.max(oldestMs, this.#lastByteMs) > this.#silenceMs) this.#socket?.destroy();
  }

  #drop(): void {
    this.#ready = false;
    this.#socket = undefined;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of lost) waiting.lost();
    if (this.#closed) return;
    const waitMs = RECONNECT_MS[Math.min(this.#failures, RECONNECT_MS.length - 1)] ?? 0;
    this.#failures += 1;
    this.#retry = setTimeout(() => {
      this.#connect();
    }, waitMs);
  }
}
