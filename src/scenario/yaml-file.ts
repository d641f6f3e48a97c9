import { closeSync, openSync, readSync } from 'node:fs';
import { isNode, isScalar, LineCounter, parseDocument, visit, YAMLMap, type Document } from 'yaml';
import { describeError, NobounceError } from '../errors/errors.js';
import { shown } from '../units/fields.js';
import type { Problem } from './problem.js';

/** What a person writes has some kilobytes; what is larger is something else. */
const MAX_FILE_BYTES = 524_288;
/** YAML 1.2 section 5.1 takes no other control characters. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
/** So deep a file may be nested; the parser calls itself for each level. */
const MAX_DEPTH = 100;
/** So often an alias may stand for what its anchor holds. */
const MAX_ALIASES = 50;
/** So many problems are told; nobody reads more at once. */
const MAX_PROBLEMS = 20;

/** Reads a file that a person wrote. @throws NobounceError (`usage`) where it cannot be read, is too large, or no text. */
export function readText(file: string, advice: string): string {
  const refuse = (why: string, cause?: unknown): NobounceError =>
    new NobounceError('usage', why, { advice, ...(cause === undefined ? {} : { cause }) });
  // Not by its size: a pipe and a device have none.
  const buffer = Buffer.allocUnsafe(MAX_FILE_BYTES + 1);
  let length = 0;
  try {
    const descriptor = openSync(file, 'r');
    try {
      for (let read = -1; read !== 0 && length < buffer.length; length += read)
        read = readSync(descriptor, buffer, length, buffer.length - length, null);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw refuse(`cannot read the file ${file}`, cause);
  }
  if (length > MAX_FILE_BYTES) throw refuse(`${file} is larger than ${String(MAX_FILE_BYTES / 1_024)} KiB`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length));
  } catch (cause) {
    throw refuse(`${file} is not text in UTF-8`, cause);
  }
}

/** Where a path of the document stands: its key's offset or its value's, else the nearest thing above it. */
function offsetOf(document: Document, path: readonly PropertyKey[], atKey: boolean): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const part = path.slice(0, length);
    if (atKey && length === path.length && length > 0) {
      const parent = document.getIn(part.slice(0, -1), true);
      if (parent instanceof YAMLMap) {
        const pair = parent.items.find(
          (item) => isScalar(item.key) && String(item.key.value) === String(part.at(-1)),
        );
        if (pair !== undefined && isNode(pair.key) && pair.key.range) return pair.key.range[0];
      }
    }
    const node = length === 0 ? document.contents : document.getIn(part, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Where the brackets of flow style or the indentation go deeper than anybody writes; undefined where they do not. */
function tooDeepAt(source: string): number | undefined {
  let depth = 0;
  let lineStart = 0;
  for (let index = 0; index < source.length; index += 1) {
    const character = source[index];
    if (character === '\n') {
      lineStart = index + 1;
      // Brackets in comments and plain text must not add up over a whole file.
      depth = Math.min(depth, MAX_DEPTH / 2);
    } else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    else if (
      (character === '-' || character === '?') &&
      source[index + 1] === ' ' &&
      index - lineStart > 2 * MAX_DEPTH
    )
      return index;
    if (depth > MAX_DEPTH) return index;
  }
  return undefined;
}

/** The second of two keys of one mapping that are the same. Own work: the parser compares each key with each. */
function duplicateKey(document: Document): { readonly offset: number; readonly key: string } | undefined {
  let found: { readonly offset: number; readonly key: string } | undefined;
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const text = String(key.value);
        if (seen.has(text)) {
          found = { offset: key.range?.[0] ?? 0, key: text };
          return visit.BREAK;
        }
        seen.add(text);
      }
      return undefined;
    },
  });
  return found;
}

/** A YAML file that a person wrote: its value, and where each part of it stands. */
export class YamlFile {
  readonly file: string;
  readonly source: string;
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines: LineCounter;

  private constructor(file: string, source: string, document: Document, lines: LineCounter) {
    this.file = file;
    this.source = source;
    this.#document = document;
    this.#lines = lines;
    this.value = document.toJS({ maxAliasCount: MAX_ALIASES });
  }

  /** Reads YAML text; what is not YAML, or not a person's, is given as a problem. */
  static parse(source: string, file: string): YamlFile | Problem {
    const lines = new LineCounter();
    const problem = (offset: number, message: string): Problem => {
      const { line, col: column } = lines.linePos(offset);
      return { file, line, column, path: '', message };
    };
    // Before the parser: it counts the lines as it goes.
    const before = (offset: number, message: string): Problem => {
      const start = source.slice(0, offset).split('\n');
      return { file, line: start.length, column: (start.at(-1) ?? '').length + 1, path: '', message };
    };
    const control = CONTROL.exec(source);
    if (control !== null) {
      const code = source.charCodeAt(control.index).toString(16).toUpperCase().padStart(4, '0');
      return before(control.index, `the control character U+${code} cannot stand in YAML`);
    }
    const deep = tooDeepAt(source);
    if (deep !== undefined) return before(deep, `nested more than ${String(MAX_DEPTH)} levels deep`);
    let document: Document;
    try {
      document = parseDocument(source, {
        lineCounter: lines,
        uniqueKeys: false,
        prettyErrors: false,
        logLevel: 'error',
      });
    } catch (error) {
      // The parser calls itself, and has its own ways of running out of stack.
      return before(0, `not YAML that can be read: ${describeError(error)}`);
    }
    const [error] = document.errors;
    if (error !== undefined) {
      return problem(error.pos[0], error.message.slice(0, 200));
    }
    const twice = duplicateKey(document);
    if (twice !== undefined) return problem(twice.offset, `the key ${shown(twice.key)} is there twice`);
    try {
      return new YamlFile(file, source, document, lines);
    } catch (cause) {
      return problem(firstAlias(document), `its aliases cannot be resolved: ${describeError(cause)}`);
    }
  }

  /** `file:line:column` of a path, of its key or of its value. */
  problem({
    path,
    message,
    atKey,
  }: {
    readonly path: readonly PropertyKey[];
    readonly message: string;
    readonly atKey: boolean;
  }): Problem {
    const { line, col: column } = this.#lines.linePos(offsetOf(this.#document, path, atKey));
    return { file: this.file, line, column, path: formatPath(path), message };
  }
}

function firstAlias(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias: (_, alias) => {
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

/** `timeline[1].inject.volume`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${String(key)}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** In the order of the file, as many as a person reads. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const sorted = [...problems].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  const told = sorted.slice(0, MAX_PROBLEMS);
  const last = told.at(-1);
  const more = sorted.length - told.length;
  return more === 0 || last === undefined
    ? told
    : [...told, { ...last, message: `and ${String(more)} more problems` }];
}
