import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectToxiproxy, type Toxiproxy } from '../../../src/toxiproxy/adapter.js';
import { startToxiproxyServer, type ToxiproxyServer } from '../../../src/toxiproxy/server.js';
import { eventually, pause } from '../../support/waiting.js';
import {
  closeClients,
  open,
  patternBytes,
  portOf,
  startBlackHole,
  startEcho,
  startServer,
  type TestServer,
} from './tcp.js';

let server: ToxiproxyServer;
let toxiproxy: Toxiproxy;
let echo: TestServer;
let before: Readonly<Record<string, number>>;

/** Sockets, listeners and timers that this process holds, by kind. */
function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {
    TCPSocketWrap: 0,
    TCPServerWrap: 0,
    ConnectWrap: 0,
    Timeout: 0,
  };
  for (const kind of process.getActiveResourcesInfo()) {
    const count = counts[kind];
    if (count !== undefined) counts[kind] = count + 1;
  }
  return counts;
}

beforeEach(async () => {
  before = resources();
  server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
  toxiproxy = await connectToxiproxy(server.url);
  echo = await startEcho();
});

afterEach(async () => {
  closeClients();
  await server.close();
  await echo[Symbol.asyncDispose]();
  // Nothing may be left of what a test started: no socket, no listener, no timer.
  await eventually(
    () => Object.entries(resources()).every(([kind, count]) => count <= (before[kind] ?? 0)),
    () => ({ before, now: resources() }),
  );
}, 20_000);

describe('many', () => {
  it('2,000 proxies', async () => {
    const list = Array.from({ length: 2_000 }, (_, i) => ({
      name: `p${String(i)}`,
      listen: '127.0.0.1:0',
      upstream: echo.address,
    }));
    const answer = await fetch(`${server.url}/populate`, { method: 'POST', body: JSON.stringify(list) });
    expect(answer.status).toBe(201);
    const listens = [...(await answer.text()).matchAll(/"listen":"([^"]+)"/g)].map(
      ([, listen]) => listen ?? '',
    );
    expect(new Set(listens).size).toBe(2_000);
    for (const listen of [listens[0], listens[1_999]]) {
      using client = await open(listen ?? '');
      client.socket.write('hello');
      expect(String(await client.receive(5))).toBe('hello');
    }
    await toxiproxy.reset();
  }, 60_000);

  it('1,000 concurrent connections, toxics coming and going', async () => {
    const { listen } = await toxiproxy.createProxy({
      name: 'p',
      listen: '127.0.0.1:0',
      upstream: echo.address,
    });
    const clients = await Promise.all(Array.from({ length: 1_000 }, async () => open(listen)));
    const sent = patternBytes(4_000);
    for (const client of clients) client.socket.write(sent.subarray(0, 2_000));
    await toxiproxy.addToxic('p', {
      name: 'l',
      type: 'latency',
      stream: 'upstream',
      attributes: { latency: 20, jitter: 10 },
    });
    await toxiproxy.addToxic('p', {
      name: 's',
      type: 'slicer',
      stream: 'downstream',
      attributes: { average_size: 500 },
    });
    for (const client of clients) client.socket.write(sent.subarray(2_000));
    await toxiproxy.removeToxic('p', 'l');
    const received = await Promise.all(clients.map(async (client) => client.receive(sent.length)));
    expect(received.every((bytes) => bytes.equals(sent))).toBe(true);
    for (const client of clients) client[Symbol.dispose]();
  }, 60_000);
});

