import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { ContainerDefinition } from '../definition.js';
import { PACKAGE_DIR } from './context.js';
import { ensureImage } from './image.js';
import { BED } from './test-bed.js';

/** Under which the image of the outside MTAs is known here. */
export const OUTSIDE_MTA = 'outside-mta';

/**
 * A real Postfix that correspondents hand their mail to. It is the one of the stacks that come with nobounce, with
 * another configuration: `NOBOUNCE_DELIVERY=outside` (stacks/postfix-dovecot/mta/bin/mta-init). It relays to the
 * scenario's domains and to the outside, and to nowhere else.
 */
export const outsideMtaDefinition: ContainerDefinition = {
  ...BED,
  role: 'outside-mta',
  environment: { NOBOUNCE_DELIVERY: 'outside' },
  ports: { mx: 25 },
  capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETUID', 'SETGID', 'KILL', 'NET_BIND_SERVICE'],
  clock: 'movable',
  commands: {
    watchQueue: ['queue-watch', '--interval-ms', '{intervalMs}'],
    flushQueue: ['mta-ctl', 'flush'],
    queueLifetimes: ['mta-ctl', 'lifetimes'],
  },
};

/** Builds the image where it is not there yet. */
export function outsideMtaImage(
  client: ContainerRuntimeClient,
  progress: (line: string) => void,
): Promise<string> {
  // The same name and content as the stack's own image: it is built once.
  const contextDir = join(PACKAGE_DIR, 'stacks', 'postfix-dovecot');
  const source = { name: 'postfix-dovecot-mta', contextDir, dockerfile: 'mta/Dockerfile', args: {} };
  return ensureImage(client, source, progress);
}
