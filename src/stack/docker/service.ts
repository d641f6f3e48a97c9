import type { StartedTestContainer } from 'testcontainers';
import { NobounceError } from '../../errors/errors.js';
import type { ContainerDefinition } from '../definition.js';
import type { Address } from '../stack.js';
import type { ServiceLog } from './service-log.js';

/** A service's container, and the log that it prints. */
export interface DockerService {
  readonly name: string;
  readonly definition: ContainerDefinition;
  readonly container: StartedTestContainer;
  readonly image: string;
  readonly log: ServiceLog;
}

/** Where this machine reaches a port of a service. Throws a usage error where the stack declares no such port. */
export function endpointOf(
  { container, definition, name }: DockerService,
  purpose: 'mx' | 'submission' | 'imap',
): Address {
  const port = definition.ports[purpose];
  if (port === undefined)
    throw new NobounceError('usage', `the service ${name} declares no port for ${purpose}`);
  return { host: container.getHost(), port: container.getMappedPort(port) };
}
