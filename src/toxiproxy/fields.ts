import { ApiError, badRequestBody } from './api-error.js';
import type { JsonValue } from './json.js';

const NOTHING: JsonValue = { kind: 'null' };

/** The Go struct that upstream fills from an object, for the words of its errors. */
export interface GoStruct {
  /** As errors about its fields name it; empty for one without a name. */
  readonly name: string;
  /** As errors about the object itself name it. */
  readonly fullName: string;
  /** Where the object is itself a field: of which struct, and what the field is called. */
  readonly fieldOf?: { readonly name: string; readonly field: string };
}

/** What a value is in Go, or the type that Go says it should have had. */
type Converted<T> = { readonly value: T } | { readonly expected: string };

/**
 * Takes typed fields out of a JSON object the way Go fills a struct: keys match in any case and the last
 * one wins, unknown keys are ignored, `null` and missing fields keep their default. A value of the wrong
 * type keeps it as well, and is the 400 of `check`, in Go's words: of several, the first in the text.
 */
export class FieldReader {
  readonly #entries: readonly (readonly [string, JsonValue])[];
  readonly #struct: GoStruct;
  #mistake: { readonly index: number; readonly error: Error } | undefined;

  /** @throws {ApiError} 400 where the value is neither an object nor null. */
  constructor(value: JsonValue, struct: GoStruct) {
    this.#struct = struct;
    if (value.kind !== 'object' && value.kind !== 'null') {
      const { fieldOf, fullName } = struct;
      const target =
        fieldOf === undefined
          ? `value of type ${fullName}`
          : `struct field ${fieldOf.name}.${fieldOf.field} of type ${fullName}`;
      throw badRequestBody(`json: cannot unmarshal ${value.kind} into Go ${target}`);
    }
    this.#entries = value.kind === 'object' ? value.entries : [];
  }

  /** @throws {ApiError} 400 for the first value of a field read so far that has the wrong type. */
  check(): void {
    if (this.#mistake !== undefined) throw this.#mistake.error;
  }

  /** The raw value of a field; a JSON null where it is missing. */
  raw(name: string): JsonValue {
    return this.#entries.findLast(([key]) => isKeyOf(key, name))?.[1] ?? NOTHING;
  }

  string(name: string, fallback: string): string {
    return this.#read(name, fallback, (value) =>
      value.kind === 'string' ? { value: value.value } : { expected: 'string' },
    );
  }

  bool(name: string, fallback: boolean): boolean {
    return this.#read(name, fallback, (value) =>
      value.kind === 'bool' ? { value: value.value } : { expected: 'bool' },
    );
  }

  /**
   * An integer, written without fraction or exponent, that a double can hold exactly: upstream takes up to
   * 64 bits, and overflows (with a crash in latency and bandwidth) near the top.
   */
  integer(name: string, fallback: number, goType: 'int' | 'int64'): number {
    return this.#read(name, fallback, (value) => {
      if (value.kind !== 'number' || !/^-?\d+$/.test(value.source)) return { expected: goType };
      const number = Number(value.source);
      if (!Number.isSafeInteger(number)) return { expected: goType };
      // JSON knows -0, Go's integers do not.
      return { value: number === 0 ? 0 : number };
    });
  }

  /** A 32-bit float, as upstream keeps a toxicity. */
  float32(name: string, fallback: number): number {
    return this.#read(name, fallback, (value) => {
      const number = value.kind === 'number' ? Math.fround(Number(value.source)) : Number.NaN;
      return Number.isFinite(number) ? { value: number } : { expected: 'float32' };
    });
  }

  /** An object of which nothing is taken. */
  ignoredObject(name: string, goType: string): void {
    this.#read(name, undefined, (value) =>
      value.kind === 'object' ? { value: undefined } : { expected: goType },
    );
  }

  /**
   * A field that is a struct itself, filled from all objects that the text gives for it, or from null.
   * @throws {ApiError} 400 for what is wrong in it, or in a field that was read before and stands before it.
   */
  struct<T>(name: string, fill: (value: JsonValue) => T): T {
    const given = this.#entries.filter(([key, { kind }]) => isKeyOf(key, name) && kind !== 'null');
    const [first = [name, NOTHING] as const] = given;
    const values = given.map(([, value]) => value);
    const merged: JsonValue = {
      kind: 'object',
      entries: values.flatMap((value) => (value.kind === 'object' ? value.entries : [])),
    };
    try {
      return fill(values.find(({ kind }) => kind !== 'object') ?? (given.length > 1 ? merged : first[1]));
    } catch (error) {
      if (error instanceof ApiError) this.#note(this.#entries.indexOf(first), error);
      this.check();
      throw error;
    }
  }

  #read<T>(name: string, fallback: T, convert: (value: JsonValue) => Converted<T>): T {
    let read = fallback;
    this.#entries.forEach(([key, value], index) => {
      if (!isKeyOf(key, name) || value.kind === 'null') return;
      const converted = convert(value);
      if ('value' in converted) read = converted.value;
      else this.#note(index, this.#mismatch(name, value, converted.expected));
    });
    return read;
  }

  #note(index: number, error: Error): void {
    if (this.#mistake === undefined || index < this.#mistake.index) this.#mistake = { index, error };
  }

  #mismatch(name: string, value: JsonValue, goType: string): Error {
    const { name: struct, fieldOf } = this.#struct;
    const path = fieldOf === undefined ? name : `${fieldOf.field}.${name}`;
    const isNumeric = /^(int|float)/.test(goType);
    const found = value.kind === 'number' && isNumeric ? `number ${value.source}` : value.kind;
    return badRequestBody(
      `json: cannot unmarshal ${found} into Go struct field ${struct}.${path} of type ${goType}`,
    );
  }
}

function isKeyOf(key: string, name: string): boolean {
  return key === name || key.toLowerCase() === name.toLowerCase();
}

/**
 * The shortest decimal that is the same 32-bit float, as Go writes one: 0.2, not 0.20000000298023224.
 * @param value a number that is exactly a 32-bit float.
 */
export function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
