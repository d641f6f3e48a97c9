import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeError } from '../errors/errors.js';
import { ApiError, badRequestBody, hostNotAllowed } from './api-error.js';
import type { ProxyCollection } from './collection.js';
import type { HostCheck } from './host-check.js';
import { JsonError, type JsonValue, readJson, writeJson } from './json.js';
import type { Metrics } from './metrics.js';
import type { Proxy } from './proxy.js';

/** The version whose behaviour this server has, as `GET /version` reports it. */
export const TOXIPROXY_VERSION = '2.12.0';
/** A larger body is a 413. A proxy takes some hundred bytes, so this is room for tens of thousands. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** A body that is too large is read to its end before the answer, or many clients would never see it; up to here. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

const ANY_METHOD = '*';
const PLAIN_TEXT = 'text/plain; charset=utf-8';
/** What Go answers a request line it cannot read. */
const BAD_REQUEST: Answer = { status: 400, contentType: PLAIN_TEXT, body: '400 Bad Request' };
const METHOD_NOT_ALLOWED: Answer = { status: 405 };

interface Answer {
  readonly status: number;
  readonly contentType?: string;
  /** Set where the body is no document of its type, as Go's http.Error does. */
  readonly isError?: true;
  readonly body?: string;
}

interface Route {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Handler>>;
}

type Handler = (parts: readonly string[], request: IncomingMessage) => Answer | Promise<Answer>;

/**
 * The HTTP API of Toxiproxy 2.12: routes, status codes and bodies are those of upstream's api.go. Beyond it,
 * every answer carries `X-Nobounce-Toxiproxy`, metrics are always on, `Host` is checked, and names in paths may hold anything
 * when percent-encoded, slashes too.
 */
export class Api {
  readonly #proxies: ProxyCollection;
  readonly #hostCheck: HostCheck;
  readonly #routes: readonly Route[];

