import { type Proxy, Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/waiting.js';
import { open, patternBytes, startEcho, startServer, type TestServer } from '../unit/toxiproxy/tcp.js';
import { type Endpoint, startEndpoint } from './toxiproxy-endpoint.js';

/** Every call and every toxic through toxiproxy-node-client, with data that must really feel it. */
let endpoint: Endpoint;
let client: Toxiproxy;
let echo: TestServer;
let proxy: Proxy;

beforeAll(async () => {
  endpoint = await startEndpoint();
  client = new Toxiproxy(endpoint.url);
});

afterAll(async () => endpoint[Symbol.asyncDispose]());

beforeEach(async () => {
  echo = await startEcho();
  proxy = await client.createProxy({ name: 'echo', listen: '127.0.0.1:0', upstream: echo.address });
});

afterEach(async () => {
  for (const one of Object.values(await client.getAll())) await one.remove();
  await echo[Symbol.asyncDispose]();
});

type Stream = 'upstream' | 'downstream';
type ToxicBody = Parameters<Proxy['addToxic']>[0];

async function add(
  type: ToxicBody['type'],
  stream: Stream,
  attributes: object,
  toxicity = 1,
): ReturnType<Proxy['addToxic']> {
  return proxy.addToxic({ name: `${type}_${stream}`, type, stream, toxicity, attributes });
}

const HELLO = Buffer.from('hello');

describe('every call', () => {
  it('createProxy, get, getAll, remove', async () => {
    expect(proxy).toMatchObject({ name: 'echo', upstream: echo.address, enabled: true });
    expect(proxy.listen).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    expect((await client.get('echo')).toJson()).toEqual(proxy.toJson());
    expect(Object.keys(await client.getAll())).toEqual(['echo']);
    await proxy.remove();
    await expect(client.get('echo')).rejects.toThrow('404');
    await expect(open(proxy.listen)).rejects.toThrow('ECONNREFUSED');
  });

  it('carries bytes unchanged in both directions', async () => {
    using connection = await open(proxy.listen);
    const sent = patternBytes(3_000_000);
    connection.socket.write(sent);
    expect((await connection.receive(sent.length)).equals(sent)).toBe(true);
  });

  it('update: disabled refuses and closes, enabled serves again on the same port', async () => {
    using before = await open(proxy.listen);
    const settings = { listen: proxy.listen, upstream: proxy.upstream };
    const disabled = await proxy.update({ ...settings, enabled: false });
    expect(disabled).toMatchObject({ enabled: false, listen: proxy.listen });
    await before.receiveAll();
    await expect(open(proxy.listen)).rejects.toThrow('ECONNREFUSED');
    await proxy.update({ ...settings, enabled: true });
    using after = await open(proxy.listen);
    after.socket.write(HELLO);
    expect(await after.receive(5)).toEqual(HELLO);
  });

  it('update: another upstream closes live connections, keeps port and toxics; the same upstream keeps them', async () => {
    await using other = await startServer((socket) => socket.end('other'));
    await add('latency', 'downstream', { latency: 1, jitter: 0 });
    using live = await open(proxy.listen);
    live.socket.write(HELLO);
    await live.receive(5);
    await proxy.update({ enabled: true, listen: proxy.listen, upstream: proxy.upstream });
    live.socket.write(HELLO);
    await live.receive(10);
    await proxy.update({ enabled: true, listen: proxy.listen, upstream: other.address });
    await live.receiveAll();
    using next = await open(proxy.listen);
    expect(String(await next.receive(5))).toBe('other');
    expect((await proxy.getToxic('latency_downstream')).type).toBe('latency');
  });

  it('populate', async () => {
    const populated = await client.populate([
      { name: 'one', listen: '127.0.0.1:0', upstream: echo.address },
      { name: 'two', listen: '127.0.0.1:0', upstream: echo.address, enabled: false },
    ]);
    expect(Object.keys(populated)).toEqual(['one', 'two']);
    expect(populated).toMatchObject({ one: { enabled: true }, two: { enabled: false } });
    await expect(client.populate([{ name: '', listen: '', upstream: '' }])).rejects.toThrow('400');
  });

  it('reset enables all proxies and removes all toxics', async () => {
    await add('latency', 'upstream', { latency: 1, jitter: 0 });
    await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream });
    await client.reset();
    expect((await client.get('echo')).enabled).toBe(true);
    await expect(proxy.getToxic('latency_upstream')).rejects.toThrow('404');
  });

  it('getVersion', async () => {
    expect(await client.getVersion()).toContain('"version"');
  });

  it('addToxic, getToxic, update, remove', async () => {
    const toxic = await add('latency', 'upstream', { latency: 10, jitter: 2 }, 0.5);
    const shown = { name: 'latency_upstream', type: 'latency', stream: 'upstream', toxicity: 0.5 };
    expect(toxic.toJson()).toEqual({ ...shown, attributes: { latency: 10, jitter: 2 } });
    expect((await proxy.getToxic('latency_upstream')).toJson()).toEqual(toxic.toJson());
    const changed = await toxic.update({ ...toxic.toJson(), toxicity: 1, attributes: { latency: 20 } });
    expect(changed.toJson()).toEqual({ ...shown, toxicity: 1, attributes: { latency: 20, jitter: 2 } });
    await toxic.remove();
    await expect(toxic.remove()).rejects.toThrow('404');
    await expect(add('down', 'upstream', {})).rejects.toThrow('400');
  });

  it('counts bytes per proxy and direction', async () => {
    {
      using connection = await open(proxy.listen);
      connection.socket.write(HELLO);
      await connection.receive(5);
    }
    const series = (name: string, direction: string): string =>
      `toxiproxy_proxy_${name}_bytes_total{direction="${direction}",listener="${proxy.listen}",proxy="echo",upstream="${echo.address}"} 5`;
    let text = '';
    // The original counts when the connection ends, the built-in server as bytes move.
    while (!text.includes(series('received', 'downstream')) || !text.includes(series('sent', 'upstream'))) {
      text = await (await fetch(`${endpoint.url}/metrics`)).text();
    }
    expect(text).toContain(series('received', 'upstream'));
    expect(text).toContain('# TYPE toxiproxy_proxy_received_bytes_total counter');
  });
});

