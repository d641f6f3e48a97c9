import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serve, type ServerType } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { NobounceError } from '../errors/errors.js';
import { commandSchema, type Answer, type Command, type Sender } from './command.js';
import type { Snapshot } from './snapshot.js';

/** Where the page is served. */
export interface Listen {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

/** What the server shows, and whom it asks. */
export interface Shown {
  readonly snapshot: () => Snapshot;
  readonly act: (command: Command, sender: Sender) => Promise<Answer>;
  /** Somebody opened the page as an operator or as an observer, or left it. */
  readonly viewers?: (count: number) => void;
}

type Role = 'operator' | 'observer';

/** A server that listens. The tokens stand in the fragment of the links, which no browser sends and no log has. */
export interface PageServer {
  readonly url: string;
  readonly links: Readonly<Record<Role, string>>;
  readonly operatorToken: string;
  /** Resolves when every open page was told that the day is over, or after `timeoutMs`. */
  tellTheEnd(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** So often the page is told at most. */
const EVERY_MS = 500;
/** A stream that says nothing for so long looks dead to a page: it is told how things stand all the same. */
const AT_LEAST_EVERY_MS = 1_000;
const MOST_VIEWERS = 500;
const MOST_BODY_BYTES = 16_384;
const COOKIE = 'nobounce';

const sessionSchema = z.strictObject({ token: z.string().max(200) });
const actSchema = z.strictObject({ name: z.string().trim().min(1).max(40), command: commandSchema });

const asset = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`./page/${name}`, import.meta.url)), 'utf8');

/** Whether two secrets are the same, in a time that says nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Names by which this machine alone is meant; of another address, the address itself. */
function hostsOf(host: string, port: number): ReadonlySet<string> {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'];
  const shown = isIP(host) === 6 ? `[${host}]` : host;
  return new Set([...(isLoopback(host) ? loopback : [shown])].map((name) => `${name}:${String(port)}`));
}

