import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NobounceError } from '../../../src/errors/errors.js';
import {
  missingCredentialHelper,
  dockerConfig,
  type Machine,
} from '../../../src/stack/docker/docker-config.js';
import { localEndpoints, namedEndpoint } from '../../../src/stack/docker/endpoint.js';

/** A machine of which nothing is known but these variables and files of its home. */
function machine(env: Record<string, string>, files: Record<string, string> = {}): Machine {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  return { env, home, platform: 'linux', uid: 1000 };
}

const certificates = { 'certs/ca.pem': 'x', 'certs/cert.pem': 'x', 'certs/key.pem': 'x' };

function context(name: string, host: string): Record<string, string> {
  const id = createHash('sha256').update(name).digest('hex');
  return {
    [`.docker/contexts/meta/${id}/meta.json`]: JSON.stringify({
      Name: name,
      Endpoints: { docker: { Host: host } },
    }),
  };
}

function refusal(given: Machine): NobounceError {
  try {
    namedEndpoint(given);
  } catch (error) {
    if (error instanceof NobounceError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('the engine that somebody named', () => {
  it.each([
    ['unix:///run/engine.sock', 'unix:///run/engine.sock'],
    ['tcp://127.0.0.1:2375', 'tcp://127.0.0.1:2375'],
    ['tcp://127.0.0.1', 'tcp://127.0.0.1:2375'],
    ['tcp://127.0.0.1:2375/', 'tcp://127.0.0.1:2375'],
    ['http://localhost', 'tcp://localhost:80'],
    ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/docker_engine'],
  ])('DOCKER_HOST=%s is %s', (written, uri) => {
    expect(namedEndpoint(machine({ DOCKER_HOST: written }))).toMatchObject({
      uri,
      namedBy: `DOCKER_HOST=${written}`,
      setting: 'DOCKER_HOST',
      certPath: null,
    });
  });

  it('is nobody where nothing is set, and what is empty is not set', () => {
    expect(namedEndpoint(machine({}))).toBeNull();
    expect(namedEndpoint(machine({ DOCKER_HOST: '', DOCKER_CONTEXT: ' ' }))).toBeNull();
    expect(namedEndpoint(machine({}, { '.docker/config.json': '{"currentContext":"default"}' }))).toBeNull();
  });

  it.each(['foo', 'localhost:2375', 'tcp://', 'unix://', 'fd://', 'tcp://host:99999', 'tcp:// host:1'])(
    'DOCKER_HOST=%s is refused by its name',
    (written) => {
      const error = refusal(machine({ DOCKER_HOST: written }));
      expect(error.message).toBe(`DOCKER_HOST=${written} is no address of an engine`);
      expect(error.kind).toBe('environment');
      expect(error.advice).toContain('mend DOCKER_HOST');
    },
  );

  it('is refused behind SSH, where no port of a container can be reached', () => {
    expect(refusal(machine({ DOCKER_HOST: 'ssh://root@mail' })).message).toContain('behind SSH');
  });

  it('may be named by a context, of the environment before the configuration', () => {
    const files = {
      ...context('lab', 'tcp://127.0.0.1:1234'),
      ...context('home', 'unix:///home.sock'),
      '.docker/config.json': '{"currentContext":"home"}',
    };
    expect(namedEndpoint(machine({}, files))).toMatchObject({
      uri: 'unix:///home.sock',
      namedBy: 'the Docker context home (unix:///home.sock)',
    });
    expect(namedEndpoint(machine({ DOCKER_CONTEXT: 'lab' }, files))).toMatchObject({
      uri: 'tcp://127.0.0.1:1234',
      setting: 'DOCKER_CONTEXT',
    });
    expect(namedEndpoint(machine({ DOCKER_CONTEXT: 'default' }, files))).toBeNull();
    expect(namedEndpoint(machine({ DOCKER_HOST: 'unix:///x', DOCKER_CONTEXT: 'lab' }, files))).toMatchObject({
      uri: 'unix:///x',
    });
    expect(refusal(machine({ DOCKER_CONTEXT: 'nowhere' }, files)).message).toContain(
      'DOCKER_CONTEXT=nowhere: there is no Docker context "nowhere"',
    );
  });

  it("may be named in testcontainers' file, which says the same as the environment or is refused", () => {
    const files = { '.testcontainers.properties': '# mine\ntc.host = tcp://127.0.0.1:5555\n' };
    expect(namedEndpoint(machine({}, files))).toMatchObject({
      uri: 'tcp://127.0.0.1:5555',
      namedBy: 'tc.host in ~/.testcontainers.properties (tcp://127.0.0.1:5555)',
    });
    expect(namedEndpoint(machine({ DOCKER_HOST: 'tcp://127.0.0.1:5555' }, files))).toMatchObject({
      uri: 'tcp://127.0.0.1:5555',
    });
    expect(refusal(machine({ DOCKER_HOST: 'unix:///x' }, files)).message).toContain('two engines are named');
    const host = { '.testcontainers.properties': 'docker.host=tcp://127.0.0.1:6666' };
    expect(namedEndpoint(machine({}, host))).toMatchObject({ uri: 'tcp://127.0.0.1:6666' });
    expect(namedEndpoint(machine({ DOCKER_HOST: 'unix:///x' }, host))).toMatchObject({ uri: 'unix:///x' });
  });

  it.each(['DOCKER_TLS_VERIFY', 'DOCKER_TLS'])(
    'speaks TLS where %s is set, and says which certificate is missing',
    (name) => {
      const env = { DOCKER_HOST: 'tcp://127.0.0.1', [name]: '1' };
      expect(refusal(machine(env)).message).toMatch(
        new RegExp(`^${name} asks for TLS, but there is no .*ca\\.pem$`),
      );
      const whole = machine(env, certificates);
      const certPath = join(whole.home, 'certs');
      expect(namedEndpoint({ ...whole, env: { ...env, DOCKER_CERT_PATH: certPath } })).toMatchObject({
        uri: 'tcp://127.0.0.1:2376',
        certPath,
      });
    },
  );

  it("is this machine's own where nobody named one, at the usual place first", () => {
    const { home, ...rest } = machine({ XDG_RUNTIME_DIR: '/run/user/1000' });
    const found = localEndpoints({ ...rest, home });
    expect(found.map(({ uri }) => uri)).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///run/user/1000/docker.sock',
      `unix://${home}/.docker/run/docker.sock`,
      `unix://${home}/.docker/desktop/docker.sock`,
    ]);
    expect(found.every(({ namedBy }) => namedBy === null)).toBe(true);
  });
});

describe("Docker's configuration", () => {
  it('that is broken is named', () => {
    const broken = machine({}, { '.docker/config.json': '{' });
    expect(() => dockerConfig(broken)).toThrow(/config\.json cannot be read as Docker's JSON/);
    expect(() => dockerConfig(machine({ DOCKER_AUTH_CONFIG: 'x' }))).toThrow(
      /^DOCKER_AUTH_CONFIG cannot be read/,
    );
    expect(() => dockerConfig(machine({}, { '.docker/config.json': '[1]' }))).toThrow(/cannot be read/);
  });

  it('may ask a credential helper that is not there', () => {
    const store = { '.docker/config.json': '{"credsStore":"desktop"}' };
    expect(missingCredentialHelper(machine({ PATH: '/nowhere' }, store))).toBe('docker-credential-desktop');
    const there = machine({}, { ...store, 'bin/docker-credential-desktop': '' });
    const PATH = `/nowhere:${join(there.home, 'bin')}`;
    expect(missingCredentialHelper({ ...there, env: { PATH } })).toBe('docker-credential-desktop');
    chmodSync(join(there.home, 'bin/docker-credential-desktop'), 0o755);
    expect(missingCredentialHelper({ ...there, env: { PATH } })).toBeNull();
    const helpers = (registry: string) => ({
      '.docker/config.json': JSON.stringify({ credHelpers: { [registry]: 'x' } }),
    });
    expect(missingCredentialHelper(machine({}, helpers('docker.io')))).toBe('docker-credential-x');
    // No image of ours comes from there.
    expect(missingCredentialHelper(machine({}, helpers('registry.example')))).toBeNull();
    expect(missingCredentialHelper(machine({}))).toBeNull();
  });
});
