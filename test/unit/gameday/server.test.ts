import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Command, Sender } from '../../../src/gameday/command.js';
import { Day } from '../../../src/gameday/day.js';
import { servePage, type PageServer } from '../../../src/gameday/server.js';
import { goodHistory } from '../../support/good-history.js';
import { eventually } from '../../support/waiting.js';

const NOTE: Command = { do: 'note', text: 'hello' };

let page: PageServer;
let acted: { command: Command; sender: Sender }[] = [];
let viewers = 0;

beforeEach(async () => {
  acted = [];
  const day = new Day();
  for (const event of goodHistory()) day.see(event);
  const shown = {
    snapshot: () => day.snapshot(),
    act: (command: Command, sender: Sender) => {
      acted.push({ command, sender });
      return Promise.resolve({ ok: true } as const);
    },
    viewers: (count: number) => {
      viewers = count;
    },
  };
  page = await servePage(shown, { host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await page.close();
});

const origin = (): string => page.url.replace(/\/$/, '');
const tokenOf = (link: string): string => link.slice(link.indexOf('#') + 1);

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** With whatever headers: a browser's fetch would not let us set some of them. */
function send(method: string, path: string, { headers = {}, body }: Sent = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const sent = request(new URL(path, page.url), { method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: { ...response.headers }, text });
        });
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    },
  );
}

const JSON_HEADERS = { 'content-type': 'application/json' };

async function cookieOf(role: 'operator' | 'observer'): Promise<string> {
  const { status, headers } = await send('POST', '/session', {
    headers: { ...JSON_HEADERS, origin: origin() },
    body: { token: tokenOf(page.links[role]) },
  });
  expect(status).toBe(200);
  const [cookie = ''] = [headers['set-cookie']].flat().map(String);
  expect(cookie).toMatch(/HttpOnly/i);
  expect(cookie).toMatch(/SameSite=Strict/i);
  return cookie.split(';')[0] ?? '';
}

const act = (headers: Readonly<Record<string, string>>, command: unknown = NOTE) =>
  send('POST', '/act', { headers: { ...JSON_HEADERS, ...headers }, body: { name: 'operator 1', command } });

describe('the page of a game day', () => {
  it('is one page without anything from elsewhere', async () => {
    const { status, headers, text } = await send('GET', '/');
    expect(status).toBe(200);
    expect(String(headers['content-security-policy'])).toContain("default-src 'none'");
    expect(String(headers['content-security-policy'])).not.toContain('unsafe');
    expect(text).not.toMatch(/https?:\/\//);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('takes an act of its operator', async () => {
    const answer = await act({ cookie: await cookieOf('operator'), origin: origin() });
    expect(answer.status).toBe(200);
    expect(acted).toEqual([{ command: NOTE, sender: { name: 'operator 1', via: 'page' } }]);
  });

  it('takes an act from a shell by the token', async () => {
    const answer = await act({ authorization: `Bearer ${page.operatorToken}` });
    expect(answer.status).toBe(200);
    expect(acted[0]?.sender.via).toBe('ctl');
  });

  it('takes none of another site, whose page posts with the cookie of the operator', async () => {
    const cookie = await cookieOf('operator');
    for (const from of ['http://evil.example', 'null', origin().replace('127.0.0.1', 'evil.example')])
      expect((await act({ cookie, origin: from })).status).toBe(403);
    expect((await act({ cookie })).status).toBe(403);
    expect(acted).toEqual([]);
  });

  it('takes none as a form would send it', async () => {
    const cookie = await cookieOf('operator');
    const sent = await send('POST', '/act', {
      headers: { 'content-type': 'text/plain', cookie, origin: origin() },
      body: { name: 'x', command: NOTE },
    });
    expect(sent.status).toBe(400);
    expect(acted).toEqual([]);
  });

  it('takes none of an observer, and none of a stranger', async () => {
    expect((await act({ cookie: await cookieOf('observer'), origin: origin() })).status).toBe(403);
    expect((await act({ origin: origin() })).status).toBe(403);
    const observer = tokenOf(page.links.observer);
    expect((await act({ authorization: `Bearer ${observer}` })).status).toBe(403);
    expect((await act({ authorization: 'Bearer ' })).status).toBe(403);
    expect(acted).toEqual([]);
  });

  it('takes no act by GET', async () => {
    const cookie = await cookieOf('operator');
    expect((await send('GET', '/act', { headers: { cookie } })).status).toBe(404);
  });

  it('answers to no other name, which somebody may have led here (DNS rebinding)', async () => {
    const cookie = await cookieOf('operator');
    for (const host of ['evil.example', `evil.example:${new URL(page.url).port}`, '127.0.0.1']) {
      expect((await send('GET', '/', { headers: { host } })).status).toBe(421);
      expect((await act({ host, cookie, origin: origin() })).status).toBe(421);
    }
    expect(acted).toEqual([]);
  });

  it('shows nothing to who has no cookie', async () => {
    expect((await send('GET', '/events')).status).toBe(403);
    expect((await send('GET', '/events', { headers: { cookie: 'nobounce=guess' } })).status).toBe(403);
  });

  it('refuses what is no act, and what is too large', async () => {
    const headers = { authorization: `Bearer ${page.operatorToken}` };
    expect((await act(headers, { do: 'explode' })).status).toBe(400);
    expect((await act(headers, { do: 'note', text: 'x'.repeat(100_000) })).status).toBe(413);
    expect(acted).toEqual([]);
  });

  it('is not moved by viewers that never read, and forgets those that go', async () => {
    const cookie = await cookieOf('observer');
    const before = process.memoryUsage().rss;
    const silent = Array.from({ length: 200 }, () => {
      const sent = request(new URL('/events', page.url), { headers: { cookie } }, (response) => {
        response.pause();
      });
      sent.on('error', () => undefined);
      sent.end();
      return sent;
    });
    await eventually(
      () => viewers === 200,
      () => viewers,
    );
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(150);
    for (const sent of silent) sent.destroy();
    await eventually(
      () => viewers === 0,
      () => viewers,
    );
  });

  it('listens for others only with TLS', async () => {
    const shown = { snapshot: () => new Day().snapshot(), act: () => Promise.resolve({ ok: true } as const) };
    await expect(servePage(shown, { host: '0.0.0.0', port: 0 })).rejects.toThrow('there is no --tls-cert');
  });

  it('says so where its port is taken', async () => {
    const shown = { snapshot: () => new Day().snapshot(), act: () => Promise.resolve({ ok: true } as const) };
    const port = Number(new URL(page.url).port);
    await expect(servePage(shown, { host: '127.0.0.1', port })).rejects.toThrow('nothing can listen');
  });
});
