const EMPTY = Buffer.alloc(0);
const PREFIX_BYTES = 8;
/** A message of 25 MiB, the MTA's limit, with room to spare; more than that is not one of ours. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/**
 * One frame of the array's protocol: length of all that follows (u32, big endian), length of the header (u32), the
 * header as JSON, and a payload of bytes.
 */
export function encodeFrame(header: object, payload: Buffer = EMPTY): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(4 + head.length + payload.length, 0);
  prefix.writeUInt32BE(head.length, 4);
  return Buffer.concat([prefix, head, payload]);
}

/** Cuts a stream of bytes into frames. `push` throws where the bytes are no frames. */
export class FrameReader {
  readonly #onFrame: (header: unknown, payload: Buffer) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(onFrame: (header: unknown, payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= PREFIX_BYTES) {
      let first = this.#chunks[0] ?? EMPTY;
      if (first.length < PREFIX_BYTES) {
        first = Buffer.concat(this.#chunks);
        this.#chunks = [first];
      }
      const length = 4 + first.readUInt32BE(0);
      if (length > MAX_FRAME_BYTES) throw new Error(`a frame of ${String(length)} bytes`);
      if (this.#bytes < length) return;
      const all = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
      const rest = all.subarray(length);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#bytes = rest.length;
      const headerEnd = PREFIX_BYTES + all.readUInt32BE(4);
      const header: unknown = JSON.parse(all.toString('utf8', PREFIX_BYTES, headerEnd));
      this.#onFrame(header, all.subarray(headerEnd, length));
    }
  }
}
