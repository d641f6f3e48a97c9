/**
 * Text from outside (mail, servers, logs, files, a person's YAML) on its way to somebody who reads it. Every sink uses this
 * file: nothing that came with a message may move a cursor, turn the reading direction, or command a pipeline.
 */

/**
 * What acts on who shows it instead of being shown: the control characters C0, DEL and C1 (ECMA-48), the separators of
 * lines and paragraphs, and the marks of the Unicode Bidirectional Algorithm (UAX #9).
 */
const ACTING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** What would begin a new line, or jump along one. */
const BREAKING = /[\t-\r\u0085\u2028\u2029]+/g;
/** Half a character of UTF-16; what decodes it again may fail. */
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** GitHub's runner, Azure Pipelines and TeamCity obey it wherever it stands in a line. */
const LOG_COMMAND = /##(?=\w*\[)/g;
/** GitHub's runner obeys it at the start of a line, after blanks; ours may have colours before it. */
const WORKFLOW_COMMAND = /^((?:\s|\u001b\[[0-9;]*m)*)::/;

/**
 * One text from outside as one line: what breaks lines is a blank, what would act otherwise is shown as a dot, and nothing in
 * it commands a pipeline.
 */
export function visible(text: string): string {
  return text
    .replace(BREAKING, ' ')
    .replace(ACTING, '·')
    .replace(HALF, '\ufffd')
    .replace(LOG_COMMAND, '#·#')
    .replace(WORKFLOW_COMMAND, '$1·::');
}

/** A line that is ready to be written, colours of ours in it: texts that were broken into lines must not begin one with a command. */
export function safeLine(line: string): string {
  return line.replace(LOG_COMMAND, '#·#').replace(WORKFLOW_COMMAND, '$1·::');
}

/** Several lines of text from outside, such as an error's message: each is made visible, and they stay lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** Every string in a value made visible: what a sink writes of a report passes here first. Nothing else of it changes. */
export function cleaned<T>(value: T): T;
export function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => cleaned(item));
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [cleaned<unknown>(key), cleaned<unknown>(item)]));
  if (value instanceof Set) return new Set([...value].map((item: unknown) => cleaned(item)));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [visible(key), cleaned<unknown>(item)]),
  );
}

/** JSON that can be shown as well as parsed: what would act is written as its escape. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2)
    .replace(ACTING, (character) =>
      character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replace(LOG_COMMAND, '#\\u0023');
}

/** A word of a command that somebody may paste into a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
