import { badRequestBody, missingField, proxyAlreadyExists, proxyNotFound } from './api-error.js';
import { FieldReader, type GoStruct } from './fields.js';
import type { JsonValue } from './json.js';
import type { Metrics } from './metrics.js';
import { Mutex } from './mutex.js';
import { Proxy, type ProxySettings } from './proxy.js';
import { readToxic } from './toxic-list.js';

const PROXY: GoStruct = { name: 'Proxy', fullName: 'toxiproxy.Proxy' };
const POPULATED: GoStruct = {
  name: '',
  fullName: 'struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }',
};

/** What became of a populate: the proxies it got to, and what stopped it. */
export interface Populated {
  readonly proxies: readonly Proxy[];
  readonly error: unknown;
}

interface ProxyFields extends ProxySettings {
  readonly name: string;
}

const NEW_PROXY: ProxyFields = { name: '', listen: '', upstream: '', enabled: true };

interface PopulateEntry extends ProxyFields {
  readonly toxics: readonly JsonValue[];
}

/** The proxies of a server by name. Its steps run one at a time, so each sees the whole effect of the one before. */
export class ProxyCollection {
  readonly #proxies = new Map<string, Proxy>();
  readonly #mutex = new Mutex();
  readonly #metrics: Metrics;
  readonly #closing = new AbortController();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** All proxies, sorted by name. */
  list(): readonly Proxy[] {
    return [...this.#proxies.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws {ApiError} 404 where there is no such proxy. */
  get(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (proxy === undefined) throw proxyNotFound();
    return proxy;
  }

  /** @throws {ApiError} 400 for a bad body, 409 where the name is taken, 500 where the proxy cannot listen. */
  async create(body: JsonValue): Promise<Proxy> {
    const { name, listen, upstream, enabled } = readProxy(body, PROXY, NEW_PROXY);
    if (name === '') throw missingField('name');
    if (upstream === '') throw missingField('upstream');
    return this.#mutex.run(async () => {
      if (this.#proxies.has(name)) throw proxyAlreadyExists();
      const proxy = this.#newProxy(name, listen, upstream);
      if (enabled) await proxy.start();
      this.#proxies.set(name, proxy);
      return proxy;
    });
  }

  /** Changes the given settings. @throws {ApiError} 400, 404, or 500 where the proxy cannot listen. */
  async update(name: string, body: JsonValue): Promise<Proxy> {
    return this.#mutex.run(async () => {
      const proxy = this.get(name);
      await proxy.update(readProxy(body, PROXY, proxy));
      return proxy;
    });
  }

  /** @throws {ApiError} 404 where there is no such proxy. */
  async remove(name: string): Promise<void> {
    await this.#mutex.run(async () => {
      const proxy = this.get(name);
      await proxy.stop();
      this.#proxies.delete(name);
    });
  }

  /**
   * Creates the proxies of a list, and replaces those whose `listen` or `upstream` differ; others stay as
   * they are. Better than upstream: the toxics of each are added too (a proxy that stays gets exactly those,
   * if any are given), and all of the list is checked before the first proxy is touched.
   */
  async populate(body: JsonValue): Promise<Populated> {
    return this.#mutex.run(async () => {
      const proxies: Proxy[] = [];
      try {
        for (const entry of readPopulateEntries(body)) proxies.push(await this.#addOrReplace(entry));
        return { proxies, error: undefined };
      } catch (error) {
        return { proxies, error };
      }
    });
  }

  /**
   * Enables all proxies and removes all toxics. Better than upstream: a proxy that cannot listen does not
   * keep the others from being reset.
   * @throws {ApiError} 500 for the first proxy that cannot listen.
   */
  async reset(): Promise<void> {
    await this.#mutex.run(async () => {
      const failures: unknown[] = [];
      for (const proxy of this.list()) {
        proxy.toxics.removeAll();
        try {
          await proxy.start();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    });
  }

  /**
   * Stops all proxies for good and lets none start any more. It waits for no step that is under way: one may
   * be looking up a host name that nobody answers for.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.list().map(async (proxy) => proxy.stop()));
  }

  #newProxy(name: string, listen: string, upstream: string): Proxy {
    return new Proxy({ name, listen, upstream, metrics: this.#metrics, closing: this.#closing.signal });
  }

  async #addOrReplace(entry: PopulateEntry): Promise<Proxy> {
    const existing = this.#proxies.get(entry.name);
    if (existing !== undefined) {
      if (!(await existing.differs(entry))) {
        if (entry.toxics.length > 0) replaceToxics(existing, entry.toxics);
        return existing;
      }
      await existing.stop();
    }
    const proxy = this.#newProxy(entry.name, entry.listen, entry.upstream);
    for (const toxic of entry.toxics) proxy.toxics.add(toxic);
    if (entry.enabled) await proxy.start();
    this.#proxies.set(entry.name, proxy);
    return proxy;
  }
}

function replaceToxics(proxy: Proxy, toxics: readonly JsonValue[]): void {
  proxy.toxics.removeAll();
  for (const toxic of toxics) proxy.toxics.add(toxic);
}

/** @throws {ApiError} 400 for a value of the wrong type. */
function readProxy(body: JsonValue, struct: GoStruct, before: ProxyFields): ProxyFields {
  const fields = new FieldReader(body, struct);
  const proxy = {
    // Also where a name changes nothing, it has to be one.
    name: fields.string('name', before.name),
    listen: fields.string('listen', before.listen),
    upstream: fields.string('upstream', before.upstream),
    enabled: fields.bool('enabled', before.enabled),
  };
  fields.ignoredObject('Logger', 'zerolog.Logger');
  fields.check();
  return proxy;
}

function readPopulateEntries(body: JsonValue): readonly PopulateEntry[] {
  if (body.kind === 'null') return [];
  if (body.kind !== 'array') {
    throw badRequestBody(`json: cannot unmarshal ${body.kind} into Go value of type []${POPULATED.fullName}`);
  }
  return body.items.map((item, index) => {
    const at = `at proxy ${String(index + 1)}`;
    const { name, listen, upstream, enabled } = readProxy(item, POPULATED, NEW_PROXY);
    const toxics = new FieldReader(item, POPULATED).raw('toxics');
    if (name === '') throw missingField(`name ${at}`);
    if (upstream === '') throw missingField(`upstream ${at}`);
    if (toxics.kind !== 'array' && toxics.kind !== 'null') throw badRequestBody(`toxics ${at} is no list`);
    const toxicBodies = toxics.kind === 'array' ? toxics.items : [];
    const toxicNames = toxicBodies.map((toxic) => readToxic(toxic, () => false).name);
    const double = toxicNames.find((toxic, i) => toxicNames.indexOf(toxic) !== i);
    if (double !== undefined) throw badRequestBody(`toxic ${double} is given twice ${at}`);
    return { name, listen, upstream, enabled, toxics: toxicBodies };
  });
}
