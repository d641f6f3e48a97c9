import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, wrap } from '../../../src/report/columns.js';
import { visible } from '../../../src/report/safe-text.js';

const COLOUR = /\u001b\[[0-9;]*m/g;
/** What moves a cursor, rings a bell or changes a terminal's state: C0 and C1 control characters (ECMA-48) and DEL. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u001b[2J',
      '\u001b[1A',
      '\u001b]0;title\u0007',
      '\u001b[31m',
      '\u001b[0m',
      '\u001bc',
      '\u009b2J',
      '\r',
      '\n',
      '\t',
      '\b',
      '\u007f',
      '\u0000',
    ),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
});

describe('a line of the terminal report', () => {
  it('has no control character that came with mail', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 120 }), (text, width) => {
        expect(fit(visible(text), width)).not.toMatch(CONTROL);
      }),
    );
  });

  it('is never wider than asked', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 120 }), (text, width) => {
        expect(fit(visible(text), width).length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('is left alone where it fits, colours not counted', () => {
    expect(fit('\u001b[31mred\u001b[39m', 3)).toBe('\u001b[31mred\u001b[39m');
  });

  it('shows that it was cut, and keeps the colours that close what was opened', () => {
    const cut = fit('\u001b[31mvendor-os-bug\u001b[39m after', 6);
    expect(cut.replace(COLOUR, '')).toBe('vendo…');
    expect(cut).toContain('\u001b[39m');
  });
});

describe('a text broken into lines', () => {
  it('has all its words in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/)),
        fc.integer({ min: 1, max: 40 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          expect(lines.join(' ').trim()).toBe(words.join(' '));
          for (const line of lines.filter((one) => one.includes(' '))) {
            expect(line.length).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });

  it('keeps a number and its unit together', () => {
    expect(wrap('through 15.1 s of a lost mount', 14)).toEqual(['through 15.1 s', 'of a lost', 'mount']);
    expect(wrap('through 15.1 s of a lost mount', 13)).toEqual(['through', '15.1 s of a', 'lost mount']);
    expect(wrap('for 4 d 12 h', 9)).toEqual(['for 4 d', '12 h']);
  });
});
