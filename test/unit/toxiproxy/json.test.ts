import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonValue, readJson } from '../../../src/toxiproxy/json.js';

/** What `JSON.parse` would have made of it. */
function plain(value: JsonValue): unknown {
  switch (value.kind) {
    case 'null':
      return null;
    case 'bool':
    case 'string':
      return value.value;
    case 'number':
      return Number(value.source);
    case 'array':
      return value.items.map(plain);
    case 'object': {
      const object: Record<string, unknown> = {};
      for (const [key, member] of value.entries) {
        Object.defineProperty(object, key, { value: plain(member), enumerable: true, configurable: true });
      }
      return object;
    }
  }
}

describe('readJson', () => {
  it('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom('', ' ', '\n\t'), (text, space) => {
        const parsed: unknown = JSON.parse(text);
        expect(plain(readJson(space + text))).toEqual(parsed);
      }),
    );
  });

  it('reads escapes and keeps the source of numbers', () => {
    expect(plain(readJson(String.raw`"\"\\\/\b\f\n\r\té\u00e9\uD83D\uDE00"`))).toBe('"\\/\b\f\n\r\téé😀');
    for (const source of ['0', '-0', '1.0', '1e3', '-12.5E-7', '123456789012345678901234567890']) {
      expect(readJson(source)).toEqual({ kind: 'number', source });
    }
  });

  it('ignores what follows the first value', () => {
    expect(plain(readJson('{"a":[true,false,null]} {'))).toEqual({ a: [true, false, null] });
    expect(plain(readJson('01'))).toBe(0);
  });

  it.each([
    ['', 'EOF'],
    ['  ', 'EOF'],
    ['[1', 'unexpected EOF'],
    ['"abc', 'unexpected EOF'],
    ['1.', 'unexpected EOF'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ["'", `invalid character '\\'' looking for beginning of value`],
    ['{"a":"}', 'unexpected EOF'],
    ['{a', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['"\n"', "invalid character '\\n' in string literal"],
    [String.raw`"\x"`, "invalid character 'x' in string escape code"],
    [String.raw`"\u12g4"`, "invalid character 'g' in \\u hexadecimal character escape"],
    ['-a', "invalid character 'a' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1e+x', "invalid character 'x' in exponent of numeric literal"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['['.repeat(10_000), 'exceeded max depth'],
  ])('says of %j what Go says', (text, message) => {
    expect(() => readJson(text)).toThrow(message);
  });

  it('never throws anything but a JsonError', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]":,\\u0041truefalsn.-e+ \n')) }),
        (text) => {
          try {
            readJson(text);
          } catch (error) {
            expect(error).toMatchObject({ name: 'JsonError' });
          }
        },
      ),
    );
  });
});
