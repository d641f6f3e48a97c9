import { existsSync, readFileSync, statSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { networkInterfaces, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { describeError, NobounceError } from '../../errors/errors.js';
import { variable, type Machine } from './docker-config.js';
import { localEndpoints, namedEndpoint, socketPath, type Endpoint } from './endpoint.js';

/** An engine that answers. */
export interface Engine {
  readonly endpoint: Endpoint;
  readonly kind: 'docker' | 'podman';
  readonly version: string;
}

const ANSWER_TIMEOUT_MS = 10_000;
/** Of an answer that is kept; an engine's is some 1,500 bytes. */
const MAX_ANSWER_BYTES = 65_536;

const versionSchema = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Components: z.array(z.object({ Name: z.string() })).default([]),
});

type Certificates = Readonly<Record<'ca' | 'cert' | 'key', Buffer>>;

/** @throws NobounceError (`environment`) where one cannot be read. */
function readCertificates(dir: string): Certificates {
  const read = (name: string): Buffer => readFileSync(join(dir, name));
  try {
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (cause) {
    const advice = 'mend DOCKER_CERT_PATH, or unset DOCKER_TLS_VERIFY';
    throw new NobounceError('environment', `the certificates in ${dir} cannot be read`, { advice, cause });
  }
}

/** `path` over a connection to the engine; rejects where none is made or no whole answer comes. */
function get(endpoint: Endpoint, path: string): Promise<string> {
  const { uri, certPath } = endpoint;
  const certificates = certPath === null ? null : readCertificates(certPath);
  const socket = socketPath(endpoint);
  const { hostname, port } = new URL(uri);
  const where: RequestOptions =
    // An address of IPv6 stands in brackets in a URL, and nowhere else.
    socket === null ? { host: hostname.replace(/^\[(.*)\]$/, '$1'), port } : { socketPath: socket };
  const options = {
    ...where,
    path,
    headers: { 'User-Agent': 'nobounce' },
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  };
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage): void => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER_BYTES)
          response.destroy(new Error('the answer is too long for an engine'));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`it answers ${String(response.statusCode)}: ${text.trim().slice(0, 200)}`));
      });
    };
    const request =
      certificates === null
        ? plainRequest(options, answered)
        : tlsRequest({ ...options, ...certificates }, answered);
    request.on('error', reject);
    request.end();
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const timedOut = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || codeOf(error) === 'ABORT_ERR');

/** What is wrong, by the error that came of asking. */
type Trouble = 'not there' | 'no permission' | 'not answering' | 'wrong' | 'wrong certificates';

interface Diagnosis {
  readonly trouble: Trouble;
  readonly text: string;
}

function diagnose(endpoint: Endpoint, error: unknown): Diagnosis {
  const socket = socketPath(endpoint);
  const code = codeOf(error);
  if (code === 'ENOENT') return { trouble: 'not there', text: `there is no socket ${socket ?? ''}` };
  if (code === 'EACCES' || code === 'EPERM')
    return {
      trouble: 'no permission',
      text: `user ${userInfo().username} may not use the socket ${socket ?? ''}`,
    };
  if (
    socket !== null &&
    code === 'ECONNREFUSED' &&
    statSync(socket, { throwIfNoEntry: false })?.isSocket() === false
  )
    return { trouble: 'wrong', text: `${socket} is no socket` };
  if (code === 'ECONNREFUSED')
    return { trouble: 'not answering', text: 'nobody listens there (ECONNREFUSED)' };
  if (['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL'].includes(code))
    return { trouble: 'not answering', text: `it cannot be reached (${code})` };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EINVAL')
    return { trouble: 'wrong', text: `this machine knows no such host (${code})` };
  if (timedOut(error))
    return { trouble: 'not answering', text: `no answer within ${String(ANSWER_TIMEOUT_MS / 1_000)} s` };
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return { trouble: 'not answering', text: 'the connection was closed without an answer' };
  if (/HTTP request to an HTTPS server/i.test(describeError(error)))
    return { trouble: 'wrong certificates', text: 'it speaks TLS, and DOCKER_TLS_VERIFY is not set' };
  if (endpoint.certPath !== null && /CERT|SSL|TLS|EPROTO/.test(code))
    return {
      trouble: 'wrong certificates',
      text: `no TLS with the certificates in ${endpoint.certPath}: ${describeError(error)}`,
    };
  return { trouble: 'wrong', text: describeError(error) };
}

/** Asks for the engine's version. @throws NobounceError (`environment`) where what answers is no engine. */
async function askEngine(endpoint: Endpoint): Promise<Engine> {
  const text = await get(endpoint, '/version');
  let answer: z.output<typeof versionSchema>;
  try {
    answer = versionSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error('what answers there is no Docker engine', { cause });
  }
  const isPodman = answer.Components.some(({ Name }) => /podman/i.test(Name));
  return { endpoint, kind: isPodman ? 'podman' : 'docker', version: answer.Version };
}

