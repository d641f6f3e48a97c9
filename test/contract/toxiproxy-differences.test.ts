import { connect } from 'node:net';
import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProxyState, type Toxiproxy, connectToxiproxy } from '../../src/toxiproxy/adapter.js';
import { startToxiproxyServer, type ToxiproxyServer } from '../../src/toxiproxy/server.js';
import { eventually, pause } from '../support/waiting.js';
import {
  closeClients,
  open,
  patternBytes,
  portOf,
  startBlackHole,
  startEcho,
  startServer,
  type TestServer,
} from '../unit/toxiproxy/tcp.js';

/** What the built-in server does better than the original on purpose: one test a row of docs/toxiproxy.md. */
let server: ToxiproxyServer;
let toxiproxy: Toxiproxy;
let echo: TestServer;
let proxy: ProxyState;

beforeEach(async () => {
  server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
  toxiproxy = await connectToxiproxy(server.url);
  echo = await startEcho();
  proxy = await toxiproxy.createProxy({ name: 'echo', listen: '127.0.0.1:0', upstream: echo.address });
});

afterEach(async () => {
  closeClients();
  await server.close();
  await echo[Symbol.asyncDispose]();
});

async function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  method = 'POST',
): Promise<{ status: number; body: string }> {
  const response = await fetch(server.url + path, { method, body });
  return { status: response.status, body: await response.text() };
}

const HELLO = Buffer.from('hello');

describe('connections', () => {
  it('passes a half-close on, so that the answer still arrives', async () => {
    await using late = await startServer((socket) => {
      const got: Buffer[] = [];
      socket.on('data', (bytes: Buffer) => got.push(bytes));
      socket.on('end', () => socket.end(Buffer.concat(got)));
    });
    await toxiproxy.setUpstream('echo', late.address);
    using client = await open(proxy.listen);
    client.socket.end(patternBytes(300_000));
    expect((await client.receiveAll()).equals(patternBytes(300_000))).toBe(true);
  });

  it('an upstream that never answers holds up neither the API nor the next client', async () => {
    await using blackHole = await startBlackHole();
    await toxiproxy.setUpstream('echo', blackHole.address);
    using stuck = await open(proxy.listen);
    stuck.socket.write(HELLO);
    await toxiproxy.setUpstream('echo', echo.address);
    await stuck.receiveAll();
    using client = await open(proxy.listen);
    client.socket.write(HELLO);
    expect(await client.receive(5)).toEqual(HELLO);
  });

  it('resets live connections too when reset_peer comes', async () => {
    using client = await open(proxy.listen);
    client.socket.write(HELLO);
    await client.receive(5);
    await toxiproxy.addToxic('echo', {
      name: 'r',
      type: 'reset_peer',
      stream: 'upstream',
      attributes: { timeout: 0 },
    });
    client.socket.write(HELLO);
    await client.receiveAll();
    await eventually(() => client.errorCode === 'ECONNRESET', client.seen);
  });

  it('passes on what reset_peer held when it goes in time', async () => {
    await toxiproxy.addToxic('echo', {
      name: 'r',
      type: 'reset_peer',
      stream: 'upstream',
      attributes: { timeout: 60_000 },
    });
    using client = await open(proxy.listen);
    client.socket.write(HELLO);
    await pause(20);
    await toxiproxy.removeToxic('echo', 'r');
    expect(await client.receive(5)).toEqual(HELLO);
  });

  it('leaves connections alone that a timeout did not work on', async () => {
    await toxiproxy.addToxic('echo', {
      name: 't',
      type: 'timeout',
      stream: 'upstream',
      toxicity: 0,
      attributes: { timeout: 0 },
    });
    using client = await open(proxy.listen);
    client.socket.write(HELLO);
    await client.receive(5);
    await toxiproxy.removeToxic('echo', 't');
    client.socket.write(HELLO);
    expect(await client.receive(10)).toHaveLength(10);
  });

  it('closes a connection whose timeout no longer works on it, rather than let bytes follow a hole', async () => {
    await toxiproxy.addToxic('echo', {
      name: 't',
      type: 'timeout',
      stream: 'upstream',
      attributes: { timeout: 0 },
    });
    using client = await open(proxy.listen);
    client.socket.write(HELLO);
    await eventually(
      () => echo.sockets.size === 1,
      () => echo.sockets.size,
    );
    await pause(20);
    await post('/proxies/echo/toxics/t', '{"toxicity":0}', 'PATCH');
    expect(await client.receiveAll()).toHaveLength(0);
  });

  it('draws toxicity once per connection: changes beside a toxic do not draw again', async () => {
    await toxiproxy.addToxic('echo', {
      name: 'half',
      type: 'limit_data',
      stream: 'downstream',
      toxicity: 0.5,
      attributes: { bytes: 4 },
    });
    const clients = await Promise.all(Array.from({ length: 20 }, async () => open(proxy.listen)));
    for (const client of clients) client.socket.write(HELLO);
    await eventually(
      () => clients.every((client) => client.ended || client.received.length === 5),
      () => clients.map((client) => client.seen()),
    );
    const spared = clients.filter((client) => !client.ended);
    for (let i = 0; i < 10; i++) {
      await toxiproxy.addToxic('echo', {
        name: 'beside',
        type: 'latency',
        stream: 'downstream',
        attributes: { latency: 0 },
      });
      await toxiproxy.removeToxic('echo', 'beside');
    }
    for (const client of spared) client.socket.write(HELLO);
    for (const client of spared) expect(await client.receive(10)).toHaveLength(10);
    for (const client of clients) client[Symbol.dispose]();
  });
});

