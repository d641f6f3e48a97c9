import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import { parseScenario, readScenario } from '../../../src/scenario/load.js';

/** As much as is read of a file. */
const FULL = 524_000;
/** On a busy machine of two cores. */
const TIMEOUT_MS = 60_000;

const filled = (part: string): string => part.repeat(Math.floor(FULL / part.length));
const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

const bomb = many(9, (index) => {
  const [name, before] = [String.fromCharCode(97 + index), String.fromCharCode(96 + index)];
  const items = Array.from({ length: 9 }, () => (index === 0 ? 'x' : `*${before}`)).join(', ');
  return `${name}: &${name} [${items}]`;
});

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof NobounceError && error.kind === 'usage') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe(
  'a file that was made to do harm is refused in a few seconds, in a few lines',
  { timeout: TIMEOUT_MS },
  () => {
    it.each([
      ['an alias bomb', bomb, 'its aliases cannot be resolved'],
      ['an alias of itself', 'a: &a [*a]', '"name" is missing'],
      ['an alias of nothing', 'a: *b', 'its aliases cannot be resolved'],
      ['many unknown keys', many(40_000, (index) => `k${String(index)}: 1`), 'more unknown keys'],
      [
        'many unknown keys in one line',
        `{${Array.from({ length: 40_000 }, (_, index) => `k${String(index)}: 1`).join(', ')}}`,
        'more unknown keys',
      ],
      ['many wrong steps', `timeline:\n${many(20_000, () => '  - { hodl: 1 }')}`, '"name" is missing'],
      ['brackets', filled('['), 'nested more than 100 levels deep'],
      ['mappings', filled('{a: '), 'nested more than 100 levels deep'],
      ['dashes', filled('- '), 'nested more than 100 levels deep'],
      ['question marks', filled('? '), 'nested more than 100 levels deep'],
      ['indentation', many(1_000, (index) => `${' '.repeat(index)}a:`), 'x.yaml:'],
      ['anchors', filled('&a '), 'x.yaml:'],
      ['tags', filled('! '), 'x.yaml:'],
      ['quotes', filled('"'), 'x.yaml:'],
      ['colons', filled(': '), 'x.yaml:'],
      ['comments', filled('# x\n'), 'expected a mapping of keys, got nothing'],
      ['documents', filled('---\n'), 'multiple documents'],
      ['a long key', `${filled('x')}: 1`, 'x.yaml:'],
      ['a long value', `name: ${filled('x')}`, 'expected lower-case letters'],
      ['a NUL', 'name: a\u0000b', 'x.yaml:1:8: the control character U+0000 cannot stand in YAML'],
      [
        'an escape',
        'name: x\ntitle: a\u001b[31m',
        'x.yaml:2:9: the control character U+001B cannot stand in YAML',
      ],
      ['a key that is there twice', 'name: a\nname: b', 'x.yaml:2:1: the key "name" is there twice'],
      [
        'a key that is there twice, below',
        'name: a\nstorage: { mount: soft, mount: hard }',
        'x.yaml:2:25: the key "mount" is there twice',
      ],
      ['a prototype', '__proto__: { name: x }\nconstructor: { prototype: 1 }', '"name" is missing'],
      ['nothing', '', 'expected a mapping of keys, got nothing'],
    ])('%s', (_, source, expected) => {
      const message = refusal(() => parseScenario(source, 'x.yaml'));
      expect(message).toContain(expected);
      expect(message.split('\n').length).toBeLessThanOrEqual(21);
      expect(message.length).toBeLessThan(4_000);
    });
  },
);

describe('a file that is no text of a person', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hostile-'));

  it.each([
    ['too large', Buffer.alloc(600_000, 'name: x\n'), 'is larger than 512 KiB'],
    ['not UTF-8', Buffer.from([0x6e, 0x3a, 0x20, 0xff, 0xfe]), 'is not text in UTF-8'],
    ['UTF-16', Buffer.from('name: x', 'utf16le'), 'control character U+0000'],
  ])('%s', (name, content, expected) => {
    const file = join(dir, `${name}.yaml`);
    writeFileSync(file, content);
    expect(refusal(() => readScenario(file))).toContain(expected);
  });

  it.each(['/dev/zero', '.', '/nowhere/x.yaml'])('%s', (file) => {
    expect(refusal(() => readScenario(file))).toMatch(/larger than|cannot read/);
  });
});
