import { describe, expect, it } from 'vitest';
import {
  ImapCommandReader,
  inSequenceSet,
  parseCommand,
} from '../../../../src/stack/embedded/store/imap-command.js';

function commandsOf(...chunks: readonly string[]): { commands: string[]; asked: number } {
  const commands: string[] = [];
  let asked = 0;
  const reader = new ImapCommandReader(
    (line) => commands.push(line.toString('latin1')),
    () => {
      asked += 1;
    },
  );
  for (const chunk of chunks) reader.push(Buffer.from(chunk, 'latin1'));
  return { commands, asked };
}

describe('IMAP commands', () => {
  it.each([
    ['a1 NOOP', { tag: 'a1', name: 'NOOP', args: [] }],
    [
      'a LOGIN "u1@libero.test" "a\\"b\\\\c"',
      { tag: 'a', name: 'LOGIN', args: ['u1@libero.test', 'a"b\\c'] },
    ],
    ['a LOGIN u {3}\r\np w', { tag: 'a', name: 'LOGIN', args: ['u', 'p w'] }],
    [
      'B uid fetch 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (DATE FROM)])',
      {
        tag: 'B',
        name: 'UID',
        args: ['fetch', '1:*', ['UID', 'FLAGS', 'BODY.PEEK[HEADER.FIELDS (DATE FROM)]']],
      },
    ],
    ['a STORE 1 +FLAGS ()', { tag: 'a', name: 'STORE', args: ['1', '+FLAGS', []] }],
  ])('%j', (line, command) => {
    expect(parseCommand(Buffer.from(line, 'latin1'))).toEqual(command);
  });

  it.each(['', ' NOOP', 'a', 'a LOGIN "u', 'a FETCH 1 (UID', 'a FETCH 1 )'])('refuses %j', (line) => {
    expect(() => parseCommand(Buffer.from(line))).toThrow();
  });

  it('are cut at line ends, and literals may hold line ends', () => {
    expect(commandsOf('a NO', 'OP\r\nb LOGIN u {5+}\r\nx\r\ny', 'z\r\nc NOOP\r\n')).toEqual({
      commands: ['a NOOP', 'b LOGIN u {5+}\r\nx\r\nyz', 'c NOOP'],
      asked: 0,
    });
  });

  it('ask for a literal that waits to be asked for, once', () => {
    expect(commandsOf('a LOGIN {1}\r\n', 'u', ' {1}\r\n', 'p\r\n')).toEqual({
      commands: ['a LOGIN {1}\r\nu {1}\r\np'],
      asked: 2,
    });
  });

  it.each([
    ['1', 5, [1]],
    ['2:4', 5, [2, 3, 4]],
    ['4:*', 5, [4, 5]],
    ['7:*', 5, [5]],
    ['*', 5, [5]],
    ['1,3:4', 5, [1, 3, 4]],
  ])('%s of %d', (set, highest, expected) => {
    const isIn = inSequenceSet(set, highest);
    expect([1, 2, 3, 4, 5].filter(isIn)).toEqual(expected);
  });
});