describe('the API', () => {
  it('answers the removal of a toxic at once, whatever the toxic is doing', async () => {
    await toxiproxy.addToxic('echo', {
      name: 'r',
      type: 'reset_peer',
      stream: 'downstream',
      attributes: { timeout: 60_000 },
    });
    await toxiproxy.addToxic('echo', {
      name: 'l',
      type: 'latency',
      stream: 'downstream',
      attributes: { latency: 60_000 },
    });
    await toxiproxy.addToxic('echo', {
      name: 'b',
      type: 'bandwidth',
      stream: 'downstream',
      attributes: { rate: 1 },
    });
    // A client that reads nothing, and more data than fits in all buffers.
    const client = connect({ host: '127.0.0.1', port: portOf(proxy.listen) }).pause();
    client.on('error', () => undefined);
    client.write(patternBytes(8_000_000));
    await pause(100);
    const askedAt = performance.now();
    for (const name of ['r', 'l', 'b']) await toxiproxy.removeToxic('echo', name);
    await toxiproxy.reset();
    expect(performance.now() - askedAt).toBeLessThan(10_000);
    client.destroy();
  });

  it('honours toxics given to /populate, and leaves a proxy alone whose toxics are not given', async () => {
    const toxic = {
      type: 'latency',
      stream: 'upstream',
      name: 'slow',
      toxicity: 1,
      attributes: { latency: 30, jitter: 0 },
    };
    const one = {
      name: 'one',
      listen: proxy.listen.replace(/\d+$/, '0'),
      upstream: echo.address,
      toxics: [toxic],
    };
    const answer = await post('/populate', JSON.stringify([one]));
    expect(answer.status).toBe(201);
    const listen = /"listen":"([^"]+)"/.exec(answer.body)?.[1] ?? '';
    using client = await open(listen);
    const sentAt = performance.now();
    client.socket.write(HELLO);
    await client.receive(5);
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(29);
    expect((await post('/populate', JSON.stringify([{ ...one, listen, toxics: undefined }]))).body).toContain(
      'slow',
    );
    const changed = { ...one, listen, toxics: [{ ...toxic, name: 'slower' }] };
    expect((await post('/populate', JSON.stringify([changed]))).body).toMatch(
      /"toxics":\[\{[^}]*\},"name":"slower"[^}]*\}\]/,
    );
    client.socket.write(HELLO);
    expect(await client.receive(10)).toHaveLength(10);
  });

  it.each([
    [
      [{ type: 'latency' }, { type: 'latency' }],
      'bad request body: toxic latency_downstream is given twice at proxy 1',
    ],
    [[{ type: 'nope' }], 'invalid toxic type'],
    ['x', 'bad request body: toxics at proxy 1 is no list'],
  ])('touches nothing when a toxic given to /populate is wrong', async (toxics, error) => {
    const list = [{ name: 'one', listen: '127.0.0.1:0', upstream: 'u:1', toxics }];
    const answer = await post('/populate', JSON.stringify(list));
    expect(JSON.parse(answer.body)).toEqual({ error, status: 400, proxies: null });
    expect(await (await fetch(`${server.url}/proxies`)).text()).not.toContain('one');
  });

  it('takes a path with a slash in a name, and a base URL that ends in one', async () => {
    await toxiproxy.createProxy({ name: 'a/b', listen: '127.0.0.1:0', upstream: 'u:1' });
    expect((await toxiproxy.setEnabled('a/b', false)).enabled).toBe(false);
    expect((await fetch(`${server.url}//proxies/a%2Fb`)).status).toBe(200);
    expect((await fetch(`${server.url}/proxies/%zz`)).status).toBe(400);
  });

  it('reads a path with dots as what it means', async () => {
    const { port } = server;
    const get = async (path: string): Promise<string> => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const chunks: unknown[] = await socket.toArray();
      return chunks.map(String).join('');
    };
    for (const path of ['/proxies/./echo', '/x/../proxies/echo/.', '/../proxies/echo/toxics/..']) {
      expect(await get(path)).toContain('"name":"echo"');
    }
    await toxiproxy.createProxy({ name: '..', listen: '127.0.0.1:0', upstream: 'u:1' });
    expect(await get('/proxies/%2e%2e')).toContain('"name":".."');
    expect(await get('/proxies/echo/')).toContain('404 Not Found');
  });

  it('knows that every interface is the same however it is written', async () => {
    await toxiproxy.createProxy({ name: 'all', listen: '0.0.0.0:0', upstream: echo.address });
    const all = await toxiproxy.setEnabled('all', true);
    expect(all.listen).toMatch(/^\[::\]:\d+$|^0\.0\.0\.0:\d+$/);
    using client = await open(all.listen);
    client.socket.write(HELLO);
    await client.receive(5);
    await post('/proxies/all', JSON.stringify({ listen: `0.0.0.0:${String(portOf(all.listen))}` }), 'PATCH');
    client.socket.write(HELLO);
    expect(await client.receive(10)).toHaveLength(10);
  });

  it('changes a toxic wholly or not at all', async () => {
    await toxiproxy.addToxic('echo', {
      name: 'l',
      type: 'latency',
      stream: 'upstream',
      attributes: { latency: 1 },
    });
    expect((await post('/proxies/echo/toxics/l', '{"attributes":{"latency":9,"jitter":"x"}}')).status).toBe(
      400,
    );
    expect(await (await fetch(`${server.url}/proxies/echo/toxics/l`)).text()).toContain('"latency":1,');
  });

  it('resets all proxies that can be, even if one cannot listen', async () => {
    await toxiproxy.createProxy({ name: 'a', listen: proxy.listen, upstream: 'u:1', enabled: false });
    await toxiproxy.addToxic('echo', {
      name: 'l',
      type: 'latency',
      stream: 'upstream',
      attributes: { latency: 1 },
    });
    await expect(toxiproxy.reset()).rejects.toThrow('address already in use');
    expect(await (await fetch(`${server.url}/proxies/echo/toxics`)).text()).toBe('[]');
  });

  it('says who it is', async () => {
    expect(await toxiproxy.version()).toEqual({ version: '2.12.0', builtIn: true });
  });
});

