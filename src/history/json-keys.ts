/**
 * Keys that a JSON text has twice in one object. `JSON.parse` takes the last one (ECMA-262), others the first: a line that
 * two readers read differently is evidence of nothing.
 */

const TAB = 0x09;
const RETURN = 0x0d;
const BLANK = 0x20;
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Whether the quote at `at` is escaped: an odd number of backslashes stands before it. */
function isEscaped(json: Buffer, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && json[before] === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}

/**
 * How many keys a JSON text has, however often each is there; null where it may have some that were not counted, for a
 * blank before a colon. One look at each byte: histories have hundreds of millions.
 */
export function keysWritten(json: Buffer): number | null {
  let count = 0;
  for (let at = 1; at < json.length; at += 1) {
    if (json[at] !== COLON) continue;
    const before = json[at - 1];
    if (before === QUOTE) {
      if (json[at - 2] !== BACKSLASH || !isEscaped(json, at - 1)) count += 1;
    } else if (before === BLANK || before === TAB || before === RETURN) {
      let quote = at - 2;
      while (json[quote] === BLANK || json[quote] === TAB || json[quote] === RETURN) quote -= 1;
      if (json[quote] === QUOTE) return null;
    }
  }
  return count;
}

/** How many keys a value has, its own and those of all objects in it. */
export function keysRead(value: unknown): number {
  let count = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const isArray = Array.isArray(next);
    for (const item of Object.values(next)) {
      if (!isArray) count += 1;
      if (typeof item === 'object' && item !== null) open.push(item);
    }
  }
  return count;
}

/** The end of a string that starts at a quote: the place after its closing one. */
function endOfString(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** The first place from `at` on that is no blank (RFC 8259 section 2). */
function afterBlanks(text: string, at: number): number {
  let next = at;
  while (next < text.length && ' \t\n\r'.includes(text[next] ?? '')) next += 1;
  return next;
}

/** The first key that an object of a JSON text has twice; null where none has. The text must be JSON. */
export function duplicateKey(text: string): string | null {
  // One set for each object that is open; null for an array.
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length;) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    if (character !== '"') {
      at += 1;
      continue;
    }
    const end = endOfString(text, at);
    const isKey = text[afterBlanks(text, end)] === ':';
    const keys = open.at(-1);
    if (isKey && keys !== null && keys !== undefined) {
      // The same key may be written with other escapes.
      const key = String(JSON.parse(text.slice(at, end)));
      if (keys.has(key)) return key;
      keys.add(key);
    }
    at = end;
  }
  return null;
}
