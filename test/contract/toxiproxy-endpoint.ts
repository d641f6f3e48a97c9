import { startToxiproxyServer } from '../../src/toxiproxy/server.js';

/** The Toxiproxy server that the contract suite talks to. */
export interface Endpoint extends AsyncDisposable {
  readonly url: string;
}

/**
 * The server at `NOBOUNCE_TOXIPROXY_URL` (it must share this machine's loopback, and have its proxy metrics
 * switched on), or else the built-in one.
 */
export async function startEndpoint(): Promise<Endpoint> {
  const url = process.env['NOBOUNCE_TOXIPROXY_URL'];
  if (url !== undefined) return { url, [Symbol.asyncDispose]: async () => Promise.resolve() };
  const server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
  return { url: server.url, [Symbol.asyncDispose]: async () => server.close() };
}