/** Whether nobody else can reach it. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** The page of a game day: serves it, tells it how things stand, and takes what its operators do. */
class DayPage {
  readonly #shown: Shown;
  readonly #tokens: Readonly<Record<Role, string>> = {
    operator: randomBytes(24).toString('base64url'),
    observer: randomBytes(24).toString('base64url'),
  };
  readonly #secret: Readonly<Record<Role, string>> = {
    operator: randomBytes(24).toString('base64url'),
    observer: randomBytes(24).toString('base64url'),
  };
  readonly #closing = new AbortController();
  #hosts: ReadonlySet<string> = new Set();
  #scheme: 'http' | 'https' = 'http';
  #viewers = 0;
  #made: { readonly at: number; readonly snapshot: Snapshot } | null = null;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  get tokens(): Readonly<Record<Role, string>> {
    return this.#tokens;
  }

  /** From here on it answers to these names alone, so that no name of somebody else's can be led here. */
  listensAs(hosts: ReadonlySet<string>, scheme: 'http' | 'https'): void {
    this.#hosts = hosts;
    this.#scheme = scheme;
  }

  close(): void {
    this.#closing.abort();
  }

  app(): Hono {
    const app = new Hono();
    app.use(async (c, next) => {
      if (!this.#hosts.has(c.req.header('host') ?? '')) return c.text('this name is not served here\n', 421);
      await next();
      return undefined;
    });
    app.use(
      secureHeaders({
        contentSecurityPolicy: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          connectSrc: ["'self'"],
          imgSrc: ["'self'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
        referrerPolicy: 'no-referrer',
        xFrameOptions: 'DENY',
      }),
    );
    app.use(async (c, next) => {
      await next();
      c.header('Cache-Control', 'no-store');
    });
    app.get('/', async (c) => c.html(await asset('page.html')));
    app.get('/page.js', async (c) =>
      c.body(await asset('page.js'), 200, { 'Content-Type': 'text/javascript' }),
    );
    app.get('/page.css', async (c) => c.body(await asset('page.css'), 200, { 'Content-Type': 'text/css' }));
    app.use('/session', bodyLimit({ maxSize: MOST_BODY_BYTES }));
    app.use('/act', bodyLimit({ maxSize: MOST_BODY_BYTES }));
    app.post('/session', (c) => this.#session(c));
    app.get('/events', (c) => this.#events(c));
    app.post('/act', (c) => this.#act(c));
    return app;
  }

  async #session(c: Context): Promise<Response> {
    if (!this.#isOwnOrigin(c)) return c.text('from another site\n', 403);
    const { token } = sessionSchema.safeParse(await body(c)).data ?? { token: '' };
    const role = (['operator', 'observer'] as const).find((one) => isSame(token, this.#tokens[one]));
    if (role === undefined) return c.text('no such token\n', 403);
    setCookie(c, COOKIE, this.#secret[role], {
      httpOnly: true,
      sameSite: 'Strict',
      secure: this.#scheme === 'https',
      path: '/',
    });
    return c.json({ role });
  }

  /** Snapshots, never more than one ahead of a reader: one that does not read costs one snapshot. */
  #events(c: Context): Response {
    if (this.#roleOf(c) === null) return c.text('open the link that nobounce printed\n', 403);
    if (this.#viewers >= MOST_VIEWERS) return c.text('too many viewers\n', 503);
    this.#count(1);
    return streamSSE(c, async (stream) => {
      let [last, toldAt] = [-1, 0];
      try {
        while (!stream.aborted && !this.#closing.signal.aborted) {
          const snapshot = this.#snapshot();
          const now = performance.now();
          const isNews = snapshot.event !== last || snapshot.over !== null;
          if (isNews || now - toldAt >= AT_LEAST_EVERY_MS) {
            await stream.writeSSE({
              id: String(snapshot.event),
              event: 'day',
              data: JSON.stringify(snapshot),
            });
            [last, toldAt] = [snapshot.event, now];
          }
          if (snapshot.over !== null) return;
          await stream.sleep(EVERY_MS);
        }
      } finally {
        this.#count(-1);
      }
    });
  }

  async #act(c: Context): Promise<Response> {
    const role = this.#roleOf(c);
    const bearer = c.req.header('authorization')?.replace(/^Bearer /, '') ?? '';
    const isShell = bearer !== '' && isSame(bearer, this.#tokens.operator);
    if (!isShell && !this.#isOwnOrigin(c)) return c.text('from another site\n', 403);
    if (!isShell && role !== 'operator') return c.text('observers only look\n', 403);
    const read = actSchema.safeParse(await body(c));
    if (!read.success)
      return c.json({ ok: false, reasons: read.error.issues.map(({ message }) => message) }, 400);
    const { command, name } = read.data;
    const answer = await this.#shown.act(command, { name, via: isShell ? 'ctl' : 'page' });
    return c.json(answer, answer.ok ? 200 : 409);
  }

  #roleOf(c: Context): Role | null {
    const cookie = getCookie(c, COOKIE) ?? '';
    return (['operator', 'observer'] as const).find((one) => isSame(cookie, this.#secret[one])) ?? null;
  }

  /** A browser names where a request comes from with every POST. */
  #isOwnOrigin(c: Context): boolean {
    const origin = c.req.header('origin');
    return origin !== undefined && [...this.#hosts].some((host) => origin === `${this.#scheme}://${host}`);
  }

  /** One for all viewers: to make it costs more than to send it. */
  #snapshot(): Snapshot {
    const now = performance.now();
    if (this.#made === null || now - this.#made.at > EVERY_MS / 2)
      this.#made = { at: now, snapshot: this.#shown.snapshot() };
    return this.#made.snapshot;
  }

  /** Who was told the end leaves. */
  async tellTheEnd(timeoutMs: number): Promise<void> {
    const untilMs = performance.now() + timeoutMs;
    while (this.#viewers > 0 && performance.now() < untilMs) await delay(50);
  }

  #count(by: number): void {
    this.#viewers += by;
    this.#shown.viewers?.(this.#viewers);
  }
}

async function body(c: Context): Promise<unknown> {
  if (c.req.header('content-type')?.split(';')[0] !== 'application/json') return null;
  try {
    return await c.req.json();
  } catch {
    return null;
  }
}

/**
 * Serves the page of a day.
 * @throws NobounceError `usage` where it would be open to others without TLS, `environment` where it cannot listen
 */
export async function servePage(shown: Shown, listen: Listen): Promise<PageServer> {
  const { host, tls } = listen;
  if (!isLoopback(host) && tls === undefined)
    throw new NobounceError('usage', `${host} can be reached by others, and there is no --tls-cert`, {
      advice: 'listen on 127.0.0.1, or give --tls-cert and --tls-key',
    });
  const page = new DayPage(shown);
  const app = page.app();
  const options =
    tls === undefined ? { createServer } : { createServer: createTlsServer, serverOptions: tls };
  const port = await new Promise<{ readonly server: ServerType; readonly port: number }>(
    (resolve, reject) => {
      const server = serve({ fetch: app.fetch, hostname: host, port: listen.port, ...options }, (info) => {
        resolve({ server, port: info.port });
      });
      server.once('error', (cause) => {
        reject(
          new NobounceError('environment', `nothing can listen on ${host}:${String(listen.port)}`, {
            cause,
            advice: '--listen 127.0.0.1:0 takes any port that is free',
          }),
        );
      });
    },
  );
  const scheme = tls === undefined ? 'http' : 'https';
  page.listensAs(hostsOf(host, port.port), scheme);
  const url = `${scheme}://${isIP(host) === 6 ? `[${host}]` : host}:${String(port.port)}/`;
  return {
    url,
    links: { operator: `${url}#${page.tokens.operator}`, observer: `${url}#${page.tokens.observer}` },
    operatorToken: page.tokens.operator,
    tellTheEnd: (timeoutMs) => page.tellTheEnd(timeoutMs),
    close: () => {
      page.close();
      return new Promise((resolve) => {
        port.server.close(() => {
          resolve();
        });
        if ('closeAllConnections' in port.server) port.server.closeAllConnections();
      });
    },
  };
}
