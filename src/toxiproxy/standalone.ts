import { readFile } from 'node:fs/promises';
import { NobounceError } from '../errors/errors.js';
import { startToxiproxyServer } from './server.js';

export interface StandaloneOptions {
  readonly host?: string;
  readonly port?: number;
  /** A JSON file as `POST /populate` takes it. */
  readonly configPath?: string;
}

/**
 * Runs a Toxiproxy server until SIGTERM or SIGINT, which end it at once; says on standard output where it
 * listens. Unlike upstream it does not start with a configuration that cannot be read.
 * @throws {NobounceError} `usage` for a bad configuration, `environment` where it cannot listen.
 */
export async function runStandalone({ host, port, configPath }: StandaloneOptions): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const config = configPath === undefined ? undefined : await readConfig(configPath);
  const server = await startToxiproxyServer({
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(config === undefined ? {} : { config }),
  });
  process.stdout.write(`Toxiproxy (built into nobounce) listens on ${server.url}\n`);
  await stopped;
  await server.close();
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
