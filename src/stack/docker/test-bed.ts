import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import { DEFAULT_LIMITS, type ContainerDefinition } from '../definition.js';
import { PACKAGE_DIR, withNodeContext } from './context.js';
import { ensureImage, type ImageSource } from './image.js';

/** What a container of the test bed has where nothing else is said: no port, and no right. */
export const BED: Omit<ContainerDefinition, 'role'> = {
  environment: {},
  ports: {},
  capabilities: [],
  clock: 'fixed',
  limits: DEFAULT_LIMITS,
  dialect: 'postfix',
};

/** An image of the test bed, the same for every stack: images/ has a folder for each. */
export function bedImage(name: string): ImageSource {
  return { name, contextDir: join(PACKAGE_DIR, 'images', name), dockerfile: 'Dockerfile', args: {} };
}

/** The array of one volume; started once for each. */
export const arrayImage = bedImage('array');
export const arrayDefinition: ContainerDefinition = {
  ...BED,
  role: 'array',
  // GlusterFS keeps its own attributes of files where only SYS_ADMIN may write.
  capabilities: ['SYS_ADMIN', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
};

/** The rest of the Internet. */
export const OUTSIDE = 'outside';
export const outsideDefinition: ContainerDefinition = { ...BED, role: 'outside' };
export const OUTSIDE_COMMAND: readonly string[] = ['traffic/outside/main.js'];

/** Builds the outside's image with our own compiled code in it, where it is not there yet. */
export function outsideImage(
  client: ContainerRuntimeClient,
  progress: (line: string) => void,
): Promise<string> {
  const { contextDir, ...source } = bedImage(OUTSIDE);
  const app = { compiled: ['traffic/outside'], packages: ['smtp-server'] };
  return withNodeContext(contextDir, app, (dir) =>
    ensureImage(client, { ...source, contextDir: dir }, progress),
  );
}

export const TOXIPROXY = 'toxiproxy';

/** @param host by which its API is called: the engine may be on another machine. */
export function toxiproxyDefinition(host: string): ContainerDefinition {
  return { ...BED, role: 'toxiproxy', environment: { NOBOUNCE_TOXIPROXY_ALLOW_HOSTS: host } };
}
