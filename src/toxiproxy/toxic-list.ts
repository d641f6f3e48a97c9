import {
  badRequestBody,
  invalidStream,
  invalidToxicType,
  toxicAlreadyExists,
  toxicNotFound,
} from './api-error.js';
import { FieldReader, type GoStruct, shortestFloat32 } from './fields.js';
import type { JsonValue } from './json.js';
import { toxicType } from './toxics/registry.js';
import type { AttributeReader, Toxic, ToxicType } from './toxics/toxic.js';

/** `upstream` is what the client sends, `downstream` what the server answers. */
export type Direction = 'upstream' | 'downstream';

/** A toxic of a proxy, as its links use it: the object stays the same while the toxic is changed. */
export interface ActiveToxic {
  readonly toxic: Toxic;
  /** The share of connections it works on, 0 to 1; a 32-bit float. */
  readonly toxicity: number;
}

/** A toxic as the API writes it. */
export interface ToxicJson {
  readonly attributes: Readonly<Record<string, number>>;
  readonly name: string;
  readonly type: string;
  readonly stream: string;
  readonly toxicity: number;
}

/** Told of every change, so that live connections follow. */
export interface ToxicListener {
  toxicAdded(direction: Direction, toxic: ActiveToxic): void;
  toxicUpdated(direction: Direction, toxic: ActiveToxic): void;
  toxicRemoved(direction: Direction, toxic: ActiveToxic): void;
}

interface CreatedToxic {
  readonly toxic: Toxic;
  readonly attributes: Readonly<Record<string, number>>;
}

interface NamedToxic extends ActiveToxic {
  readonly name: string;
  readonly kind: ToxicType;
  /** As the client wrote it, in its own case. */
  readonly stream: string;
  readonly direction: Direction;
  toxic: Toxic;
  toxicity: number;
  attributes: Readonly<Record<string, number>>;
}

const WRAPPER: GoStruct = { name: 'ToxicWrapper', fullName: 'toxics.ToxicWrapper' };
const UPDATE: GoStruct = {
  name: '',
  fullName:
    'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }',
};

/** What a request for a toxic says, but for its attributes. */
interface ToxicRequest {
  readonly name: string;
  readonly kind: ToxicType;
  readonly stream: string;
  readonly direction: Direction;
  readonly toxicity: number;
}

/**
 * Reads a toxic as `POST /proxies/{proxy}/toxics` takes it, with upstream's defaults: downstream, toxicity
 * 1, name `<type>_<stream>`, attributes 0.
 * @throws {ApiError} 400 for a bad body, 409 for a name that `isTaken`; in the order in which upstream's
 * AddToxicJson looks.
 */
export function readToxic(body: JsonValue, isTaken: (name: string) => boolean): NamedToxic {
  const request = readToxicRequest(body);
  if (isTaken(request.name)) throw toxicAlreadyExists();
  const fields = new FieldReader(body, WRAPPER);
  return { ...request, ...fields.struct('attributes', (value) => createToxic(request.kind, value, {})) };
}

function readToxicRequest(body: JsonValue): ToxicRequest {
  const fields = new FieldReader(body, WRAPPER);
  const type = fields.string('type', '');
  const stream = fields.string('stream', 'downstream');
  const givenName = fields.string('name', '');
  const toxicity = fields.float32('toxicity', 1);
  // Upstream decodes the attributes twice: first to see that they are an object at all.
  fields.struct('attributes', (value) => new FieldReader(value, attributesOf('NoopToxic', WRAPPER)));
  fields.check();
  const direction = stream.toLowerCase();
  if (direction !== 'upstream' && direction !== 'downstream') throw invalidStream();
  const kind = toxicType(type);
  if (kind === undefined) throw invalidToxicType();
  const name = givenName === '' ? `${type}_${stream}` : givenName;
  return { name, kind, stream, direction, toxicity };
}

/** The toxics of one proxy, in the order in which they were added. */
export class ToxicList {
  readonly #listener: ToxicListener;
  #toxics: NamedToxic[] = [];

  constructor(listener: ToxicListener) {
    this.#listener = listener;
  }

  /** The toxics of one direction, first the one next to the source. */
  inDirection(direction: Direction): readonly ActiveToxic[] {
    return this.#toxics.filter((toxic) => toxic.direction === direction);
  }

  /** All toxics as the API lists them: those of the upstream direction first. */
  toJson(): readonly ToxicJson[] {
    const of = (direction: Direction): readonly NamedToxic[] =>
      this.#toxics.filter((toxic) => toxic.direction === direction);
    return [...of('upstream'), ...of('downstream')].map(toxicToJson);
  }

  /** @throws {ApiError} 404 where there is no such toxic. */
  get(name: string): ToxicJson {
    return toxicToJson(this.#find(name));
  }

  /** @throws {ApiError} 400 for a bad body, 409 where the name is taken. */
  add(body: JsonValue): ToxicJson {
    const toxic = readToxic(body, (name) => this.#toxics.some((one) => one.name === name));
    this.#toxics.push(toxic);
    this.#listener.toxicAdded(toxic.direction, toxic);
    return toxicToJson(toxic);
  }

  /**
   * Changes the given attributes and, where given, the toxicity; all or nothing (upstream keeps what it had
   * read before a mistake).
   * @throws {ApiError} 400 for a bad body, 404 where there is no such toxic.
   */
  update(name: string, body: JsonValue): ToxicJson {
    const found = this.#find(name);
    const fields = new FieldReader(body, UPDATE);
    const toxicity = fields.float32('toxicity', found.toxicity);
    const created = fields.struct('attributes', (value) => createToxic(found.kind, value, found.attributes));
    fields.check();
    Object.assign(found, created, { toxicity });
    this.#listener.toxicUpdated(found.direction, found);
    return toxicToJson(found);
  }

  /** @throws {ApiError} 404 where there is no such toxic. */
  remove(name: string): void {
    this.#removeToxic(this.#find(name));
  }

  removeAll(): void {
    for (const toxic of this.#toxics) this.#removeToxic(toxic);
  }

  #removeToxic(toxic: NamedToxic): void {
    this.#toxics = this.#toxics.filter((one) => one !== toxic);
    this.#listener.toxicRemoved(toxic.direction, toxic);
  }

  #find(name: string): NamedToxic {
    const found = this.#toxics.find((toxic) => toxic.name === name);
    if (found === undefined) throw toxicNotFound();
    return found;
  }
}

function toxicToJson({ attributes, name, kind, stream, toxicity }: NamedToxic): ToxicJson {
  return { attributes, name, type: kind.type, stream, toxicity: shortestFloat32(toxicity) };
}

function attributesOf(toxicStruct: string, { name }: GoStruct): GoStruct {
  return { name: toxicStruct, fullName: `toxics.${toxicStruct}`, fieldOf: { name, field: 'attributes' } };
}

function createToxic(
  kind: ToxicType,
  body: JsonValue,
  before: Readonly<Record<string, number>>,
): CreatedToxic {
  const fields = new FieldReader(body, attributesOf(kind.goStruct, UPDATE));
  const attributes: Record<string, number> = {};
  const reader: AttributeReader = {
    integer(name, goType = 'int64') {
      const value = fields.integer(name, before[name] ?? 0, goType);
      attributes[name] = value;
      return value;
    },
    refuse: badRequestBody,
  };
  try {
    const toxic = kind.create(reader);
    fields.check();
    return { toxic, attributes };
  } catch (error) {
    // A value of the wrong type comes before values that cannot work together.
    fields.check();
    throw error;
  }
}
