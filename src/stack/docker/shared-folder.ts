import type { ContainerRuntimeClient } from 'testcontainers';
import { z } from 'zod';
import { describeError, NobounceError } from '../../errors/errors.js';
import { engineCall } from './call.js';
import { oneShot } from './one-shot.js';

const VARIABLE = 'NOBOUNCE_SHARED_FOLDER';
const DEFAULT = '/var/lib/nobounce';

/**
 * The folder of the engine's machine below which every engine has its own (`engineFolder`). It has to lie on a shared
 * mount, or no container would see what another one mounts there.
 * @throws NobounceError (`usage`) where the environment names something that is no absolute path.
 */
export function sharedFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const named = (environment[VARIABLE] ?? '').trim();
  if (named === '') return DEFAULT;
  if (/^(?:\/(?!\.\.?(?:\/|$))[^/:]+)+$/.test(named)) return named;
  throw new NobounceError('usage', `${VARIABLE} is ${JSON.stringify(named)}`, {
    advice: `it names an absolute path without a colon, such as ${DEFAULT}`,
  });
}

const engineInfo = z.object({ ID: z.string() });

/**
 * The engine's own folder in the shared one, below which every run has its mount points, one folder a run. Two engines
 * on one machine share it: neither knows the other's runs, and each would take them for dead.
 */
export async function engineFolder(client: ContainerRuntimeClient): Promise<string> {
  const info: unknown = await engineCall(client.container.dockerode.info(), 'its id');
  return `${sharedFolder()}/${folderOfEngine(engineInfo.parse(info).ID)}`;
}

/** @param id as `docker info` shows it; the colons that it may have would end a path in a bind. */
export function folderOfEngine(id: string): string {
  const short = id
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 12);
  return `engine-${short === '' ? 'unnamed' : short}`;
}

/** Bound so, what is mounted below it in one container is mounted in all of them. */
export function bindShared(folder: string, target: string): string {
  return `${folder}:${target}:rshared`;
}

/** Bound so, the container sees what others mount and unmount below it, and nobody sees what it does. */
export function bindSeeing(folder: string, target: string): string {
  return `${folder}:${target}:rslave`;
}

/** Whether this is what the engine says of a folder that lies on no shared mount. */
export function isNotShared(error: unknown): boolean {
  return /not a shared (?:or slave )?mount/.test(describeError(error));
}

/** What mends a folder that lies on no shared mount. */
export function sharingAdvice(folder: string): string {
  return (
    'on the machine of the engine: `sudo bash scripts/setup-docker.sh`, or ' +
    `\`sudo mkdir -p ${folder} && sudo mount --bind ${folder} ${folder} && sudo mount --make-shared ${folder}\``
  );
}

/** @returns the error to throw where the engine will not share the folder. */
export function notShared(folder: string, cause: unknown): NobounceError {
  return new NobounceError(
    'environment',
    `${folder} lies on no shared mount: the mail containers would not see the volumes that are mounted there`,
    { cause, advice: sharingAdvice(folder) },
  );
}

/** Asks the engine, by a container with the folder bound as a run binds it. @param image one with `true` in it. */
export async function engineShares(
  client: ContainerRuntimeClient,
  image: string,
  folder: string,
): Promise<boolean> {
  const bind = bindShared(folder, '/shared');
  try {
    await oneShot(client, { image, command: ['true'], bind, capabilities: [], securityOptions: [] });
    return true;
  } catch (error) {
    if (isNotShared(error)) return false;
    throw error;
  }
}