/** Podman's socket where Docker has none; null where there is none of it either. */
function podmanSocket(machine: Machine): string | null {
  const runtime = variable(machine, 'XDG_RUNTIME_DIR');
  const sockets = [
    ...(runtime === undefined ? [] : [join(runtime, 'podman', 'podman.sock')]),
    '/run/podman/podman.sock',
  ];
  return sockets.find((path) => existsSync(path)) ?? null;
}

function advice(machine: Machine, endpoint: Endpoint, trouble: Trouble): string {
  if (trouble === 'no permission')
    return `\`sudo usermod -aG docker ${userInfo().username}\`, then log in again (or \`newgrp docker\`)`;
  if (trouble === 'wrong certificates') return 'mend DOCKER_TLS_VERIFY and DOCKER_CERT_PATH';
  if (endpoint.namedBy !== null)
    return trouble === 'wrong'
      ? `mend or unset ${endpoint.setting}`
      : `start that engine, or unset ${endpoint.setting} to use the one of this machine`;
  if (trouble === 'not there') {
    const podman = podmanSocket(machine);
    if (podman !== null)
      return `Podman is here: \`DOCKER_HOST=unix://${podman}\` uses it, but nobounce is tested with Docker alone`;
    return 'install and start it (on Debian and Ubuntu: `sudo bash scripts/setup-docker.sh`), then run `nobounce doctor`';
  }
  return 'start it: `sudo systemctl start docker`, then run `nobounce doctor`';
}

function unreachable(machine: Machine, endpoint: Endpoint, { trouble, text }: Diagnosis): NobounceError {
  const what = endpoint.namedBy ?? `no Docker engine answers at ${endpoint.uri}`;
  return new NobounceError('environment', `${what}: ${text}`, { advice: advice(machine, endpoint, trouble) });
}

/** Whether the addresses of a host are this machine's: ports of containers are bound to its 127.0.0.1. */
async function isThisMachine(host: string): Promise<boolean> {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  );
  const found = await lookup(host.replace(/^\[(.*)\]$/, '$1'), { all: true });
  return found.some(({ address }) => address.startsWith('127.') || own.has(address));
}

/** @throws NobounceError (`environment`) where containers' ports could not be reached from here. */
async function requireLocal(machine: Machine, endpoint: Endpoint): Promise<void> {
  const override = variable(machine, 'TESTCONTAINERS_HOST_OVERRIDE');
  if (override !== undefined) {
    try {
      await lookup(override);
    } catch (cause) {
      throw new NobounceError(
        'environment',
        `TESTCONTAINERS_HOST_OVERRIDE=${override}: this machine knows no such host`,
        {
          advice: 'unset it: the ports of containers are bound to 127.0.0.1',
          cause,
        },
      );
    }
    return;
  }
  if (socketPath(endpoint) !== null || (await isThisMachine(new URL(endpoint.uri).hostname))) return;
  throw new NobounceError(
    'environment',
    `${endpoint.namedBy ?? endpoint.uri}: that engine is on another machine, and the ports of containers are bound to its 127.0.0.1`,
    {
      advice: `run nobounce on that machine, or unset ${endpoint.setting}; where you forward the ports, say where to with TESTCONTAINERS_HOST_OVERRIDE`,
    },
  );
}

/**
 * The engine to use: the one that somebody named, and no other; else the first one of this machine that answers.
 * @throws NobounceError (`environment`) which tells apart what is not there, does not answer, may not be used, or is
 * named wrongly, and by what.
 */
export async function findEngine(machine: Machine): Promise<Engine> {
  const named = namedEndpoint(machine);
  if (named !== null) {
    try {
      const engine = await askEngine(named);
      await requireLocal(machine, named);
      return engine;
    } catch (error) {
      throw error instanceof NobounceError ? error : unreachable(machine, named, diagnose(named, error));
    }
  }
  let told: { readonly trouble: Trouble; readonly error: NobounceError } | undefined;
  for (const candidate of localEndpoints(machine)) {
    const socket = socketPath(candidate);
    // The first is asked anyway: its error is what a person expects to read.
    if (told !== undefined && (socket === null || !existsSync(socket))) continue;
    try {
      const engine = await askEngine(candidate);
      await requireLocal(machine, candidate);
      return engine;
    } catch (error) {
      if (error instanceof NobounceError) throw error;
      const found = diagnose(candidate, error);
      // A socket that is there and does not answer tells more than one that is missing.
      if (told === undefined || told.trouble === 'not there')
        told = { trouble: found.trouble, error: unreachable(machine, candidate, found) };
    }
  }
  throw told?.error ?? new NobounceError('environment', 'this system has no place for a Docker engine');
}
