import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from '../../../../src/stack/embedded/array/frames.js';

const frame = fc.record({
  header: fc.record({ id: fc.nat(), path: fc.string() }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

describe('frames of the array protocol', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (frames, cuts) => {
          const bytes = Buffer.concat(frames.map(({ header, payload }) => encodeFrame(header, payload)));
          const seen: unknown[] = [];
          const reader = new FrameReader((header, payload) =>
            seen.push({ header, payload: Buffer.from(payload) }),
          );
          let at = 0;
          for (let turn = 0; at < bytes.length; turn += 1) {
            const size = cuts[turn % Math.max(1, cuts.length)] ?? bytes.length;
            reader.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(seen).toEqual(frames);
        },
      ),
    );
  });

  it('are refused where the length cannot be one', () => {
    const reader = new FrameReader(() => undefined);
    expect(() => {
      reader.push(Buffer.from('GET / HTTP/1.1\r\n'));
    }).toThrow(/frame of \d+ bytes/);
  });
});
