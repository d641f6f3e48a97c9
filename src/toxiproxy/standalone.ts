import { readFile } from 'node:fs/promises';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import { startToxiproxyServer } from './server.js';

export interface StandaloneOptions {
  readonly host?: string;
  readonly port?: number;
  /** As the server's `allowedHosts`. */
  readonly allowedHosts?: readonly string[];
  /** A JSON file as `POST /populate` takes it. */
  readonly configPath?: string;
}

/** The environment variable with further allowed hosts, separated by commas: what a container is given easily. */
const ALLOWED_HOSTS = 'NOBOUNCE_TOXIPROXY_ALLOW_HOSTS';

/** From the signal to the end of the process, whatever its sockets and its look-ups of names do. */
const END_MS = 700;

/**
 * Runs a Toxiproxy server until SIGTERM or SIGINT, which end it and the process at once; says on standard
 * output where it listens. Unlike upstream it does not start with a configuration that cannot be read.
 * @throws {NobounceError} `usage` for a bad configuration, `environment` where it cannot listen.
 */
export async function runStandalone({
  host,
  port,
  allowedHosts = [],
  configPath,
}: StandaloneOptions): Promise<never> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        endInTime(signal);
        resolve();
      });
    }
  });
  const config = configPath === undefined ? undefined : await readConfig(configPath);
  const server = await startToxiproxyServer({
    allowedHosts: [...allowedHosts, ...(process.env[ALLOWED_HOSTS]?.split(',') ?? [])],
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(config === undefined ? {} : { config }),
  });
  process.stdout.write(`Toxiproxy (built into nobounce) listens on ${server.url}\n`);
  await stopped;
  await server.close();
  // Not left to an empty event loop: a handle that cannot be closed would keep Node.js clearing up for ever.
  process.exit(EXIT_CODE.pass);
}

/** Nothing may keep the process from ending, not a close that hangs either: what is open then is told. */
function endInTime(signal: string): void {
  setTimeout(() => {
    const left = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(`ended ${String(END_MS)} ms after ${signal} with these still open: ${left}\n`);
    process.exit(EXIT_CODE.pass);
  }, END_MS);
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new NobounceError('usage', 'The list of proxies cannot be read', {
      advice: 'Give --config the path of a JSON file.',
      cause: error,
    });
  }
}
