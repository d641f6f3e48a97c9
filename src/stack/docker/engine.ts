import { getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { withDeadline } from '../../errors/deadline.js';
import { NobounceError } from '../../errors/errors.js';
import { thisMachine } from './docker-config.js';
import { socketPath, type Endpoint } from './endpoint.js';
import { findEngine } from './reach.js';

/** Images are named, not labelled: testcontainers' builder sets its own labels only. */
export const IMAGE_PREFIX = 'nobounce/';

const modemSchema = z.object({
  socketPath: z.string().optional(),
  host: z.string().optional(),
  port: z.coerce.string().optional(),
});

/** Where a client of testcontainers has in fact connected to. */
function connectedTo(client: ContainerRuntimeClient): string {
  const { socketPath: socket, host, port } = modemSchema.parse(client.container.dockerode.modem);
  return host === undefined ? (socket ?? '') : `${host}:${port ?? ''}`;
}

/**
 * Tells testcontainers which engine to use. Left alone it tries one place after another, and starts containers on
 * whichever answers.
 */
function pin({ uri, certPath }: Endpoint): void {
  process.env['DOCKER_HOST'] = uri;
  if (certPath === null) {
    delete process.env['DOCKER_TLS_VERIFY'];
    delete process.env['DOCKER_CERT_PATH'];
  } else {
    process.env['DOCKER_TLS_VERIFY'] = '1';
    process.env['DOCKER_CERT_PATH'] = certPath;
  }
  // Its own reaper is left out: its image needs a registry, and nobounce sweeps by label itself.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  // Empty counts as not set; without it, an image is pulled to find the host out.
  if ((process.env['TESTCONTAINERS_HOST_OVERRIDE'] ?? '').trim() === '')
    process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';
}

const CONNECT_TIMEOUT_MS = 30_000;

async function connect(): Promise<ContainerRuntimeClient> {
  const { endpoint } = await findEngine(thisMachine());
  pin(endpoint);
  const named = endpoint.namedBy ?? endpoint.uri;
  let client: ContainerRuntimeClient;
  try {
    client = await withDeadline(getContainerRuntimeClient(), CONNECT_TIMEOUT_MS, 'asking the engine');
  } catch (cause) {
    const advice = '`nobounce doctor` says what it sees; DEBUG=testcontainers* what was tried';
    throw new NobounceError('environment', `the engine ${named} answers, but cannot be used`, {
      cause,
      advice,
    });
  }
  const expected = socketPath(endpoint) ?? endpoint.uri.replace('tcp://', '');
  const actual = connectedTo(client);
  if (actual === expected) return client;
  throw new NobounceError(
    'environment',
    `${named} was asked for, but testcontainers has connected to ${actual}`,
    {
      advice: 'the engine stopped answering in between, or this process used another one before',
    },
  );
}

let connecting: Promise<ContainerRuntimeClient> | undefined;

/**
 * Connects to the Docker engine that was named, or to this machine's own where nobody named one.
 * @throws NobounceError (`environment`) that says what is wrong with it, and what to do.
 */
export async function connectEngine(): Promise<ContainerRuntimeClient> {
  connecting ??= connect();
  try {
    return await connecting;
  } catch (error) {
    connecting = undefined;
    throw error;
  }
}
