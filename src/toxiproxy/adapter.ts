import { Toxiproxy as Client } from 'toxiproxy-node-client';
import { describeError, NobounceError } from '../errors/errors.js';

/** A toxic as it is added; attributes are integers in upstream's units. */
type ToxicSpec = {
  readonly name: string;
  /** `upstream`: what the client sends; `downstream`: what the server answers. */
  readonly stream: 'upstream' | 'downstream';
  /** The share of connections it works on, 0 to 1; all where not given. */
  readonly toxicity?: number;
} & (
  | { readonly type: 'latency'; readonly attributes: { readonly latency: number; readonly jitter?: number } }
  /** `rate` in KB/s; 0 holds all bytes. */
  | { readonly type: 'bandwidth'; readonly attributes: { readonly rate: number } }
  | { readonly type: 'slow_close'; readonly attributes: { readonly delay: number } }
  | { readonly type: 'timeout' | 'reset_peer'; readonly attributes: { readonly timeout: number } }
  /** `delay` in microseconds. */
  | {
      readonly type: 'slicer';
      readonly attributes: {
        readonly average_size: number;
        readonly size_variation?: number;
        readonly delay?: number;
      };
    }
  | { readonly type: 'limit_data'; readonly attributes: { readonly bytes: number } }
);

/** A proxy as the server last said it is; `listen` has the real port. */
export interface ProxyState {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

/**
 * The calls nobounce makes to a Toxiproxy server. Every call has a deadline (the original's API can hang,
 * for instance while a toxic is removed) and rejects with a NobounceError of kind `harness` that carries
 * the server's own words.
 */
export interface Toxiproxy {
  readonly url: string;
  /** The server's version, e.g. `2.12.0`, and whether it is the one built into nobounce. */
  version(): Promise<{ readonly version: string; readonly builtIn: boolean }>;
  /** Creates a proxy and starts it; `listen` with port 0 lets the server choose. */
  createProxy(proxy: {
    readonly name: string;
    readonly listen: string;
    readonly upstream: string;
    readonly enabled?: boolean;
  }): Promise<ProxyState>;
  /** Points a proxy elsewhere. Where that is a change it closes all live connections; toxics stay. */
  setUpstream(proxy: string, upstream: string): Promise<ProxyState>;
  /** Disabled, a proxy closes its connections and refuses new ones. */
  setEnabled(proxy: string, enabled: boolean): Promise<ProxyState>;
  addToxic(proxy: string, toxic: ToxicSpec): Promise<void>;
  /** Resolves also where there is no such toxic or proxy: what is to be gone is gone. */
  removeToxic(proxy: string, toxic: string): Promise<void>;
  /** Enables all proxies and removes all toxics. */
  reset(): Promise<void>;
  /** Resolves also where there is no such proxy. */
  deleteProxy(proxy: string): Promise<void>;
}

const DEFAULT_DEADLINE_MS = 5_000;

/** What a call got instead of a 2xx answer. */
class RefusedError extends Error {
  readonly status: number;

  constructor(status: number, serverText: string) {
    super(`${serverText} (HTTP ${String(status)})`);
    this.name = 'RefusedError';
    this.status = status;
  }
}

/**
 * Connects to a Toxiproxy server, built-in or official.
 * @param baseUrl e.g. `http://127.0.0.1:8474`
 * @throws {NobounceError} `harness` where no Toxiproxy answers there in time.
 */
export async function connectToxiproxy(
  baseUrl: string,
  { deadlineMs = DEFAULT_DEADLINE_MS }: { readonly deadlineMs?: number } = {},
): Promise<Toxiproxy> {
  const toxiproxy = new ClientAdapter(baseUrl.replace(/\/+$/, ''), deadlineMs);
  await toxiproxy.version();
  return toxiproxy;
}

class ClientAdapter implements Toxiproxy {
  readonly url: string;
  readonly #client: Client;
  #builtIn = false;

