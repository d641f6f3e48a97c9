import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../src/stack/lines.js';

function linesOf(chunks: readonly (Buffer | string)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  return lines;
}

/** Cuts bytes at places that know nothing of lines and characters. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((start, at, all) => bytes.subarray(start, all[at + 1] ?? bytes.length));
}

const text = fc.string({ unit: fc.constantFrom('a', '{', '"', 'é', '✓', '📮', ' ') });

describe('lines out of chunks', () => {
  it('are the lines that were written, wherever the chunks end: also within a character', () => {
    fc.assert(
      fc.property(
        fc.array(text),
        fc.array(fc.nat()),
        fc.constantFrom('\n', '\r\n'),
        (lines, places, lineEnd) => {
          const bytes = Buffer.from(lines.map((line) => `${line}${lineEnd}`).join(''));
          expect(linesOf(cut(bytes, places))).toEqual(lines);
        },
      ),
    );
  });

  it('wait for their end', () => {
    expect(linesOf(['half a li'])).toEqual([]);
    expect(linesOf(['half a li', 'ne\nand', ' more'])).toEqual(['half a line']);
  });
});
