import { badRequestBody } from './api-error.js';
import type { JsonValue } from './json.js';

const NOTHING: JsonValue = { kind: 'null' };

/**
 * Takes typed fields out of a JSON object the way Go fills a struct: keys match in any case and the last
 * one wins, unknown keys are ignored, `null` and missing fields keep their default. A value of the wrong
 * type is a 400 in Go's words, which name the Go struct and field; hence `goType`.
 */
export class FieldReader {
  readonly #entries: readonly (readonly [string, JsonValue])[];
  readonly #goType: string;
  readonly #path: string;

  /** @throws {ApiError} 400 where the value is neither an object nor null. */
  constructor(value: JsonValue, goType: { readonly name: string; readonly value?: string }, path = '') {
    this.#goType = goType.name;
    this.#path = path;
    if (value.kind !== 'object' && value.kind !== 'null') {
      const into =
        path === '' ? `value of type ${goType.value ?? goType.name}` : this.#field('', goType.name);
      throw badRequestBody(`json: cannot unmarshal ${describe(value)} into Go ${into}`);
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
    if (!Number.isSafeInteger(number)) {
      throw badRequestBody(`${name} is ${value.source}, which is beyond ±${String(Number.MAX_SAFE_INTEGER)}`);
    }
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
    return badRequestBody(`json: cannot unmarshal ${describe(value)} into Go ${this.#field(name, goType)}`);
  }

  #field(name: string, goType: string): string {
    const path = [this.#path, name].filter((part) => part !== '').join('.');
    return `struct field ${this.#goType}.${path} of type ${goType}`;
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

function describe(value: JsonValue): string {
  return value.kind === 'number' ? `number ${value.source}` : value.kind;
}
