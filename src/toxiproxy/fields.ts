import { badRequestBody } from './api-error.js';
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

/**
 * Takes typed fields out of a JSON object the way Go fills a struct: keys match in any case and the last
 * one wins, unknown keys are ignored, `null` and missing fields keep their default. A value of the wrong
 * type is a 400 in Go's words.
 */
export class FieldReader {
  readonly #entries: readonly (readonly [string, JsonValue])[];
  readonly #struct: GoStruct;

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

  /** The raw value of a field; a JSON null where it is missing. */
  raw(name: string): JsonValue {
    return this.#entries.findLast(([key]) => key === name || key.toLowerCase() === name)?.[1] ?? NOTHING;
  }

  /** @throws {ApiError} 400 where the field holds something that is not a string. */
  string(name: string, fallback: string): string {
    const value = this.raw(name);
    if (value.kind === 'null') return fallback;
    if (value.kind === 'string') return value.value;
    throw this.#mismatch(name, value, 'string');
  }

  /** @throws {ApiError} 400 where the field holds something that is not true or false. */
  bool(name: string, fallback: boolean): boolean {
    const value = this.raw(name);
    if (value.kind === 'null') return fallback;
    if (value.kind === 'bool') return value.value;
    throw this.#mismatch(name, value, 'bool');
  }

  /**
   * An integer, written without fraction or exponent.
   * @throws {ApiError} 400 for anything else, and for integers that a double cannot hold exactly: upstream
   * takes up to 64 bits, and overflows (with a crash in latency and bandwidth) near the top.
   */
  integer(name: string, fallback: number, goType: 'int' | 'int64'): number {
    const value = this.raw(name);
    if (value.kind === 'null') return fallback;
    if (value.kind !== 'number' || !/^-?\d+$/.test(value.source)) throw this.#mismatch(name, value, goType);
    const number = Number(value.source);
    if (!Number.isSafeInteger(number)) throw this.#mismatch(name, value, goType);
    // JSON knows -0, Go's integers do not.
    return number === 0 ? 0 : number;
  }

  /**
   * A 32-bit float, as upstream keeps a toxicity.
   * @throws {ApiError} 400 for what is not a number, or is beyond the range of 32 bits.
   */
  float32(name: string, fallback: number): number {
    const value = this.raw(name);
    if (value.kind === 'null') return fallback;
    if (value.kind !== 'number') throw this.#mismatch(name, value, 'float32');
    const number = Math.fround(Number(value.source));
    if (!Number.isFinite(number)) throw this.#mismatch(name, value, 'float32');
    return number;
  }

  #mismatch(name: string, value: JsonValue, goType: string): Error {
    const { name: struct, fieldOf } = this.#struct;
    const path = fieldOf === undefined ? name : `${fieldOf.field}.${name}`;
    const isNumeric = goType !== 'string' && goType !== 'bool';
    const found = value.kind === 'number' && isNumeric ? `number ${value.source}` : value.kind;
    return badRequestBody(
      `json: cannot unmarshal ${found} into Go struct field ${struct}.${path} of type ${goType}`,
    );
  }
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