describe('peers that behave badly', () => {
  it('clients that vanish in the middle of a transfer leave nothing behind', async () => {
    const { listen } = await toxiproxy.createProxy({
      name: 'p',
      listen: '127.0.0.1:0',
      upstream: echo.address,
    });
    await toxiproxy.addToxic('p', {
      name: 'l',
      type: 'latency',
      stream: 'downstream',
      attributes: { latency: 30 },
    });
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        using client = await open(listen);
        client.socket.write(patternBytes(50_000));
        if (i % 2 === 0) client.socket.resetAndDestroy();
      }),
    );
    await eventually(
      () => echo.sockets.size === 0,
      () => echo.sockets.size,
    );
  });

  it('an upstream that vanishes closes its clients', async () => {
    await using rude = await startServer((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const { listen } = await toxiproxy.createProxy({
      name: 'p',
      listen: '127.0.0.1:0',
      upstream: rude.address,
    });
    using client = await open(listen);
    client.socket.write('hello');
    expect(await client.receiveAll()).toHaveLength(0);
  });

  it('an upstream that never answers holds no client that leaves, and nothing when its proxy goes', async () => {
    await using hole = await startBlackHole();
    const dials = (): number => resources()['ConnectWrap'] ?? 0;
    // A request of the black hole's own dials is counted for a moment after it is done.
    await eventually(() => dials() === 0, resources);
    const { listen } = await toxiproxy.createProxy({
      name: 'p',
      listen: '127.0.0.1:0',
      upstream: hole.address,
    });
    const clients = await Promise.all(Array.from({ length: 20 }, async () => open(listen)));
    for (const client of clients.slice(5)) client.socket.write('hello');
    await eventually(() => dials() === 20, resources);
    for (const client of clients.slice(0, 10)) {
      // The system tells of a reset that comes together with data as of an end.
      client.socket.write('good bye');
      client.socket.resetAndDestroy();
    }
    await eventually(() => dials() === 10, resources);
    await toxiproxy.deleteProxy('p');
    await Promise.all(clients.slice(10).map(async (client) => client.receiveAll()));
    for (const client of clients) client[Symbol.dispose]();
  });

  it.each(['', ':', 'no port', 'no.such.host.invalid:1', '127.0.0.1:99999', '[::1'])(
    'the upstream %j is one that cannot be reached',
    async (upstream) => {
      const address = upstream === '' ? '127.0.0.1:1' : upstream;
      const { listen } = await toxiproxy.createProxy({ name: 'p', listen: '127.0.0.1:0', upstream: address });
      using client = await open(listen);
      expect(await client.receiveAll()).toHaveLength(0);
    },
  );

  it('a receiver that does not read holds the sender back: memory stays bounded', async () => {
    await using deaf = await startServer((socket) => socket.pause());
    for (const toxic of [undefined, 'noop', 'latency'] as const) {
      const name = toxic ?? 'none';
      const { listen } = await toxiproxy.createProxy({ name, listen: '127.0.0.1:0', upstream: deaf.address });
      if (toxic !== undefined) {
        const body = JSON.stringify({ type: toxic, stream: 'upstream' });
        await fetch(`${server.url}/proxies/${name}/toxics`, { method: 'POST', body });
      }
      const socket = connect({ host: '127.0.0.1', port: portOf(listen) });
      socket.on('error', () => undefined);
      const chunk = Buffer.alloc(1024 * 1024);
      let acceptedMiB = 0;
      let stalledRounds = 0;
      // Until nothing more is taken: then all buffers on the way are full.
      while (stalledRounds < 10) {
        if (socket.writableLength === 0) {
          socket.write(chunk);
          acceptedMiB++;
          stalledRounds = 0;
        } else stalledRounds++;
        await pause(10);
      }
      // Kernel buffers on both sides, and what the link may hold: 64 KiB, and 32 MiB for latency.
      expect(acceptedMiB).toBeLessThan(toxic === 'latency' ? 64 : 24);
      socket.destroy();
      await toxiproxy.deleteProxy(name);
    }
  }, 30_000);

  it('a slow receiver gets every byte', async () => {
    const { listen } = await toxiproxy.createProxy({
      name: 'p',
      listen: '127.0.0.1:0',
      upstream: echo.address,
    });
    using client = await open(listen);
    const sent = patternBytes(20_000_000);
    client.socket.end(sent);
    for (let i = 0; i < 20; i++) {
      client.socket.pause();
      await pause(5);
      client.socket.resume();
      await pause(1);
    }
    expect((await client.receiveAll()).equals(sent)).toBe(true);
  }, 30_000);

  it('requests that are no HTTP, or stop in the middle, hurt nobody', async () => {
    for (const text of [
      '\0\0\0',
      'GET',
      'POST /proxies HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{',
    ]) {
      const socket = connect({ host: '127.0.0.1', port: server.port });
      socket.on('error', () => undefined);
      socket.write(text);
      await pause(10);
      socket.destroy();
    }
    expect(await toxiproxy.version()).toMatchObject({ builtIn: true });
  });
});

describe('stopping', () => {
  it('closes live connections, pending dials, timers and listeners at once', async () => {
    const { listen } = await toxiproxy.createProxy({
      name: 'p',
      listen: '127.0.0.1:0',
      upstream: echo.address,
    });
    await using blackHole = await startBlackHole();
    const hole = await toxiproxy.createProxy({
      name: 'h',
      listen: '127.0.0.1:0',
      upstream: blackHole.address,
    });
    await toxiproxy.addToxic('p', {
      name: 'l',
      type: 'latency',
      stream: 'upstream',
      attributes: { latency: 600_000 },
    });
    using held = await open(listen);
    using dialling = await open(hole.listen);
    held.socket.write('hello');
    await pause(20);
    await server.close();
    await held.receiveAll();
    await dialling.receiveAll();
    await expect(open(listen)).rejects.toThrow('ECONNREFUSED');
  });

  it('refuses to start where it cannot, and leaves nothing behind', async () => {
    const good = '[{"name":"a","listen":"127.0.0.1:0","upstream":"u:1"}]';
    await expect(
      startToxiproxyServer({ host: '127.0.0.1', port: server.port, config: good }),
    ).rejects.toMatchObject({
      kind: 'environment',
    });
    for (const config of [
      '',
      'x',
      '[{"name":""}]',
      '[{"name":"a","listen":"127.0.0.1:0","upstream":"u:1"},{"name":"b","listen":"x","upstream":"u:1"}]',
    ]) {
      await expect(startToxiproxyServer({ host: '127.0.0.1', port: 0, config })).rejects.toMatchObject({
        kind: 'usage',
      });
    }
  });
});
