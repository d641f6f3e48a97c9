import type { Command } from './command.js';

/** The command line that does the same. */
export function asShell(command: Command): string {
  return ['nobounce gameday ctl', ...wordsOf(command)].join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

function wordsOf(command: Command): readonly string[] {
  switch (command.do) {
    case 'inject':
      return injectWords(command);
    case 'heal':
      return [
        'heal',
        command.volume ?? 'all',
        ...(command.fault === undefined ? [] : ['--fault', command.fault]),
      ];
    case 'note':
      return ['note', quoted(command.text)];
    case 'more':
      return ['more', `${String(command.ms / 1_000)}s`];
    case 'abort':
    case 'go':
    case 'no-go':
      return [command.do, ...(command.reason === undefined ? [] : ['--reason', quoted(command.reason)])];
    case 'next':
    case 'end':
    case 'take-controls':
      return [command.do];
  }
}

function injectWords({ fault, longestMs }: Extract<Command, { do: 'inject' }>): readonly string[] {
  const written = (value: unknown): string =>
    Array.isArray(value) ? value.map(String).join(',') : String(value);
  const { fault: name, volume, ...parameters } = fault;
  const words = Object.entries(parameters).map(([key, value]) => quoted(`${key}=${written(value)}`));
  const longest = longestMs === undefined ? [] : ['--longest', `${longestMs / 1_000}s`];
  const where = volume === undefined ? [] : [quoted(written(volume))];
  return ['inject', quoted(written(name)), ...where, ...words, ...longest];
}
