import { safeLine } from './safe-text.js';

const COLOUR = /\u001b\[[0-9;]*m/g;

/** Cuts a line to a width; colours do not count. Texts from outside in it are visible (safe-text.ts) before. */
export function fit(text: string, width: number): string {
  const safe = safeLine(text);
  if (safe.replace(COLOUR, '').length <= width) return safe;
  let shown = 0;
  let out = '';
  for (const part of safe.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) {
      out += part;
      continue;
    }
    const room = Math.max(0, width - 1 - shown);
    out +=
      part.length > room && shown <= width
        ? `${part.slice(0, room)}${shown < width ? '…' : ''}`
        : part.slice(0, room);
    shown += part.length > room ? width : part.length;
  }
  return out;
}

/** Breaks a text at blanks into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
