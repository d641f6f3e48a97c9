/** How a stream stops: its source ended it, or a toxic closed or reset the connection. */
export type Ending = 'end' | 'close' | 'reset';

/**
 * What a toxic sees of one direction of one connection: a queue of chunks and what follows the last one.
 *
 * The bytes stay in the stub until the toxic passes or drops them. So a toxic can be stopped wherever it
 * waits, to be changed or taken away, and no byte is lost, doubled or out of order: the stub hands over
 * what it still holds. (Upstream's toxics take the chunk in hand and must give it back when interrupted.)
 */
export interface Stub {
  /** Bytes of the first chunk that waits; 0 when none does. */
  readonly headBytes: number;
  /** When the first chunk was read from its socket, in ms of `performance.now()`. */
  readonly headReadAtMs: number;
  /** How the stream stopped, once no chunk is left before its end. */
  readonly ending: Ending | undefined;
  /** Bytes passed on since the toxic came to this connection; changing the toxic does not reset it. */
  readonly passedBytes: number;
  /** Passes the first `bytes` of the first chunk on, as if they had been read at `readAtMs`. */
  pass(bytes: number, readAtMs?: number): void;
  /** Drops the first chunk. What comes later can never be passed: a stream with a hole is no prefix. */
  drop(): void;
  /** Passes the end of the stream on. */
  passEnding(): void;
  /** Stops the connection behind the bytes passed so far; what waits or comes later is dropped. */
  cut(how: 'close' | 'reset'): void;
}

/** What a toxic waits for: until there is something in the stub, or for a time, or for whichever is first. */
export interface Wait {
  readonly input: boolean;
  readonly ms: number;
}

/** A toxic at work: it runs until it has to wait, and says for what. */
export type Pipe = Generator<Wait, void, undefined>;

/** A toxic with its attributes. One object serves all connections; what differs per connection is in the stub. */
export interface Toxic {
  pipe(stub: Stub): Pipe;
  /** Bytes that may wait in the stub before the sender is held back, beside what every link may hold. */
  readonly bufferBytes?: number;
  /** Taking the toxic away closes the connections it worked on. */
  readonly closesWhenRemoved?: true;
}

/** Takes the attributes of a toxic out of a request; 0, or what it was, where the request does not say. */
export interface AttributeReader {
  /** @throws {ApiError} 400 where the value is not an integer. */
  integer(name: string, goType?: 'int' | 'int64'): number;
  /** The 400 for attributes that cannot work together. */
  refuse(reason: string): Error;
}

/** A kind of toxic. */
export interface ToxicType {
  readonly type: string;
  /** Upstream's struct, which its error messages name. */
  readonly goStruct: string;
  /** @throws {ApiError} 400 for attributes that it cannot work with. */
  create(attributes: AttributeReader): Toxic;
}

const INPUT: Wait = { input: true, ms: Number.POSITIVE_INFINITY };

/** Waits until a chunk waits in the stub (true) or only the end is left (false). */
export function* chunkOrEnding(stub: Stub): Generator<Wait, boolean, undefined> {
  while (stub.headBytes === 0 && stub.ending === undefined) yield INPUT;
  return stub.headBytes > 0;
}

/** Waits for a chunk or the end, but at most this long: false when neither came. */
export function* inputWithin(stub: Stub, ms: number): Generator<Wait, boolean, undefined> {
  if (stub.headBytes === 0 && stub.ending === undefined) yield { input: true, ms };
  return stub.headBytes > 0 || stub.ending !== undefined;
}

/** Waits this long, whatever comes; not at all for 0 or less, and until it is stopped for infinity. */
export function* sleep(ms: number): Generator<Wait, void, undefined> {
  if (ms > 0) yield { input: false, ms };
}

/** Lets everybody else run once, for toxics that would otherwise work for long in one go. */
export function* yieldTurn(): Generator<Wait, void, undefined> {
  yield { input: false, ms: 0 };
}
