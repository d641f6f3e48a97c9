import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { safeLine } from './safe-text.js';

const COLOUR = /(\u001b\[[0-9;]*m)/;

/** Cuts a line to a width; colours do not count. Texts from outside in it are visible (safe-text.ts) before. */
export function fit(text: string, width: number): string {
  const safe = safeLine(text);
  if (stringWidth(safe) <= width) return safe;
  let room = width - 1;
  let out = '';
  for (const part of safe.split(COLOUR)) {
    if (part.startsWith('\u001b')) {
      out += part;
      continue;
    }
    for (const character of part) {
      if (room < 0) break;
      const own = stringWidth(character);
      out += own <= room ? character : '…';
      room = own <= room ? room - own : -1;
    }
  }
  return out;
}

/** A number and its unit are one word. */
const UNIT = /(?<=\d) (?=(?:ms|s|min|h|d|%)(?:\W|$))/g;

/** Breaks a text at blanks into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  return wrapAnsi(text.replace(UNIT, '\u00a0'), width).replaceAll('\u00a0', ' ').split('\n');
}

/** A cell of a table: the text, and blanks up to a width. */
export function cell(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** Rows under each other, each column as wide as its widest cell; nothing is cut. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((text, column) => cell(text, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
