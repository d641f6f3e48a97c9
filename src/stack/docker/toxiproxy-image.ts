import { join } from 'node:path';
import { ImageName, type ContainerRuntimeClient } from 'testcontainers';
import { withDeadline } from '../../errors/deadline.js';
import { describeError, NobounceError } from '../../errors/errors.js';
import { PACKAGE_DIR, withNodeContext } from './context.js';
import { ensureImage } from './image.js';

const OFFICIAL = 'ghcr.io/shopify/toxiproxy:2.12.0';
const PULL_TIMEOUT_MS = 60_000;

export interface ToxiproxyImage {
  readonly image: string;
  readonly builtIn: boolean;
}

/** Pulls an image with a deadline; null where it cannot be had. */
async function pull(client: ContainerRuntimeClient, image: string): Promise<Error | null> {
  const name = ImageName.fromString(image);
  try {
    if (await client.image.exists(name)) return null;
    await withDeadline(
      client.image.pull(name, { force: false, platform: undefined }),
      PULL_TIMEOUT_MS,
      `pull of ${image}`,
    );
    return (await client.image.exists(name)) ? null : new Error(`${image} was not pulled`);
  } catch (error) {
    return error instanceof Error ? error : new Error(describeError(error));
  }
}

/**
 * The Toxiproxy to run: the image asked for; else the official one where it can be had, else the one built into
 * nobounce. Throws an environment error where what was asked for cannot be had.
 */
export async function toxiproxyImage(
  client: ContainerRuntimeClient,
  wanted: string | undefined,
  progress: (line: string) => void,
): Promise<ToxiproxyImage> {
  if (wanted !== undefined && wanted !== 'builtin') {
    const failure = await pull(client, wanted);
    if (failure === null) return { image: wanted, builtIn: false };
    throw new NobounceError('environment', `cannot pull ${wanted}`, {
      cause: failure,
      advice: 'leave --toxiproxy out, or use `--toxiproxy builtin`',
    });
  }
  if (wanted === undefined) {
    const failure = await pull(client, OFFICIAL);
    if (failure === null) return { image: OFFICIAL, builtIn: false };
    progress(`${OFFICIAL} cannot be had here: using the built-in Toxiproxy`);
  }
  const app = { compiled: ['toxiproxy', 'errors', 'units'], packages: [] };
  const image = await withNodeContext(join(PACKAGE_DIR, 'images', 'toxiproxy'), app, (contextDir) =>
    ensureImage(client, { name: 'toxiproxy', contextDir, dockerfile: 'Dockerfile', args: {} }, progress),
  );
  return { image, builtIn: true };
}
