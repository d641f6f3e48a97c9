import { createServer } from 'node:http';
import { NobounceError } from '../errors/errors.js';
import { Api } from './api.js';
import { ProxyCollection } from './collection.js';
import { HostCheck } from './host-check.js';
import { readJson } from './json.js';
import { Metrics } from './metrics.js';
import { warmUp } from './warm-up.js';

export interface ToxiproxyServerOptions {
  /** Where the API listens; `localhost` like upstream where not given. */
  readonly host?: string;
  /** 8474 like upstream where not given; 0 lets the system choose. */
  readonly port?: number;
  /** Names by which clients may call the API, beside those that HostCheck takes for this machine's; `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** Proxies to start with: the text of a JSON file as `POST /populate` takes it. */
  readonly config?: string;
}

export interface ToxiproxyServer {
  /** The base URL of the API, e.g. `http://127.0.0.1:8474`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Closes all connections and listeners, those of the proxies too. */
  close(): Promise<void>;
}

/** As upstream's http.Server: a request must arrive in 15 s, an idle connection is kept for 60 s. */
const REQUEST_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 60_000;

/**
 * Starts a Toxiproxy server in this process.
 * @throws {NobounceError} `environment` where the port cannot be had; `usage` where the configuration is wrong.
 */
export async function startToxiproxyServer(options: ToxiproxyServerOptions = {}): Promise<ToxiproxyServer> {
  const { host = 'localhost', port = 8474, allowedHosts = [], config } = options;
  const metrics = new Metrics();
  const proxies = new ProxyCollection(metrics);
  const api = new Api(proxies, metrics, new HostCheck([host, ...allowedHosts]));
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      api.handle(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    },
  );
  try {
    await warmUp();
    if (config !== undefined) await populateFrom(config, proxies);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    await proxies.close();
    if (error instanceof NobounceError) throw error;
    throw new NobounceError('environment', `Toxiproxy cannot listen on ${host}:${String(port)}`, {
      advice: 'Choose another port, or 0 for any.',
      cause: error,
    });
  }
  const address = server.address();
  const bound = address === null || typeof address === 'string' ? { address: host, port } : address;
  const urlHost = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
  return {
    url: `http://${urlHost}:${String(bound.port)}`,
    host: bound.address,
    port: bound.port,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeAllConnections();
      await Promise.all([closed, proxies.close()]);
    },
  };
}

async function populateFrom(config: string, proxies: ProxyCollection): Promise<void> {
  let failure: unknown;
  try {
    failure = (await proxies.populate(readJson(config))).error;
  } catch (error) {
    failure = error;
  }
  if (failure !== undefined) {
    throw new NobounceError('usage', 'The list of proxies cannot be used', {
      advice:
        'Give a JSON list like [{"name": "volume", "listen": "0.0.0.0:24007", "upstream": "array:24007"}].',
      cause: failure,
    });
  }
}
