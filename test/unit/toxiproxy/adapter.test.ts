import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { connectToxiproxy } from '../../../src/toxiproxy/adapter.js';
import { startToxiproxyServer } from '../../../src/toxiproxy/server.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An HTTP server that answers every request alike; without an answer it never does. */
async function startFake(answer: { status: number; body: string } | undefined): Promise<string> {
  const server = createServer((_, response) => {
    if (answer !== undefined) response.writeHead(answer.status).end(answer.body);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return address === null || typeof address === 'string' ? '' : `http://127.0.0.1:${String(address.port)}`;
}

describe('connectToxiproxy', () => {
  it('does every call, on names that must be encoded', async () => {
    const server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
    const toxiproxy = await connectToxiproxy(`${server.url}/`);
    const name = 'gold/1 %?';
    const created = await toxiproxy.createProxy({ name, listen: '127.0.0.1:0', upstream: 'a:1' });
    expect(created).toMatchObject({ name, upstream: 'a:1', enabled: true });
    expect(await toxiproxy.setUpstream(name, 'b:2')).toEqual({ ...created, upstream: 'b:2' });
    expect(await toxiproxy.setEnabled(name, false)).toEqual({ ...created, upstream: 'b:2', enabled: false });
    const toxic = { name: 'l/1', type: 'latency', stream: 'upstream', attributes: { latency: 1 } } as const;
    await toxiproxy.addToxic(name, toxic);
    const refused = toxiproxy.addToxic(name, toxic);
    await expect(refused).rejects.toThrow('toxic already exists (HTTP 409)');
    await expect(refused).rejects.toMatchObject({ kind: 'harness' });
    await toxiproxy.removeToxic(name, 'l/1');
    await toxiproxy.removeToxic(name, 'l/1');
    await toxiproxy.reset();
    await toxiproxy.deleteProxy(name);
    await toxiproxy.deleteProxy(name);
    await expect(toxiproxy.setEnabled(name, true)).rejects.toThrow('proxy not found (HTTP 404)');
    await server.close();
    await expect(toxiproxy.reset()).rejects.toThrow('did not reset: fetch failed');
  });

  it('gives up on a server that does not answer', async () => {
    const url = await startFake(undefined);
    await expect(connectToxiproxy(url, { deadlineMs: 50 })).rejects.toThrow('no answer within the deadline');
  });

  it.each([
    [200, 'hello', 'is not a Toxiproxy: hello'],
    [502, 'bad gateway', 'bad gateway (HTTP 502)'],
    [500, '', 'no reason given (HTTP 500)'],
  ])('shows what answers instead of a Toxiproxy (%i %j)', async (status, body, message) => {
    await expect(connectToxiproxy(await startFake({ status, body }))).rejects.toThrow(message);
  });
});
