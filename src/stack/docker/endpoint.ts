import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NobounceError } from '../../errors/errors.js';
import { dockerConfig, dockerConfigDir, dockerContext, variable, type Machine } from './docker-config.js';

/** Where a Docker engine is to be found. */
export interface Endpoint {
  /** `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375` or `npipe:////./pipe/docker_engine`. */
  readonly uri: string;
  /** Who named it, as a person would write it, such as `DOCKER_HOST=tcp://127.0.0.1:2375`; null where nobody did. */
  readonly namedBy: string | null;
  /** The setting to change where it is wrong; empty where nobody named it. */
  readonly setting: string;
  /** The folder with ca.pem, cert.pem and key.pem; null without TLS. */
  readonly certPath: string | null;
}

const CERTIFICATES = ['ca.pem', 'cert.pem', 'key.pem'] as const;
const PLAIN_PORT = '2375';
const TLS_PORT = '2376';

function refuse(message: string, advice: string): NobounceError {
  return new NobounceError('environment', message, { advice });
}

/** `key=value` and `key: value` lines (java.util.Properties), as far as testcontainers' file has them. */
function properties(machine: Machine): ReadonlyMap<string, string> {
  const file = join(machine.home, '.testcontainers.properties');
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [, key, value] = /^\s*([^#!\s=:][^\s=:]*)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined || value === '' ? [] : [[key, value]];
    }),
  );
}

/** Certificates where TLS is asked for: by DOCKER_TLS_VERIFY, DOCKER_TLS, or testcontainers' file. */
function certificates(machine: Machine, file: ReadonlyMap<string, string>): string | null {
  const asked = ['DOCKER_TLS_VERIFY', 'DOCKER_TLS'].find((name) => variable(machine, name) !== undefined);
  if (asked === undefined && file.get('docker.tls.verify') !== '1') return null;
  const own = variable(machine, 'DOCKER_CERT_PATH') ?? file.get('docker.cert.path');
  const dir = own ?? dockerConfigDir(machine);
  const missing = CERTIFICATES.find((name) => !existsSync(join(dir, name)));
  if (missing === undefined) return dir;
  const by = asked ?? 'docker.tls.verify in ~/.testcontainers.properties';
  throw refuse(
    `${by} asks for TLS, but there is no ${join(dir, missing)}`,
    own === undefined ? 'name the folder of the certificates in DOCKER_CERT_PATH' : 'mend DOCKER_CERT_PATH',
  );
}

/** Brings what a person wrote to one form. `setting` is what to mend where it is wrong. */
function endpoint(written: string, namedBy: string, setting: string, certPath: string | null): Endpoint {
  const named = { namedBy, setting };
  const local = /^(unix|npipe):\/\/(\/.+)$/.exec(written);
  if (local !== null) return { ...named, uri: written, certPath: null };
  if (/^ssh:/i.test(written)) {
    throw refuse(
      `${namedBy}: engines behind SSH cannot be used: the ports of containers are bound to 127.0.0.1 of the engine's machine`,
      `run nobounce on that machine, or change ${setting}`,
    );
  }
  const url = /^(tcp|http|https):\/\//i.test(written) && URL.canParse(written) ? new URL(written) : null;
  if (url === null || url.hostname === '') {
    throw refuse(
      `${namedBy} is no address of an engine`,
      `mend ${setting}: expected unix:///var/run/docker.sock, or tcp://127.0.0.1:${PLAIN_PORT}`,
    );
  }
  if (url.protocol === 'https:' && certPath === null) {
    throw refuse(
      `${namedBy} asks for TLS without certificates`,
      'set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH',
    );
  }
  // URL drops the ports that are usual for http and https.
  const usual = url.protocol === 'http:' ? '80' : url.protocol === 'https:' ? '443' : '';
  const port =
    /:(\d+)\/*$/.exec(written)?.[1] ?? (usual !== '' ? usual : certPath === null ? PLAIN_PORT : TLS_PORT);
  return { ...named, uri: `tcp://${url.hostname}:${port}`, certPath };
}

function contextEndpoint(machine: Machine, name: string, by: string, setting: string): Endpoint | null {
  if (name === 'default') return null;
  const context = dockerContext(machine, name);
  if (context?.host === undefined) {
    throw refuse(
      `${by}: there is no Docker context ${JSON.stringify(name)} with an engine`,
      '`docker context ls` shows them; `docker context use default` goes back to the engine of this machine',
    );
  }
  return endpoint(context.host, `${by} (${context.host})`, setting, context.certPath);
}

/**
 * The engine that somebody named, in the order in which the docker command and testcontainers listen to: DOCKER_HOST,
 * `tc.host`, DOCKER_CONTEXT, `docker.host` (both of ~/.testcontainers.properties), the current context. Null where
 * nobody did: then any engine of this machine will do.
 * @throws NobounceError (`environment`) which names the setting that is wrong, also where two name different engines.
 */
export function namedEndpoint(machine: Machine): Endpoint | null {
  const file = properties(machine);
  const certPath = certificates(machine, file);
  const host = variable(machine, 'DOCKER_HOST');
  const context = variable(machine, 'DOCKER_CONTEXT');
  const byVariable =
    host !== undefined
      ? endpoint(host, `DOCKER_HOST=${host}`, 'DOCKER_HOST', certPath)
      : context !== undefined
        ? contextEndpoint(machine, context, `DOCKER_CONTEXT=${context}`, 'DOCKER_CONTEXT')
        : null;
  const inFile = (key: string): Endpoint | null => {
    const value = file.get(key);
    const where = `${key} in ~/.testcontainers.properties`;
    return value === undefined ? null : endpoint(value, `${where} (${value})`, where, certPath);
  };
  const testcontainers = inFile('tc.host');
  if (testcontainers !== null && byVariable !== null && testcontainers.uri !== byVariable.uri) {
    throw refuse(
      `two engines are named: ${byVariable.namedBy ?? ''}, and ${testcontainers.namedBy ?? ''}`,
      `leave one of them out: unset ${byVariable.setting}, or take tc.host out of that file`,
    );
  }
  const named = testcontainers ?? byVariable;
  // DOCKER_CONTEXT=default asks for this machine's own engine.
  if (named !== null || context !== undefined) return named;
  const { currentContext } = dockerConfig(machine);
  return (
    inFile('docker.host') ??
    (currentContext === undefined
      ? null
      : contextEndpoint(machine, currentContext, `the Docker context ${currentContext}`, 'the context'))
  );
}

/** Where an engine of this machine may listen, likeliest first. */
export function localEndpoints(machine: Machine): readonly Endpoint[] {
  const { home, platform, uid } = machine;
  const nobody = { namedBy: null, setting: '', certPath: null };
  if (platform === 'win32') return [{ ...nobody, uri: 'npipe:////./pipe/docker_engine' }];
  const runtime = variable(machine, 'XDG_RUNTIME_DIR');
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock')]),
    join(home, '.docker', 'run', 'docker.sock'),
    join(home, '.docker', 'desktop', 'docker.sock'),
    ...(uid === null ? [] : [`/run/user/${String(uid)}/docker.sock`]),
  ];
  return [...new Set(sockets)].map((path) => ({ ...nobody, uri: `unix://${path}` }));
}

/** The path of a socket or pipe; null for an engine that is reached over TCP. */
export function socketPath({ uri }: Endpoint): string | null {
  return /^(?:unix|npipe):\/\/(.+)$/.exec(uri)?.[1] ?? null;
}