describe('an upstream that refuses', () => {
  it('is a connection that is accepted and then closed', async () => {
    await echo[Symbol.asyncDispose]();
    using connection = await open(proxy.listen);
    expect(await connection.receiveAll()).toHaveLength(0);
    echo = await startEcho();
  });
});

describe.each<Stream>(['upstream', 'downstream'])('every toxic, %s', (stream) => {
  it('latency: nothing arrives before its time', async () => {
    await add('latency', stream, { latency: 60, jitter: 10 });
    using connection = await open(proxy.listen);
    const sentAt = performance.now();
    connection.socket.write(HELLO);
    expect(await connection.receive(5)).toEqual(HELLO);
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(49);
  });

  it('latency: added to a live connection, changed and removed, without losing a byte', async () => {
    using connection = await open(proxy.listen);
    const sent = patternBytes(400_000);
    const part = (i: number): Buffer => sent.subarray(i * 100_000, (i + 1) * 100_000);
    connection.socket.write(part(0));
    const toxic = await add('latency', stream, { latency: 20, jitter: 5 });
    connection.socket.write(part(1));
    await toxic.update({ ...toxic.toJson(), attributes: { latency: 40, jitter: 0 } });
    connection.socket.write(part(2));
    await toxic.remove();
    connection.socket.write(part(3));
    expect((await connection.receive(sent.length)).equals(sent)).toBe(true);
  });

  it('bandwidth: no faster than the rate', async () => {
    await add('bandwidth', stream, { rate: 500 });
    using connection = await open(proxy.listen);
    const sent = patternBytes(100_000);
    const sentAt = performance.now();
    connection.socket.write(sent);
    expect((await connection.receive(sent.length)).equals(sent)).toBe(true);
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(180);
  });

  it('bandwidth 0: holds the bytes, and loses none when it goes', async () => {
    const toxic = await add('bandwidth', stream, { rate: 0 });
    using connection = await open(proxy.listen);
    connection.socket.write(HELLO);
    await client.getVersion();
    expect(connection.received).toHaveLength(0);
    await toxic.remove();
    expect(await connection.receive(5)).toEqual(HELLO);
  });

  it('slow_close: data passes, the end waits', async () => {
    await add('slow_close', stream, { delay: 60 });
    await using bye = await startServer((socket) => socket.resume().on('end', () => socket.end('bye')));
    await proxy.update({
      enabled: true,
      listen: proxy.listen,
      upstream: stream === 'upstream' ? bye.address : echo.address,
    });
    using connection = await open(proxy.listen);
    connection.socket.write(HELLO);
    if (stream === 'downstream') await connection.receive(5);
    const endedAt = performance.now();
    connection.socket.end();
    await connection.receiveAll();
    expect(performance.now() - endedAt).toBeGreaterThanOrEqual(59);
  });

  it('timeout: drops everything, then closes', async () => {
    await add('timeout', stream, { timeout: 40 });
    using connection = await open(proxy.listen);
    connection.socket.write(HELLO);
    expect(await connection.receiveAll()).toHaveLength(0);
  });

  it('timeout 0: drops for ever, and closes when it goes', async () => {
    const toxic = await add('timeout', stream, { timeout: 0 });
    using connection = await open(proxy.listen);
    connection.socket.write(HELLO);
    await client.getVersion();
    expect(connection.ended).toBe(false);
    await toxic.remove();
    expect(await connection.receiveAll()).toHaveLength(0);
  });

  it('reset_peer: the client gets a reset', async () => {
    await add('reset_peer', stream, { timeout: 20 });
    using connection = await open(proxy.listen);
    connection.socket.write(HELLO);
    await connection.receiveAll();
    await eventually(() => connection.errorCode !== undefined, connection.seen);
    expect(connection.errorCode).toBe('ECONNRESET');
    expect(connection.received).toHaveLength(0);
  });

  it('slicer: the same bytes in more pieces', async () => {
    await add('slicer', stream, { average_size: 100, size_variation: 50, delay: 500 });
    using connection = await open(proxy.listen);
    const sent = patternBytes(2_000);
    connection.socket.write(sent);
    expect(await connection.receive(sent.length)).toEqual(sent);
    expect(connection.reads).toBeGreaterThan(1);
  });

  it('limit_data: so many bytes, then the end', async () => {
    await add('limit_data', stream, { bytes: 1_234 });
    await using sink = await startServer((socket) => {
      if (stream === 'downstream') socket.end(patternBytes(5_000));
    });
    const sentToSink: Buffer[] = [];
    await proxy.update({ enabled: true, listen: proxy.listen, upstream: sink.address });
    using connection = await open(proxy.listen);
    if (stream === 'downstream') {
      expect(await connection.receiveAll()).toEqual(patternBytes(1_234));
      return;
    }
    await eventually(
      () => sink.sockets.size === 1,
      () => sink.sockets.size,
    );
    for (const socket of sink.sockets) socket.on('data', (bytes: Buffer) => sentToSink.push(bytes));
    connection.socket.write(patternBytes(5_000));
    await eventually(() => connection.ended, connection.seen);
    expect(Buffer.concat(sentToSink)).toEqual(patternBytes(1_234));
  });

  it('toxicity 0: no connection feels it', async () => {
    await add('timeout', stream, { timeout: 0 }, 0);
    using connection = await open(proxy.listen);
    connection.socket.write(HELLO);
    expect(await connection.receive(5)).toEqual(HELLO);
  });

  it('several in a chain', async () => {
    await add('latency', stream, { latency: 20, jitter: 0 });
    await add('slicer', stream, { average_size: 500, size_variation: 100, delay: 10 });
    await add('bandwidth', stream, { rate: 2_000 });
    await add('limit_data', stream, { bytes: 50_001 });
    using connection = await open(proxy.listen);
    connection.socket.write(patternBytes(50_000));
    expect((await connection.receive(50_000)).equals(patternBytes(50_000))).toBe(true);
  });
});
