import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import { findEngine } from '../../../src/stack/docker/reach.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server, where: string | number): Promise<Server> {
  servers.push(server);
  if (typeof where === 'number') server.listen(where, '127.0.0.1');
  else server.listen(where);
  await once(server, 'listening');
  return server;
}

const answer =
  (body: unknown, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const DOCKER = { Version: '28.0.1', ApiVersion: '1.48', Components: [{ Name: 'Engine' }] };

async function tcp(server: Server): Promise<string> {
  const bound = (await listening(server, 0)).address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return `tcp://${bound.address}:${String(bound.port)}`;
}

const home = mkdtempSync(join(tmpdir(), 'home-'));

function find(env: Record<string, string>) {
  return findEngine({ env, home, platform: 'linux', uid: 1000 });
}

async function trouble(env: Record<string, string>): Promise<NobounceError> {
  const error: unknown = await find(env).then(
    () => new Error('an engine was found'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof NobounceError))
    throw new Error('not told as an environment error', { cause: error });
  expect(error.kind).toBe('environment');
  return error;
}

describe('an engine that was named', () => {
  it('answers, over TCP and over a socket, with its version', async () => {
    const host = await tcp(createHttpServer(answer(DOCKER)));
    expect(await find({ DOCKER_HOST: host })).toMatchObject({
      kind: 'docker',
      version: '28.0.1',
      endpoint: { uri: host },
    });
    const path = join(mkdtempSync(join(tmpdir(), 'engine-')), 'docker.sock');
    await listening(createHttpServer(answer({ ...DOCKER, Components: [{ Name: 'Podman Engine' }] })), path);
    expect(await find({ DOCKER_HOST: `unix://${path}` })).toMatchObject({ kind: 'podman' });
  });

  it('that nobody listens at is told with the variable, and no other engine is asked', async () => {
    const server = createServer();
    const host = await tcp(server);
    server.close();
    await once(server, 'close');
    const error = await trouble({ DOCKER_HOST: host });
    expect(error.message).toBe(`DOCKER_HOST=${host}: nobody listens there (ECONNREFUSED)`);
    expect(error.advice).toContain('unset DOCKER_HOST');
  });

  it('whose socket is not there, or is none, or may not be used, is told so', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'engine-'));
    expect((await trouble({ DOCKER_HOST: `unix://${dir}/no.sock` })).message).toContain(
      `there is no socket ${dir}/no.sock`,
    );
    writeFileSync(join(dir, 'file'), '');
    expect((await trouble({ DOCKER_HOST: `unix://${dir}/file` })).message).toContain('file is no socket');
  });

  it.runIf(process.getuid?.() !== 0)(
    'whose socket may not be used is told with the group to join',
    async () => {
      const path = join(mkdtempSync(join(tmpdir(), 'engine-')), 'docker.sock');
      await listening(createHttpServer(answer(DOCKER)), path);
      chmodSync(path, 0);
      const error = await trouble({ DOCKER_HOST: `unix://${path}` });
      expect(error.message).toContain('may not use the socket');
      expect(error.advice).toContain('usermod -aG docker');
    },
  );

  it('that closes the connection, or answers something else, is told so', async () => {
    const closing = await tcp(createServer((socket) => socket.destroy()));
    expect((await trouble({ DOCKER_HOST: closing })).message).toContain('closed without an answer');
    const web = await tcp(createHttpServer(answer('<html>')));
    expect((await trouble({ DOCKER_HOST: web })).message).toContain('what answers there is no Docker engine');
    const forbidding = await tcp(createHttpServer(answer('go away', 403)));
    expect((await trouble({ DOCKER_HOST: forbidding })).message).toContain('it answers 403: go away');
    const tls = await tcp(createHttpServer(answer('Client sent an HTTP request to an HTTPS server.', 400)));
    expect((await trouble({ DOCKER_HOST: tls })).message).toContain('DOCKER_TLS_VERIFY is not set');
    const endless = await tcp(createHttpServer(answer('x'.repeat(1_000_000))));
    expect((await trouble({ DOCKER_HOST: endless })).message).toContain('too long for an engine');
  });

  it('under a name that nobody knows is told so', async () => {
    expect((await trouble({ DOCKER_HOST: 'tcp://engine.invalid:2375' })).message).toContain(
      'knows no such host',
    );
    const host = await tcp(createHttpServer(answer(DOCKER)));
    const env = { DOCKER_HOST: host, TESTCONTAINERS_HOST_OVERRIDE: 'ports.invalid' };
    expect((await trouble(env)).message).toBe(
      'TESTCONTAINERS_HOST_OVERRIDE=ports.invalid: this machine knows no such host',
    );
  });
});