describe('the Host of a request', () => {
  async function ask(host: string | undefined, port = server.port): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port });
    const [version, header] =
      host === undefined ? ['1.0', ''] : ['1.1', `Host: ${host}\r\nConnection: close\r\n`];
    socket.end(`GET /proxies HTTP/${version}\r\n${header}\r\n`);
    const chunks: unknown[] = await socket.toArray();
    return chunks.map(String).join('');
  }

  it.each([
    'localhost',
    'LOCALHOST:8474',
    'localhost.',
    'toxi.localhost:1',
    '127.0.0.1:8474',
    '192.0.2.7',
    '[::1]:8474',
    '[::1]',
    'toxiproxy:8474',
    hostname(),
    '',
    undefined,
  ])('may be %j', async (host) => {
    expect(await ask(host)).toContain('200 OK');
  });

  it.each([
    'evil.example',
    'evil.example:8474',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'a.b:x',
    '1.2.3',
    '[::1].evil.example:80',
  ])('may not be %j, which a web page can have pointed here', async (host) => {
    const answer = await ask(host);
    expect(answer).toContain('403 Forbidden');
    expect(answer).not.toContain('"echo"');
  });

  it('may be a name that the server was told', async () => {
    for (const allowedHosts of [['Toxi.Example.'], ['*']]) {
      const told = await startToxiproxyServer({ host: '127.0.0.1', port: 0, allowedHosts });
      expect(await ask('toxi.example:8474', told.port)).toContain('200 OK');
      expect(await ask('evil.example', told.port)).toContain(allowedHosts[0] === '*' ? '200 OK' : '403');
      await told.close();
    }
  });
});