  constructor(url: string, deadlineMs: number) {
    this.url = url;
    this.#client = new Client(url);
    const api = this.#client.getApi();
    if (!('doFetch' in api)) throw new Error('toxiproxy-node-client has changed: no doFetch to replace');
    // All calls of the client go through its private doFetch, which has no deadline and drops what the
    // server says about an error. The client's version is pinned and the contract suite watches over this.
    Object.defineProperty(api, 'doFetch', {
      value: async (url: string, init: RequestInit): Promise<Response> => {
        const response = await fetch(url, { ...init, signal: AbortSignal.timeout(deadlineMs) });
        this.#builtIn = response.headers.has('X-Nobounce-Toxiproxy');
        if (!response.ok) throw new RefusedError(response.status, errorText(await response.text()));
        return response;
      },
    });
  }

  async version(): Promise<{ version: string; builtIn: boolean }> {
    const body = await this.#call('say its version', this.#client.getVersion());
    const version = /"version":\s*"([^"]*)"/.exec(body)?.[1];
    if (version === undefined) {
      throw new NobounceError(
        'harness',
        `What answers at ${this.url} is not a Toxiproxy: ${body.slice(0, 200)}`,
      );
    }
    return { version, builtIn: this.#builtIn };
  }

  async createProxy(proxy: Parameters<Toxiproxy['createProxy']>[0]): Promise<ProxyState> {
    const created = await this.#call(`create the proxy ${proxy.name}`, this.#client.createProxy(proxy));
    return stateOf(created);
  }

  async setUpstream(proxy: string, upstream: string): Promise<ProxyState> {
    return this.#update(`point the proxy ${proxy} to ${upstream}`, proxy, { upstream });
  }

  async setEnabled(proxy: string, enabled: boolean): Promise<ProxyState> {
    return this.#update(`${enabled ? 'enable' : 'disable'} the proxy ${proxy}`, proxy, { enabled });
  }

  async addToxic(proxy: string, toxic: ToxicSpec): Promise<void> {
    await this.#call(
      `add the toxic ${toxic.name} to the proxy ${proxy}`,
      this.#client.getApi().post(`${this.#path(proxy)}/toxics`, toxic),
    );
  }

  async removeToxic(proxy: string, toxic: string): Promise<void> {
    const url = `${this.#path(proxy)}/toxics/${encodeURIComponent(toxic)}`;
    await this.#callGone(
      `remove the toxic ${toxic} of the proxy ${proxy}`,
      this.#client.getApi().delete(url),
    );
  }

  async reset(): Promise<void> {
    await this.#call('reset', this.#client.reset());
  }

  async deleteProxy(proxy: string): Promise<void> {
    await this.#callGone(`delete the proxy ${proxy}`, this.#client.getApi().delete(this.#path(proxy)));
  }

  async #update(what: string, proxy: string, body: object): Promise<ProxyState> {
    const { data } = await this.#call(what, this.#client.getApi().post<ProxyState>(this.#path(proxy), body));
    return stateOf(data);
  }

  #path(proxy: string): string {
    return `${this.url}/proxies/${encodeURIComponent(proxy)}`;
  }

  async #callGone(what: string, call: Promise<void>): Promise<void> {
    await this.#call(
      what,
      call.catch((error: unknown) => {
        if (!(error instanceof RefusedError) || error.status !== 404) throw error;
      }),
    );
  }

  async #call<T>(what: string, call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw new NobounceError('harness', `Toxiproxy at ${this.url} did not ${what}: ${reasonOf(error)}`);
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer within the deadline';
  return describeError(error);
}

function stateOf({ name, listen, upstream, enabled }: ProxyState): ProxyState {
  return { name, listen, upstream, enabled };
}

/** The server's `{"error": …}`, or its text where it answers something else. */
function errorText(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) return String(parsed.error);
  } catch {
    // Not JSON: what a proxy or another server in between says is shown as it is.
  }
  return body.trim() === '' ? 'no reason given' : body.trim().slice(0, 500);
}
