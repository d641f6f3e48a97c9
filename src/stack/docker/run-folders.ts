import type { ContainerRuntimeClient } from 'testcontainers';
import { describeError, NobounceError } from '../../errors/errors.js';
import { engineCall } from './call.js';
import { IMAGE_PREFIX } from './engine.js';
import { MOUNTING_RIGHTS, MOUNTS, mountsDefinition, SHARED_TARGET } from './mounts.js';
import { oneShot } from './one-shot.js';
import { bindShared, isNotShared } from './shared-folder.js';

/** An image with `mounts-ctl` in it; null where no run has ever mounted anything, or the images were removed. */
async function imageWithControl(client: ContainerRuntimeClient): Promise<string | null> {
  const images = await engineCall(client.container.dockerode.listImages(), 'the list of images');
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  return tags.find((tag) => tag.startsWith(`${IMAGE_PREFIX}${MOUNTS}:`)) ?? null;
}

async function control(
  client: ContainerRuntimeClient,
  image: string,
  bind: string,
  args: readonly string[],
): Promise<string> {
  const command = ['mounts-ctl', ...args];
  const { capabilities } = mountsDefinition;
  const { securityOptions } = MOUNTING_RIGHTS;
  const { exitCode, said } = await oneShot(client, { image, command, bind, capabilities, securityOptions });
  if (exitCode === 0) return said;
  throw new NobounceError('environment', `\`${command.join(' ')}\` failed: ${said}`);
}

/** A folder that is shared no more, as after a restart of the machine, has no mounts; what else is in it goes as well. */
async function controlAnyway(
  client: ContainerRuntimeClient,
  image: string,
  folder: string,
  args: readonly string[],
): Promise<string> {
  try {
    return await control(client, image, bindShared(folder, SHARED_TARGET), args);
  } catch (error) {
    if (!isNotShared(error)) throw error;
    return control(client, image, `${folder}:${SHARED_TARGET}`, args);
  }
}

/** The runs that have a folder in the shared folder, dead and living. */
export async function listRunFolders(
  client: ContainerRuntimeClient,
  folder: string,
): Promise<readonly string[]> {
  const image = await imageWithControl(client);
  if (image === null) return [];
  return (await controlAnyway(client, image, folder, ['list'])).split('\n').filter((name) => name !== '');
}

/**
 * Unmounts what runs have mounted below the shared folder, and removes their folders. One that is not there is no error.
 * @throws NobounceError (`environment`) that names what is left.
 */
export async function removeRunFolders(
  client: ContainerRuntimeClient,
  folder: string,
  runs: readonly string[],
): Promise<void> {
  const image = await imageWithControl(client);
  try {
    if (image === null) throw new Error(`there is no image ${IMAGE_PREFIX}${MOUNTS} to remove them with`);
    await controlAnyway(client, image, folder, ['remove', ...runs]);
  } catch (cause) {
    const paths = runs.map((run) => `${folder}/${run}`).join(', ');
    throw new NobounceError('environment', `cannot remove ${paths}: ${describeError(cause)}`, {
      cause,
      advice:
        'the next run on containers removes them; by hand: unmount what is mounted there, then remove them',
    });
  }
}