describe('attributes that crash the original', () => {
  it.each([
    ['slicer', ''],
    ['slicer', '"average_size":0,"size_variation":0'],
    ['slicer', '"average_size":-5'],
    ['slicer', '"average_size":10,"size_variation":11'],
    ['slicer', '"average_size":10,"size_variation":-1'],
    ['bandwidth', '"rate":-1'],
    ['bandwidth', '"rate":92233720368547760'],
    ['latency', '"latency":1,"jitter":4611686018427387905'],
  ])('%s with %s is a 400, to add and to change to', async (type, text) => {
    const added = await post('/proxies/echo/toxics', `{"type":"${type}","attributes":{${text}}}`);
    expect(added.status).toBe(400);
    const good = { slicer: '"average_size":10', bandwidth: '"rate":100', latency: '"latency":1' }[type] ?? '';
    expect(
      (await post('/proxies/echo/toxics', `{"type":"${type}","name":"t","attributes":{${good}}}`)).status,
    ).toBe(200);
    if (text !== '') {
      expect((await post('/proxies/echo/toxics/t', `{"attributes":{${text}}}`, 'PATCH')).status).toBe(400);
    }
    using client = await open(proxy.listen);
    client.socket.write(HELLO);
    expect(await client.receive(5)).toEqual(HELLO);
  });
});

describe('requests that are too much', () => {
  it('answers 413 to a huge body and goes on', async () => {
    const answer = await post('/populate', new Uint8Array(5 * 1024 * 1024).fill(0x20));
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 413,
      error: 'request body too large: at most 4194304 bytes are read',
    });
    expect((await post('/proxies', new Uint8Array(6 * 1024 * 1024).fill(0x20))).status).toBe(413);
    expect(await toxiproxy.version()).toMatchObject({ version: '2.12.0' });
  });

  it('cuts off a body without end', async () => {
    const socket = connect({ host: '127.0.0.1', port: server.port });
    socket.on('error', () => undefined);
    socket.write('POST /populate HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = Buffer.concat([
      Buffer.from('100000\r\n'),
      Buffer.alloc(1024 * 1024, 0x20),
      Buffer.from('\r\n'),
    ]);
    let writtenMiB = 0;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const write = (): void => {
      while (!socket.destroyed && writtenMiB < 512) {
        writtenMiB++;
        if (!socket.write(chunk)) {
          socket.once('drain', write);
          return;
        }
      }
    };
    socket.resume();
    write();
    await closed;
    expect(writtenMiB).toBeLessThan(512);
  });

  it('answers deep nesting with 400', async () => {
    expect((await post('/proxies', '['.repeat(100_000))).status).toBe(400);
  });
});