  constructor(proxies: ProxyCollection, metrics: Metrics, hostCheck: HostCheck) {
    this.#proxies = proxies;
    this.#hostCheck = hostCheck;
    const show: Handler = ([name = '']) => json(200, proxyToJson(proxies.get(name)));
    const update: Handler = async ([name = ''], request) => {
      proxies.get(name);
      return json(200, proxyToJson(await proxies.update(name, await readBody(request))));
    };
    const updateToxic: Handler = async ([name = '', toxic = ''], request) => {
      proxies.get(name).toxics.get(toxic);
      const body = await readBody(request);
      return json(200, writeJson(proxies.get(name).toxics.update(toxic, body)));
    };
    const showMetrics: Handler = () => ({
      status: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: metrics.render(),
    });
    this.#routes = [
      { path: /^\/reset$/, methods: { POST: async () => this.#reset() } },
      {
        path: /^\/proxies$/,
        methods: { GET: () => this.#index(), POST: async (_, request) => this.#create(request) },
      },
      { path: /^\/populate$/, methods: { POST: async (_, request) => this.#populate(request) } },
      {
        path: /^\/proxies\/([^/]+)$/,
        methods: {
          GET: show,
          POST: update,
          PATCH: update,
          DELETE: async ([name = '']) => {
            await proxies.remove(name);
            return { status: 204 };
          },
        },
      },
      {
        path: /^\/proxies\/([^/]+)\/toxics$/,
        methods: {
          GET: ([name = '']) => json(200, writeJson(proxies.get(name).toxics.toJson())),
          POST: async ([name = ''], request) => {
            proxies.get(name);
            const body = await readBody(request);
            return json(200, writeJson(proxies.get(name).toxics.add(body)));
          },
        },
      },
      {
        path: /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/,
        methods: {
          GET: ([name = '', toxic = '']) => json(200, writeJson(proxies.get(name).toxics.get(toxic))),
          POST: updateToxic,
          PATCH: updateToxic,
          DELETE: ([name = '', toxic = '']) => {
            proxies.get(name).toxics.remove(toxic);
            return { status: 204 };
          },
        },
      },
      { path: /^\/version$/, methods: { GET: () => version() } },
      { path: /^\/metrics$/, methods: { [ANY_METHOD]: showMetrics } },
    ];
  }

  /** Answers one request. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-Nobounce-Toxiproxy', 'built-in');
    const answer = await this.#answer(request, response);
    if (answer.contentType !== undefined) response.setHeader('Content-Type', answer.contentType);
    if (answer.isError === true) response.setHeader('X-Content-Type-Options', 'nosniff');
    // A body that nobody read to its end, maybe because it has none, ends with its connection.
    if (!request.complete) response.setHeader('Connection', 'close');
    response.writeHead(answer.status);
    response.end(answer.body);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    if (!this.#hostCheck.allows(request.headers.host)) return failure(hostNotAllowed(request.headers.host));
    const path = cleanPath((request.url ?? '/').replace(/\?.*$/s, ''));
    const route = this.#routes.find((one) => one.path.test(path));
    if (route === undefined) return errorText(404, '404 page not found');
    const handler = handlerOf(route, request.method ?? '');
    if (handler === undefined) return METHOD_NOT_ALLOWED;
    response.setHeader('X-Toxiproxy-Request-Id', randomUUID());
    if (request.headers['user-agent']?.startsWith('Mozilla/') === true) {
      return errorText(403, 'User agent not allowed');
    }
    const parts = decodeParts(route.path.exec(path) ?? []);
    if (parts === undefined) return BAD_REQUEST;
    try {
      return await handler(parts, request);
    } catch (error) {
      return failure(error);
    }
  }

  #index(): Answer {
    const members = this.#proxies.list().map((proxy) => `${writeJson(proxy.name)}:${proxyToJson(proxy)}`);
    return json(200, `{${members.join(',')}}`);
  }

  async #create(request: IncomingMessage): Promise<Answer> {
    return json(201, proxyToJson(await this.#proxies.create(await readBody(request))));
  }

  async #reset(): Promise<Answer> {
    await this.#proxies.reset();
    return { status: 204 };
  }

  async #populate(request: IncomingMessage): Promise<Answer> {
    let populated: { proxies: readonly Proxy[]; error: unknown };
    try {
      populated = await this.#proxies.populate(await readBody(request));
    } catch (error) {
      populated = { proxies: [], error };
    }
    // Go writes a list that nothing was appended to as null.
    const list =
      populated.proxies.length === 0 ? 'null' : `[${populated.proxies.map(proxyToJson).join(',')}]`;
    if (populated.error === undefined) return json(201, `{"proxies":${list}}`);
    const { status, message } = describeFailure(populated.error);
    return json(status, `{"error":${writeJson(message)},"status":${String(status)},"proxies":${list}}`);
  }
}

function version(): Answer {
  return {
    status: 200,
    contentType: 'application/json;charset=utf-8',
    body: `{"version": "${TOXIPROXY_VERSION}"}\n`,
  };
}

/** `Logger` is there because upstream's Proxy has an exported field of that name. */
function proxyToJson({ name, listen, upstream, enabled, toxics }: Proxy): string {
  return writeJson({ name, listen, upstream, enabled, Logger: {}, toxics: toxics.toJson() });
}

function json(status: number, body: string): Answer {
  return { status, contentType: 'application/json', body };
}

/** As Go's http.Error, through which upstream answers its errors: text/plain, whatever it is, and a line feed. */
function errorText(status: number, body: string): Answer {
  return { status, contentType: PLAIN_TEXT, isError: true, body: `${body}\n` };
}

function failure(error: unknown): Answer {
  const { status, message } = describeFailure(error);
  return errorText(status, writeJson({ error: message, status }));
}

function handlerOf({ methods }: Route, method: string): Handler | undefined {
  return Object.hasOwn(methods, method) ? methods[method] : methods[ANY_METHOD];
}

function describeFailure(error: unknown): { status: number; message: string } {
  if (error instanceof ApiError) return { status: error.status, message: error.message };
  if (error instanceof JsonError) return describeFailure(badRequestBody(error.message));
  return { status: 500, message: describeError(error) };
}

/**
 * The path without doubled slashes, which come from base URLs that end in one, and without `.` and `..`.
 * Upstream redirects to it, which turns a POST into a GET. Percent-encoded they are names like any other.
 */
function cleanPath(path: string): string {
  if (!/\/(\/|\.)/.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  const isFolder = path.endsWith('/') && parts.length > 0;
  return `/${parts.join('/')}${isFolder ? '/' : ''}`;
}

function decodeParts(match: readonly string[]): readonly string[] | undefined {
  try {
    return match.slice(1).map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

async function readBody(request: IncomingMessage): Promise<JsonValue> {
  const chunks: Buffer[] = [];
  let totalBytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    totalBytes += chunk.length;
    if (totalBytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
    if (totalBytes > MAX_DISCARDED_BYTES) break;
  }
  if (totalBytes > MAX_BODY_BYTES) {
    throw new ApiError(413, `request body too large: at most ${String(MAX_BODY_BYTES)} bytes are read`);
  }
  return readJson(Buffer.concat(chunks).toString('utf8'));
}
