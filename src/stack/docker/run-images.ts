import { basename, dirname } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { DockerStack, ServiceDefinition } from '../definition.js';
import type { StartRequest } from '../stack.js';
import { ensureImage } from './image.js';
import { ensureAll, type ImageMaker } from './images.js';
import { MOUNTS, mountsImage } from './mounts.js';
import { OUTSIDE_MTA, outsideMtaImage } from './outside-mta.js';
import { arrayImage, OUTSIDE, outsideImage, TOXIPROXY } from './test-bed.js';
import { toxiproxyImage } from './toxiproxy-image.js';

/** The image of each service of a stack by its name, and of what the test bed is made of. */
export type Images = (name: string) => string;

/** The image of a stack's own service. */
async function imageOf(
  client: ContainerRuntimeClient,
  service: ServiceDefinition,
  progress: (line: string) => void,
): Promise<string> {
  const { context: contextDir, dockerfile, arguments: args } = service.build;
  const part = dirname(dockerfile) === '.' ? [] : [dirname(dockerfile)];
  // A folder may have any name, an image only lower-case letters, digits and hyphens.
  const name = [basename(contextDir), ...part]
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return ensureImage(client, { name, contextDir, dockerfile, args }, progress);
}

/** Builds or pulls what is not there yet. */
export async function imagesOf(
  client: ContainerRuntimeClient,
  stack: DockerStack,
  { plan, toxiproxy, progress }: Pick<StartRequest, 'plan' | 'toxiproxy' | 'progress'>,
): Promise<Images> {
  const makers = new Map<string, ImageMaker>([
    [arrayImage.name, (tell) => ensureImage(client, arrayImage, tell)],
    ...Object.entries(stack.services).map(([name, service]): [string, ImageMaker] => [
      name,
      (tell) => imageOf(client, service, tell),
    ]),
    [OUTSIDE, (tell) => outsideImage(client, tell)],
    [MOUNTS, (tell) => ensureImage(client, mountsImage, tell)],
    [TOXIPROXY, async (tell) => (await toxiproxyImage(client, toxiproxy, tell)).image],
  ]);
  if (plan.outsideMtas.length > 0) makers.set(OUTSIDE_MTA, (tell) => outsideMtaImage(client, tell));
  const images = await ensureAll(makers, progress);
  return (name) => images.get(name) ?? '';
}
